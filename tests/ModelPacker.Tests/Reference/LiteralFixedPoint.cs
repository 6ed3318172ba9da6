namespace TinyAI.ModelPacker.Tests.Reference;

/// <summary>
/// The primitives of TFLite's quantised arithmetic written down as they are defined (gemmlowp fixedpoint.h, TFLite
/// quantization_util.cc), with the sign-dependent nudge, the masks and the divisions that the device code avoids.
/// </summary>
internal static class LiteralFixedPoint
{
    public static int Srdhm(int a, int b)
    {
        if (a == b && a == int.MinValue) return int.MaxValue;
        long ab = (long)a * b;
        long nudge = ab >= 0 ? 1 << 30 : 1 - (1 << 30);
        return (int)((ab + nudge) / (1L << 31));
    }

    public static int Rdbpot(int x, int exponent)
    {
        long mask = (1L << exponent) - 1, remainder = x & mask, threshold = (mask >> 1) + (x < 0 ? 1 : 0);
        return (x >> exponent) + (remainder > threshold ? 1 : 0);
    }

    /// <summary>MultiplyByQuantizedMultiplier, double rounding.</summary>
    public static int Mbqm(int x, (int Multiplier, int Shift) m)
    {
        int left = Math.Max(m.Shift, 0), right = Math.Max(-m.Shift, 0);
        return Rdbpot(Srdhm(unchecked(x * (1 << left)), m.Multiplier), right);
    }

    /// <summary>MultiplyByQuantizedMultiplier of a 64-bit number: a 16-bit multiplier, one rounding.</summary>
    public static int Mbqm64(long x, (int Multiplier, int Shift) m)
    {
        int reduced = m.Multiplier < 0x7FFF0000 ? (m.Multiplier + (1 << 15)) >> 16 : 0x7FFF;
        return (int)((x * reduced + (1L << (14 - m.Shift))) >> (15 - m.Shift));
    }

    public static (int Multiplier, int Shift) QuantizeMultiplier(double real)
    {
        if (real == 0) return (0, 0);
        int shift = 0;
        while (real >= 1) (real, shift) = (real / 2, shift + 1);
        while (real < 0.5) (real, shift) = (real * 2, shift - 1);
        long q = (long)Math.Floor(real * (1L << 31) + 0.5);
        if (q == 1L << 31) (q, shift) = (q / 2, shift + 1);
        return shift < -31 ? (0, 0) : ((int)q, shift);
    }

    /// <summary>SaturatingRoundingMultiplyByPOT for a positive exponent.</summary>
    public static int Satshl(int x, int exponent)
    {
        long wide = (long)x << exponent;
        long threshold = (1L << (31 - exponent)) - 1;
        return x > threshold ? int.MaxValue : x < -threshold ? int.MinValue : (int)wide;
    }

    public static short Clamp16(int x) => (short)Math.Clamp(x, short.MinValue, short.MaxValue);

    public static sbyte Clamp8(int x) => (sbyte)Math.Clamp(x, -128, 127);
}

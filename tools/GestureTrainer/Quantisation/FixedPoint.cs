namespace TinyAI.GestureTrainer.Quantisation;

/// <summary>
/// The integer primitives of the TFLite reference kernels (double rounding). Written out here a second time on purpose:
/// an evaluation that shared code with the runtime could not find the runtime wrong.
/// </summary>
internal static class FixedPoint
{
    /// <summary>A real multiplier as a Q0.31 factor and a shift to the left.</summary>
    public static (int Factor, int Shift) QuantiseMultiplier(double multiplier)
    {
        if (multiplier == 0)
            return (0, 0);
        int shift = Math.ILogB(multiplier) + 1;
        long factor = (long)Math.Round(Math.ScaleB(multiplier, 31 - shift), MidpointRounding.AwayFromZero);
        if (factor == 1L << 31)
        {
            factor /= 2;
            shift++;
        }
        return shift < -31 ? (0, 0) : ((int)factor, shift);
    }

    public static int SaturatingDoublingHighMultiply(int a, int b)
    {
        if (a == int.MinValue && b == int.MinValue)
            return int.MaxValue;
        long product = (long)a * b;
        long nudge = product >= 0 ? 1L << 30 : 1 - (1L << 30);
        return (int)((product + nudge) / (1L << 31));
    }

    public static int RoundingShiftRight(int x, int exponent)
    {
        int mask = (int)((1L << exponent) - 1);
        int remainder = x & mask;
        int threshold = (mask >> 1) + (x < 0 ? 1 : 0);
        return (x >> exponent) + (remainder > threshold ? 1 : 0);
    }

    /// <summary>x times the multiplier, rounded.</summary>
    public static int Requantise(int x, int factor, int shift)
    {
        int left = Math.Max(shift, 0);
        int right = Math.Max(-shift, 0);
        return RoundingShiftRight(SaturatingDoublingHighMultiply(unchecked(x * (1 << left)), factor), right);
    }

    /// <summary>exp(a) for a ≤ 0 in Q5.26, as Q0.31.</summary>
    public static int ExpOfNegative(int a)
    {
        if (a == 0)
            return int.MaxValue;
        const int quarter = 1 << 24;
        int remainderBelowQuarter = (a & (quarter - 1)) - quarter;
        int x = (remainderBelowQuarter << 5) + (1 << 28);
        int x2 = SaturatingDoublingHighMultiply(x, x);
        int x3 = SaturatingDoublingHighMultiply(x2, x);
        int x4 = SaturatingDoublingHighMultiply(x2, x2);
        int tail = RoundingShiftRight(
            SaturatingDoublingHighMultiply(RoundingShiftRight(x4, 2) + x3, 715827883) + x2, 1);
        int result = 1895147668 + SaturatingDoublingHighMultiply(1895147668, x + tail);
        int remaining = remainderBelowQuarter - a;
        // exp of -1/4, -1/2, -1, -2, -4, -8 and -16 in Q0.31, one for each bit that may be left.
        ReadOnlySpan<int> factors = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];
        for (int i = 0; i < factors.Length; i++)
        {
            if ((remaining & (1 << (24 + i))) != 0)
                result = SaturatingDoublingHighMultiply(result, factors[i]);
        }
        return result;
    }

    /// <summary>1 / (1 + a) for a in [0, 1), both Q0.31.</summary>
    public static int OneOverOnePlus(int a)
    {
        long sum = (long)a + int.MaxValue;
        int half = (int)((sum + (sum >= 0 ? 1 : -1)) / 2);
        int x = 1515870810 + SaturatingDoublingHighMultiply(half, -1010580540);
        for (int i = 0; i < 3; i++)
        {
            int error = (1 << 29) - SaturatingDoublingHighMultiply(half, x);
            x += SaturatingShiftLeft(SaturatingDoublingHighMultiply(x, error), 2);
        }
        return SaturatingShiftLeft(x, 1);
    }

    private static int SaturatingShiftLeft(int value, int shift)
    {
        int limit = (1 << (31 - shift)) - 1;
        return value > limit ? int.MaxValue : value < -limit ? int.MinValue : value << shift;
    }
}

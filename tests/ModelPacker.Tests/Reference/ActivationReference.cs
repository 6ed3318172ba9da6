using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Reference;

/// <summary>Functions of one int8 value as TFLM computes them per element: the formulas of its kernels, step by step.</summary>
internal static class ActivationReference
{
    public static int Logistic(int q, Q a)
    {
        if (Front(q, a, out int input) is { } saturated) return saturated;
        int positive = LiteralExponential.OneOverOnePlusX(LiteralExponential.ExpOnNegativeValues(input > 0 ? -input : input, 4));
        int y = input > 0 ? positive : input < 0 ? int.MaxValue - positive : 1 << 30;
        return Math.Clamp(Rdbpot(y, 23) - 128, -128, 127);
    }

    public static int Tanh(int q, Q a)
    {
        if (Front(q, a, out int input) is { } saturated) return saturated;
        int magnitude = LiteralExponential.OneMinusXOverOnePlusX(LiteralExponential.ExpOnNegativeValues(input > 0 ? -input : input, 5));
        int y = input == 0 ? 0 : input < 0 ? -magnitude : magnitude;
        return Math.Clamp(Rdbpot(y, 24), -128, 127);
    }

    private static int? Front(int q, Q a, out int input)
    {
        double real = (double)a.Scale * (1 << 27);
        int shift = 0;
        while (real >= 1) (real, shift) = (real / 2, shift + 1);
        while (real < 0.5) (real, shift) = (real * 2, shift - 1);
        int multiplier = (int)Math.Floor(real * (1L << 31) + 0.5), radius = (int)Math.Floor(15.0 * (1 << 27) / (1L << shift)), x = q - a.Zero;
        input = 0;
        if (x <= -radius) return -128;
        if (x >= radius) return 127;
        input = Mbqm(x, (multiplier, shift));
        return null;
    }

    public static int Relu(int q, Q a, Q o, float low, float high)
    {
        float ratio = a.Scale / o.Scale;
        int y = Mbqm(q - a.Zero, QuantizeMultiplier(ratio)) + o.Zero;
        int min = Math.Max(-128, o.Zero + (int)MathF.Round(low / o.Scale, MidpointRounding.AwayFromZero));
        int max = float.IsInfinity(high) ? 127 : (int)Math.Min(127, o.Zero + (long)MathF.Round(high / o.Scale, MidpointRounding.AwayFromZero));
        return Math.Min(Math.Max(y, min), max);
    }

    /// <summary>TFLM activations_common.cc Relu6Prepare, activations.cc: between 0 and 6 on the input's scale, no rescaling.</summary>
    public static int Relu6(int q, Q a)
    {
        int six = (int)Math.Max(-128, Math.Min(127, (long)MathF.Round(6 / a.Scale, MidpointRounding.AwayFromZero) + a.Zero));
        return Math.Min(Math.Max(q, a.Zero), six);
    }

    public static int LeakyRelu(int q, Q a, Q o, float alpha)
    {
        float identity = a.Scale / o.Scale, product = a.Scale * alpha, slope = product / o.Scale;
        int x = q - a.Zero;
        int y = x >= 0 ? Mbqm(x, QuantizeMultiplier(identity))
            : slope < 0 ? -Mbqm(x, QuantizeMultiplier(-slope)) : Mbqm(x, QuantizeMultiplier(slope));
        return Math.Clamp(y + o.Zero, -128, 127);
    }

    public static int Abs(int q, Q a, Q o)
    {
        float ratio = a.Scale / o.Scale;
        int magnitude = Math.Abs(q - a.Zero);
        return Math.Clamp((a.Scale == o.Scale ? magnitude : Mbqm(magnitude, QuantizeMultiplier(ratio))) + o.Zero, -128, 127);
    }

    public static int Elu(int q, Q a, Q o) => FloatTable(q, a, o, x => x < 0.0f ? MathF.Exp(x) - 1.0f : x);

    public static int Exp(int q, Q a, Q o) => FloatTable(q, a, o, MathF.Exp);

    private static int FloatTable(int q, Q a, Q o, Func<float, float> function)
    {
        float inverse = 1 / o.Scale, real = a.Scale * (q - a.Zero), transformed = function(real), product = transformed * inverse;
        float rescaled = MathF.Round(product, MidpointRounding.AwayFromZero), shifted = rescaled + o.Zero;
        return (int)Math.Max(Math.Min(127, shifted), -128);
    }

    public static int HardSwish(int q, Q a, Q o)
    {
        const float hiresFactor = 1.0f / 128.0f, reluishScale = 3.0f / 32768.0f;
        float hires = hiresFactor * a.Scale, toOutput = hires / o.Scale, toReluish = hires / reluishScale;
        (int outMultiplier, int outExponent) = QuantizeMultiplier(toOutput);
        (int reluMultiplier, int reluExponent) = QuantizeMultiplier(toReluish);
        int x = Short((q - a.Zero) * 128);
        int preshift = Srdhm16(x, Down(outMultiplier));
        int reluish = x;
        if (reluExponent > 0) reluish = Saturate((long)reluish << (reluExponent - 1));
        reluish = Srdhm16(reluish, Down(reluMultiplier));
        if (reluExponent > 0) reluish = Saturate((long)reluish << 1);
        if (reluExponent < 0) reluish = Rdbpot(reluish, -reluExponent);
        reluish = Short((reluish + (1 << 15)) >> 1);
        int product = Short(reluish * preshift / (1 << 15));
        return Math.Clamp(Short(Rdbpot(product, -outExponent) + o.Zero), -128, 127);
    }

    private static int Short(int value) => checked((short)value);

    private static int Saturate(long value) => (int)Math.Clamp(value, short.MinValue, short.MaxValue);

    private static int Down(int multiplier) => multiplier >= int.MaxValue - (1 << 15) ? short.MaxValue : (multiplier + (1 << 15)) >> 16;

    private static int Srdhm16(int a, int b)
    {
        int product = a * b, nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
        return (product + nudge) / (1 << 15);
    }

    public static int Rescale(long q, Q a, Q o, long low, long high) =>
        (int)Math.Clamp((long)unchecked(Mbqm((int)(q - a.Zero), QuantizeMultiplier((double)a.Scale / o.Scale)) + o.Zero), low, high);
}

using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Lower.Tables;

/// <summary>
/// HARD_SWISH on int8, x * min(6, max(0, x + 3)) / 6 in 16-bit fixed point (TFLite reference/hard_swish.h, TFLM
/// hard_swish_common.cc). The casts to 16 bits are part of the definition.
/// </summary>
internal static class HardSwishTable
{
    private const float HiresPart = 1.0f / 128;
    private const float ReluishScale = 3.0f / 32768;

    /// <summary>The scale of the output must not be finer than the input's in steps of 1/128.</summary>
    public static IEnumerable<string> Check(Node node)
    {
        if (Parameters.Of(node).OutputExponent > 0)
            yield return $"its output's scale {node.Output.Scale} is too fine against its input's {node.Input().Scale} for its 16-bit arithmetic.";
    }

    /// <summary>The function on quantised values.</summary>
    public static Func<int, int> HardSwish(Node node)
    {
        Parameters p = Parameters.Of(node);
        int zeroIn = node.Input().ZeroPoint, zeroOut = node.Output.ZeroPoint;
        return q => Value(p, q - zeroIn, zeroOut);
    }

    private static int Value(Parameters p, int x, int zeroOut)
    {
        short hires = (short)(x * 128);
        short scaled = HighMultiply(hires, p.OutputMultiplier);

        // x / 3 on the scale where 32768 stands for 1: shift left but one bit, multiply, and only then the last bit,
        // where saturation is meant to happen.
        short reluish = p.ReluishExponent > 0 ? ShiftLeft(hires, p.ReluishExponent - 1) : hires;
        reluish = HighMultiply(reluish, p.ReluishMultiplier);
        if (p.ReluishExponent > 0) reluish = ShiftLeft(reluish, 1);
        if (p.ReluishExponent < 0) reluish = ShiftRight(reluish, -p.ReluishExponent);
        reluish = (short)((reluish + 32768) >> 1);

        short product = (short)(reluish * scaled / 32768);
        return Math.Clamp((short)(ShiftRight(product, -p.OutputExponent) + zeroOut), (short)-128, (short)127);
    }

    /// <summary>round(a * b / 2^15), half away from zero; neither multiplier is ever -32768.</summary>
    private static short HighMultiply(short a, short b)
    {
        int product = a * b;
        return (short)((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
    }

    private static short ShiftLeft(short value, int amount) =>
        (short)Math.Clamp(value * (1L << Math.Min(amount, 31)), short.MinValue, short.MaxValue);

    /// <summary>gemmlowp RoundingDivideByPOT on 16-bit integers.</summary>
    private static short ShiftRight(short value, int amount)
    {
        short mask = (short)((1L << Math.Min(amount, 62)) - 1);
        int remainder = (short)(value & mask), threshold = (short)((mask >> 1) + (value < 0 ? 1 : 0));
        return (short)((value >> Math.Min(amount, 31)) + (remainder > threshold ? 1 : 0));
    }

    /// <summary>The two multipliers, brought down to 16 bits, with their exponents.</summary>
    private sealed record Parameters(short OutputMultiplier, int OutputExponent, short ReluishMultiplier, int ReluishExponent)
    {
        public static Parameters Of(Node node)
        {
            float hiresScale = HiresPart * node.Input().Scale;
            Requantisation output = Requantisation.From((float)(hiresScale / node.Output.Scale));
            Requantisation reluish = Requantisation.From((float)(hiresScale / ReluishScale));
            return new Parameters(Narrow(output.Multiplier), output.Shift, Narrow(reluish.Multiplier), reluish.Shift);
        }

        private static short Narrow(int multiplier) =>
            multiplier >= int.MaxValue - (1 << 15) ? short.MaxValue : (short)((multiplier + (1 << 15)) >> 16);
    }
}

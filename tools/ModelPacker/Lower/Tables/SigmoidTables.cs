using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Lower.Tables;

/// <summary>
/// LOGISTIC and TANH on int8 (TFLite reference integer_ops/logistic.h and tanh.h, TFLM logistic_common.cc and tanh.cc):
/// the input in Q4.27, the function by gemmlowp's fixed-point exponential and reciprocal, saturation outside +-15.
/// </summary>
internal static class SigmoidTables
{
    private const int IntegerBits = 4;
    private const int FractionBits = 31 - IntegerBits;

    /// <summary>LOGISTIC: the output's scale is 1/256 and its zero point -128.</summary>
    public static Func<int, int> Logistic(Node node) => Saturated(node, x => Math.Clamp(FixedPoint.RoundingShift(LogisticOf(x), 23) - 128, -128, 127));

    /// <summary>TANH: the output's scale is 1/128 and its zero point 0.</summary>
    public static Func<int, int> Tanh(Node node) => Saturated(node, x => Math.Clamp(FixedPoint.RoundingShift(TanhOf(x), 24), -128, 127));

    /// <summary>What LOGISTIC asks of its output.</summary>
    public static IEnumerable<string> CheckLogistic(Node node) => CheckOutput(node, 1f / 256, -128);

    /// <summary>What TANH asks of its output.</summary>
    public static IEnumerable<string> CheckTanh(Node node) => CheckOutput(node, 1f / 128, 0);

    private static IEnumerable<string> CheckOutput(Node node, float scale, int zeroPoint)
    {
        if (!node.Output.Scale.Equals(scale) || node.Output.ZeroPoint != zeroPoint)
            yield return $"its output {node.Output.Name} must have scale 1/{1 / scale} and zero point {zeroPoint}.";
    }

    private static Func<int, int> Saturated(Node node, Func<int, int> function)
    {
        Tensor input = node.Input();
        (double fraction, int shift) = Requantisation.Split((double)input.Scale * (1 << FractionBits));
        int multiplier = (int)Math.Min(Math.Round(fraction * (1L << 31), MidpointRounding.AwayFromZero), int.MaxValue);
        double radius = Math.Floor(Math.ScaleB((1 << IntegerBits) - 1, FractionBits - shift));
        return q =>
        {
            int x = q - input.ZeroPoint;
            if (x <= -radius) return -128;
            if (x >= radius) return 127;
            return function(new Requantisation(multiplier, Math.Max(shift, -31)).Apply(x));
        };
    }

    /// <summary>1 / (1 + e^-x) in Q0.31 of x in Q4.27.</summary>
    private static int LogisticOf(int x)
    {
        if (x == 0) return 1 << 30;
        int positive = FixedPoint.OneOverOnePlus(FixedPoint.ExpOnNegative(-Math.Abs(x), IntegerBits));
        return x > 0 ? positive : int.MaxValue - positive;
    }

    /// <summary>tanh x in Q0.31 of x in Q4.27: the exponential takes 2x, the same bits in Q5.26.</summary>
    private static int TanhOf(int x)
    {
        if (x == 0) return 0;
        int magnitude = FixedPoint.OneMinusOverOnePlus(FixedPoint.ExpOnNegative(-Math.Abs(x), IntegerBits + 1));
        return x > 0 ? magnitude : -magnitude;
    }
}

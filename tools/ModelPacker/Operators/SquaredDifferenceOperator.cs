using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// SQUARED_DIFFERENCE. With t = 2 * max(s1, s2) the multipliers are s1 / t, s2 / t and t * t / (2^14 * s_out), in double
/// but for the last divisor, which is rounded to float (TFLM squared_difference.cc).
/// </summary>
internal sealed class SquaredDifferenceOperator()
    : ElementwiseOperator(PackFormat.KindSquaredDifference, "SquaredDifference", SquaredDifference.ParameterCount, SquaredDifference.Run)
{
    protected override IEnumerable<string> CheckScales(Node node)
    {
        (double first, double second, _) = Multipliers(node);
        if (!AddOperator.IsBelowOne(first) || !AddOperator.IsBelowOne(second))
            yield return $"the scales {node.Input().Scale} and {node.Input(1).Scale} of its inputs are too far apart for its integer arithmetic.";
    }

    protected override void Fill(int[] p, Node node)
    {
        (double firstReal, double secondReal, double outputReal) = Multipliers(node);
        Requantisation first = Requantisation.From(firstReal), second = Requantisation.From(secondReal);
        p[SquaredDifference.ZeroPoint1] = node.Input().ZeroPoint;
        p[SquaredDifference.Multiplier1] = first.Multiplier;
        p[SquaredDifference.Right1] = -first.Shift;
        p[SquaredDifference.ZeroPoint2] = node.Input(1).ZeroPoint;
        p[SquaredDifference.Multiplier2] = second.Multiplier;
        p[SquaredDifference.Right2] = -second.Shift;
        (p[SquaredDifference.OutMultiplier], p[SquaredDifference.OutShift]) = Requantisation.From(outputReal);
        p[SquaredDifference.OutZeroPoint] = node.Output.ZeroPoint;
        (p[SquaredDifference.OutMin], p[SquaredDifference.OutMax]) = ActivationRange.Of(node, TfliteActivation.NONE);
    }

    private static (double First, double Second, double Output) Multipliers(Node node)
    {
        float s1 = node.Input().Scale, s2 = node.Input(1).Scale;
        double twiceMax = 2 * (double)Math.Max(s1, s2);
        return (s1 / twiceMax, s2 / twiceMax, twiceMax * twiceMax / (float)((1 << 14) * node.Output.Scale));
    }
}

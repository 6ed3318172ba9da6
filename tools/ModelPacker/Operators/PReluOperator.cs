using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// PRELU with a slope, constant or computed, for all, per channel or of any shape that can be repeated. The multipliers are s_in / s_out
/// and s_in * s_slope / s_out in double (TFLM prelu_common.cc).
/// </summary>
internal sealed class PReluOperator() : ElementwiseOperator(PackFormat.KindPRelu, "PRelu", PRelu.ParameterCount, PRelu.Run)
{
    protected override IEnumerable<string> CheckScales(Node node)
    {
        if (node.Input().Count != node.Output.Count) yield return $"its slope {node.Input(1)} has dimensions that its input {node.Input()} lacks.";
    }

    protected override void Fill(int[] p, Node node)
    {
        Tensor input = node.Input(), slope = node.Input(1), output = node.Output;
        p[PRelu.ZeroPoint1] = input.ZeroPoint;
        p[PRelu.ZeroPoint2] = slope.ZeroPoint;
        (p[PRelu.Multiplier], p[PRelu.Shift]) = Requantisation.From((double)input.Scale / output.Scale);
        (p[PRelu.SlopeMultiplier], p[PRelu.SlopeShift]) = Requantisation.From((double)input.Scale * slope.Scale / output.Scale);
        p[PRelu.OutZeroPoint] = output.ZeroPoint;
    }
}

using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>DIV. The multiplier is s1 / (s2 * s_out), all in float (TFLM div.cc).</summary>
internal sealed class DivOperator() : ElementwiseOperator(PackFormat.KindDiv, "Div", Div.ParameterCount, Div.Run)
{
    protected override IEnumerable<string> CheckScales(Node node)
    {
        foreach (string reason in Convolutions.CheckActivation(Activation(node))) yield return reason;
        Tensor divisor = node.Input(1);
        if (divisor.IsConstant && divisor.Integers().Contains(divisor.ZeroPoint)) yield return $"it divides by {divisor.Name}, which has zeros.";
        if (Scale(node) is { Shift: > 23 }) yield return "its quotients are more than 8388608 times the output's range, so that nothing but the limits can come out.";
    }

    protected override void Fill(int[] p, Node node)
    {
        p[Div.ZeroPoint1] = node.Input().ZeroPoint;
        p[Div.ZeroPoint2] = node.Input(1).ZeroPoint;
        (p[Div.Multiplier], p[Div.Shift]) = Scale(node);
        p[Div.OutZeroPoint] = node.Output.ZeroPoint;
        (p[Div.OutMin], p[Div.OutMax]) = ActivationRange.Of(node, Activation(node));
    }

    private static Requantisation Scale(Node node) =>
        Requantisation.From((float)(node.Input().Scale / (float)(node.Input(1).Scale * node.Output.Scale)));

    private static TfliteActivation Activation(Node node) => node.Options is DivOptions div ? div.Activation : TfliteActivation.NONE;
}

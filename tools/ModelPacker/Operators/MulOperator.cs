using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>MUL. The multiplier is s1 * s2 / s_out in double (TFLM mul_common.cc).</summary>
internal sealed class MulOperator() : ElementwiseOperator(PackFormat.KindMul, "Mul", Mul.ParameterCount, Mul.Run)
{
    protected override IEnumerable<string> CheckScales(Node node) => Convolutions.CheckActivation(Activation(node));

    protected override void Fill(int[] p, Node node)
    {
        Tensor a = node.Input(), b = node.Input(1), output = node.Output;
        p[Mul.ZeroPoint1] = a.ZeroPoint;
        p[Mul.ZeroPoint2] = b.ZeroPoint;
        (p[Mul.Multiplier], p[Mul.Shift]) = Requantisation.For((double)a.Scale * b.Scale / output.Scale, output);
        p[Mul.OutZeroPoint] = output.ZeroPoint;
        (p[Mul.OutMin], p[Mul.OutMax]) = ActivationRange.Of(node, Activation(node));
    }

    private static TfliteActivation Activation(Node node) => node.Options is MulOptions mul ? mul.Activation : TfliteActivation.NONE;
}

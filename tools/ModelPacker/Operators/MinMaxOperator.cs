using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>MAXIMUM and MINIMUM: the stored values are compared, so all three tensors must be quantised alike.</summary>
internal sealed class MinMaxOperator(bool maximum)
    : ElementwiseOperator(PackFormat.KindMinMax, maximum ? "Maximum" : "Minimum", MinMax.ParameterCount, MinMax.Run)
{
    protected override IEnumerable<string> CheckScales(Node node) =>
        Requirements.SameQuantisation(node.Input(), node.Input(1)).Concat(Requirements.SameQuantisation(node.Input(), node.Output));

    protected override void Fill(int[] p, Node node) => p[MinMax.IsMaximum] = maximum ? 1 : 0;
}

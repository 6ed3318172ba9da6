using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// An average pool whose window is the whole image becomes MEAN: it may change the scale on the way and so rounds once, where
/// a pool keeps its input's coarser scale.
/// </summary>
public static class GlobalPools
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node is not { Operator: BuiltinOperator.AVERAGE_POOL_2D, Options: Pool2DOptions { Activation: TfliteActivation.NONE } options, FusedPadding: null, Inputs: [{ } image] }) continue;
            if (image.Shape.Length != 4 || options.FilterHeight != image.Shape[1] || options.FilterWidth != image.Shape[2] || node.Output.Shape is not [_, 1, 1, _]) continue;
            node.Operator = BuiltinOperator.MEAN;
            node.Options = new ReducerOptions(true);
            node.Inputs.Add(ConstantTensors.Ints("axes", [2], 1, 2));
        }
    }
}

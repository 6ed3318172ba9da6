using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise.Prepare;

/// <summary>
/// An average pool whose result the model brings to another scale becomes a depthwise convolution with equal weights: pooling
/// rounds at its input's scale, so that it would be rounded twice.
/// </summary>
public static class AveragesAsWeights
{
    /// <summary>Runs the pass on a model that says its quantisation.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            if (node is not { Operator: BuiltinOperator.AVERAGE_POOL_2D, FusedPadding: null, Options: Pool2DOptions { Padding: TflitePadding.VALID } options } || !Rescales(graph, node)) continue;
            int channels = node.Input().Shape[^1], taps = options.FilterHeight * options.FilterWidth;
            float[] weights = new float[taps * channels];
            Array.Fill(weights, 1f / taps);
            graph.Nodes[i] = new Node
            {
                Operator = BuiltinOperator.DEPTHWISE_CONV_2D, Origin = node.Origin, Outputs = [node.Output],
                Inputs = [node.Input(), Floats.Constant(node.Output.Name + " weights", [1, options.FilterHeight, options.FilterWidth, channels], weights)],
                Options = new DepthwiseConv2DOptions(options.Padding, options.StrideW, options.StrideH, 1, options.Activation),
            };
        }
    }

    private static bool Rescales(Graph graph, Node node) =>
        graph.Producer(node.Input()) is { Operator: BuiltinOperator.DEQUANTIZE } before && graph.HasOneReader(node.Output)
        && graph.Consumers(node.Output).First() is { Operator: BuiltinOperator.QUANTIZE } after && !before.Input().Quantisation!.SameAs(after.Output.Quantisation);
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Lets an operator that clamps its output anyway do the work of a RELU, RELU6 or RELU_N1_TO_1 right after it. Exact only
/// where the activation does not rescale, so its input and output must be quantised alike, and nothing else may read
/// the value between.
/// </summary>
public static class FuseActivation
{
    private static readonly HashSet<BuiltinOperator> s_clamping =
    [
        BuiltinOperator.CONV_2D, BuiltinOperator.DEPTHWISE_CONV_2D, BuiltinOperator.FULLY_CONNECTED, BuiltinOperator.ADD, BuiltinOperator.SUB,
        BuiltinOperator.MUL, BuiltinOperator.SQUARED_DIFFERENCE, BuiltinOperator.MAX_POOL_2D, BuiltinOperator.AVERAGE_POOL_2D, BuiltinOperator.MEAN,
        BuiltinOperator.SUM,
    ];

    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            if (Activation(node) is not { } activation || OperatorTable.TableOf(node) is null) continue;
            Tensor between = node.Input(), output = node.Output;
            if (between.Type != TfliteType.INT8 || !between.Quantisation!.SameAs(output.Quantisation) || !between.Shape.AsSpan().SequenceEqual(output.Shape)) continue;
            if (graph.Producer(between) is not { Outputs.Count: 1 } producer || !s_clamping.Contains(producer.Operator) || !graph.HasOneReader(between)) continue;
            (int min, int max) = ActivationRange.Of(node, activation);
            if (producer.FusedClamp is { } clamp) (min, max) = (Math.Max(min, clamp.Min), Math.Min(max, clamp.Max));
            (int ownMin, int ownMax) = ActivationRange.Of(producer, OwnActivation(producer));
            if (Math.Max(min, ownMin) > Math.Min(max, ownMax)) continue;
            producer.FusedClamp = (min, max);
            producer.Outputs[0] = output;
            graph.Nodes.RemoveAt(i--);
        }
    }

    private static TfliteActivation? Activation(Node node) => node.Operator switch
    {
        BuiltinOperator.RELU => TfliteActivation.RELU,
        BuiltinOperator.RELU6 => TfliteActivation.RELU6,
        BuiltinOperator.RELU_N1_TO_1 => TfliteActivation.RELU_N1_TO_1,
        _ => null,
    };

    private static TfliteActivation OwnActivation(Node node) => node.Options switch
    {
        Conv2DOptions conv => conv.Activation,
        DepthwiseConv2DOptions depthwise => depthwise.Activation,
        FullyConnectedOptions full => full.Activation,
        AddOptions add => add.Activation,
        SubOptions sub => sub.Activation,
        MulOptions mul => mul.Activation,
        Pool2DOptions pool => pool.Activation,
        _ => TfliteActivation.NONE,
    };
}

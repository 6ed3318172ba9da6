using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise.Prepare;

/// <summary>
/// Puts a RELU, RELU6 or RELU_N1_TO_1 into the float operator before it that alone feeds it, so that no integers are spent
/// on values which the activation throws away.
/// </summary>
public static class FuseFloatActivation
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            if (Activation(node) is not { } activation || node.Input().Type != TfliteType.FLOAT32 || !graph.HasOneReader(node.Input())) continue;
            if (graph.Producer(node.Input()) is not { Outputs.Count: 1 } producer || With(producer.Options, producer.Operator, activation) is not { } options) continue;
            if (!producer.Output.Shape.AsSpan().SequenceEqual(node.Output.Shape)) continue;
            producer.Options = options;
            producer.Outputs[0] = node.Output;
            graph.Nodes.RemoveAt(i--);
        }
    }

    private static TfliteActivation? Activation(Node node) => node.Operator switch
    {
        BuiltinOperator.RELU => TfliteActivation.RELU,
        BuiltinOperator.RELU6 => TfliteActivation.RELU6,
        BuiltinOperator.RELU_N1_TO_1 => TfliteActivation.RELU_N1_TO_1,
        BuiltinOperator.CUSTOM when node.Options is FunctionOptions { Function: ScalarFunction.Clip } clip => clip switch
        {
            { Alpha: 0, Beta: 6 } => TfliteActivation.RELU6,
            { Alpha: -1, Beta: 1 } => TfliteActivation.RELU_N1_TO_1,
            { Alpha: 0, Beta: float.PositiveInfinity or float.MaxValue } => TfliteActivation.RELU,
            _ => null,
        },
        _ => null,
    };

    /// <summary>The options with an activation, or null where the operator takes none or has one already.</summary>
    private static TfliteOptions? With(TfliteOptions? options, BuiltinOperator op, TfliteActivation activation)
    {
        if (FloatActivation.In(options) != TfliteActivation.NONE) return null;
        return op switch
        {
            BuiltinOperator.CONV_2D => (options as Conv2DOptions ?? new Conv2DOptions()) with { Activation = activation },
            BuiltinOperator.DEPTHWISE_CONV_2D => (options as DepthwiseConv2DOptions ?? new DepthwiseConv2DOptions()) with { Activation = activation },
            BuiltinOperator.TRANSPOSE_CONV => (options as TransposeConvOptions ?? new TransposeConvOptions()) with { Activation = activation },
            BuiltinOperator.FULLY_CONNECTED => (options as FullyConnectedOptions ?? new FullyConnectedOptions()) with { Activation = activation },
            BuiltinOperator.ADD => (options as AddOptions ?? new AddOptions()) with { Activation = activation },
            BuiltinOperator.SUB => (options as SubOptions ?? new SubOptions()) with { Activation = activation },
            BuiltinOperator.MUL => (options as MulOptions ?? new MulOptions()) with { Activation = activation },
            _ => null,
        };
    }
}

using System.Runtime.InteropServices;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise.Prepare;

/// <summary>
/// Turns a BATCH_MATMUL with a constant matrix into a FULLY_CONNECTED, which has a scale per output, and takes
/// constants per channel that a weighted layer's output is multiplied with, divided by or moved by into its weights and bias.
/// </summary>
public static class UseWeights
{
    private static readonly HashSet<BuiltinOperator> s_arithmetic = [BuiltinOperator.ADD, BuiltinOperator.SUB, BuiltinOperator.MUL, BuiltinOperator.DIV];

    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            if (FullyConnected(graph.Nodes[i]) is { } node) graph.Nodes[i] = node;
        }

        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            if (Take(graph, graph.Nodes[i])) graph.Nodes.RemoveAt(i--);
        }
    }

    private static Node? FullyConnected(Node node)
    {
        if (node.Operator != BuiltinOperator.BATCH_MATMUL || node.Inputs is not [{ IsConstant: false } a, { IsConstant: true, Type: TfliteType.FLOAT32 } b]) return null;
        var options = node.Options as BatchMatMulOptions ?? new BatchMatMulOptions();
        if (options.AdjX || a.Shape.Length < 2 || b.Shape.Length < 2 || b.Shape.SkipLast(2).Any(d => d != 1) || a.Shape.Length < b.Shape.Length) return null;
        (int depth, int columns) = options.AdjY ? (b.Shape[^1], b.Shape[^2]) : (b.Shape[^2], b.Shape[^1]);
        float[] values = RealNumbers.Of(b), rows = new float[values.Length];
        for (int c = 0; c < columns; c++)
        {
            for (int d = 0; d < depth; d++) rows[c * depth + d] = values[options.AdjY ? c * depth + d : d * columns + c];
        }

        return new Node
        {
            Operator = BuiltinOperator.FULLY_CONNECTED, Options = new FullyConnectedOptions(KeepNumDims: true), Origin = node.Origin,
            Inputs = [a, Floats.Constant(b.Name, [columns, depth], rows)], Outputs = [.. node.Outputs],
        };
    }

    /// <summary>
    /// Whether the node is arithmetic with a constant per channel on a weighted layer that nothing else reads; its weights and bias
    /// take it then. A RESHAPE between the two, as convolutions over time have it, may not touch the channels.
    /// </summary>
    private static bool Take(Graph graph, Node node)
    {
        if (!s_arithmetic.Contains(node.Operator) || node.Inputs is not [{ } a, { } b] || a.IsConstant == b.IsConstant) return false;
        (Tensor sum, Tensor constant) = a.IsConstant ? (b, a) : (a, b);
        if (a.IsConstant && node.Operator == BuiltinOperator.DIV) return false;
        if (sum.Type != TfliteType.FLOAT32 || constant.Type != TfliteType.FLOAT32 || !graph.HasOneReader(sum) || graph.Producer(sum) is not { Outputs.Count: 1 } layer) return false;
        Node? reshape = null;
        if (layer.Operator == BuiltinOperator.RESHAPE && layer.Input() is { IsConstant: false, Shape: [.., var before] } flat && sum.Shape is [.., var after] && before == after)
        {
            if (!graph.HasOneReader(flat) || graph.Producer(flat) is not { Outputs.Count: 1 } producer) return false;
            (reshape, layer) = (layer, producer);
        }

        if (Floats.WeightAxis(layer.Operator) is not { } axis || FloatActivation.In(layer.Options) != TfliteActivation.NONE || FloatActivation.In(node.Options) != TfliteActivation.NONE) return false;
        if (layer.Inputs[1] is not { IsConstant: true, Type: TfliteType.FLOAT32 } weights || layer.OptionalInput(2) is { IsConstant: false } || !sum.Shape.AsSpan().SequenceEqual(node.Output.Shape)) return false;
        int channels = weights.Shape[axis];
        if (sum.Shape is not [.., int last] || last != channels || (constant.Count != channels && constant.Count != 1) || (constant.Count > 1 && constant.Shape[^1] != channels)) return false;
        float[] numbers = RealNumbers.Of(constant), bias = layer.OptionalInput(2) is { } own ? RealNumbers.Of(own) : new float[channels];
        float Number(int channel) => numbers[numbers.Length == 1 ? 0 : channel];
        (Func<int, float> factor, Func<int, float> added) = node.Operator switch
        {
            BuiltinOperator.MUL => ((Func<int, float>)Number, (Func<int, float>)(_ => 0)),
            BuiltinOperator.DIV => (c => 1 / Number(c), _ => 0),
            BuiltinOperator.ADD => (_ => 1, Number),
            _ => a.IsConstant ? (_ => -1, Number) : (_ => 1, c => -Number(c)),
        };
        if (!Enumerable.Range(0, channels).All(c => float.IsFinite(factor(c)) && float.IsFinite(added(c)))) return false;
        int inner = RealNumbers.Inner(weights.Shape, axis);
        layer.Inputs[1] = Floats.Constant(weights.Name, weights.Shape, [.. RealNumbers.Of(weights).Select((w, i) => w * factor(i / inner % channels))]);
        while (layer.Inputs.Count < 3) layer.Inputs.Add(null);
        layer.Inputs[2] = Floats.Constant(layer.Inputs[2]?.Name ?? constant.Name, [channels], [.. bias.Select((v, c) => v * factor(c) + added(c))]);
        layer.Output.RoundedDown = node.Output.RoundedDown;
        (reshape ?? layer).Outputs[0] = node.Output;
        return true;
    }
}

/// <summary>Small helpers on float graphs.</summary>
internal static class Floats
{
    /// <summary>A float constant.</summary>
    public static Tensor Constant(string name, int[] shape, float[] values) =>
        new() { Name = name, Type = TfliteType.FLOAT32, Shape = shape, Data = MemoryMarshal.AsBytes<float>(values).ToArray() };

    /// <summary>The dimension of a weighted layer's constant weights (input 1) along which its output channels lie; null for other operators.</summary>
    public static int? WeightAxis(BuiltinOperator op) => op switch
    {
        BuiltinOperator.CONV_2D or BuiltinOperator.FULLY_CONNECTED => 0,
        BuiltinOperator.DEPTHWISE_CONV_2D => 3,
        _ => null,
    };
}

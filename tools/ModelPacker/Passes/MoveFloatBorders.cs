using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Moves QUANTIZE before, and DEQUANTIZE after, operators that only move elements, so that they come to lie at the
/// model's borders, where <see cref="TakeFloatBorders"/> takes them off. Each element is converted by itself, so the
/// order makes no difference; the zeros that PAD adds become zero points either way.
/// </summary>
public static class MoveFloatBorders
{
    private static readonly HashSet<BuiltinOperator> s_moving =
    [
        BuiltinOperator.RESHAPE, BuiltinOperator.SQUEEZE, BuiltinOperator.EXPAND_DIMS, BuiltinOperator.TRANSPOSE, BuiltinOperator.SLICE,
        BuiltinOperator.STRIDED_SLICE, BuiltinOperator.GATHER, BuiltinOperator.SPACE_TO_DEPTH, BuiltinOperator.DEPTH_TO_SPACE, BuiltinOperator.PAD,
    ];

    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        while (MoveOne(graph))
        {
        }
    }

    private static bool MoveOne(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node second = graph.Nodes[i];
            if (second.Inputs.Count == 0 || second.Outputs.Count != 1 || second.Inputs[0] is not { } between || between.Type != TfliteType.FLOAT32) continue;
            if (graph.Producer(between) is not { Outputs.Count: 1 } first || first.Inputs.Count == 0 || first.Inputs[0] is not { } source) continue;

            // Both moves swap the two operators; the one tensor between them takes the quantisation of the integer side.
            bool quantise = second.Operator == BuiltinOperator.QUANTIZE && Moves(first) && source.Type == TfliteType.FLOAT32;
            bool dequantise = first.Operator == BuiltinOperator.DEQUANTIZE && Moves(second) && second.Output.Type == TfliteType.FLOAT32;
            if (!quantise && !dequantise) continue;
            Tensor integers = quantise ? second.Output : source;
            if (integers.Quantisation is not { IsPerChannel: false }) continue;
            var swapped = new Tensor
            {
                Name = quantise ? source.Name : second.Output.Name,
                Type = integers.Type,
                Shape = quantise ? source.Shape : second.Output.Shape,
                Quantisation = integers.Quantisation,
                RoundedOnce = integers.RoundedOnce,
            };
            graph.Nodes[i] = Copy(first, swapped, second.Output);
            graph.Nodes.Insert(i, Copy(second, source, swapped));
            if (!graph.Outputs.Contains(between) && !graph.Consumers(between).Any()) graph.Nodes.Remove(first);
            return true;
        }

        return false;
    }

    private static bool Moves(Node node) => s_moving.Contains(node.Operator);

    /// <summary>The same operator on another first input and output.</summary>
    private static Node Copy(Node node, Tensor input, Tensor output) => new()
    {
        Operator = node.Operator, Options = node.Options, Inputs = [input, .. node.Inputs.Skip(1)], Outputs = [output], Origin = node.Origin,
    };
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>How one operator lets a transposition of its input pass behind it. Dimension i of the input is dimension permutation[i] of the source.</summary>
internal static class SinkTransposition
{
    /// <summary>Moves the transposition; false where the operator does not let it.</summary>
    public static bool Sink(Graph graph, Node node, int input, Tensor source, int[] permutation)
    {
        if (SinkMoves.IsUnary(node)) return Rewrite(graph, node, [source], [permutation]);
        if (SinkMoves.IsBinary(node)) return Binary(graph, node, input, source, permutation);
        bool keepsLast = permutation[^1] == permutation.Length - 1;
        switch (node.Operator)
        {
            case BuiltinOperator.SOFTMAX or BuiltinOperator.LOG_SOFTMAX or BuiltinOperator.L2_NORMALIZATION when keepsLast:
                return Rewrite(graph, node, [source], [permutation]);
            case BuiltinOperator.CUSTOM when keepsLast && node.Options is LayerNormOptions or RmsNormOptions && input == 0:
                return Rewrite(graph, node, [source, .. node.Inputs.Skip(1)], [permutation]);
            case BuiltinOperator.FULLY_CONNECTED when keepsLast && input == 0 && node.Output.Shape.Length == permutation.Length && node.Input(1).IsConstant:
                return Rewrite(graph, node, [source, .. node.Inputs.Skip(1)], [permutation]);
            case BuiltinOperator.CONCATENATION:
                return Concatenation(graph, node, permutation);
            case BuiltinOperator.MEAN or BuiltinOperator.SUM or BuiltinOperator.REDUCE_MAX or BuiltinOperator.REDUCE_MIN when input == 0:
                return Reduction(graph, node, source, permutation);
            case BuiltinOperator.PAD or BuiltinOperator.PADV2 or BuiltinOperator.MIRROR_PAD when input == 0:
                return ConstantTensors.Values(node.Inputs[1]) is { } pads
                    && Rewrite(graph, node, [source, Turned(node.Input(1), pads, permutation, 2), .. node.Inputs.Skip(2)], [permutation]);
            case BuiltinOperator.SLICE when input == 0:
                return ConstantTensors.Values(node.Inputs[1]) is { } begin && ConstantTensors.Values(node.Inputs[2]) is { } size
                    && Rewrite(graph, node, [source, Turned(node.Input(1), begin, permutation, 1), Turned(node.Input(2), size, permutation, 1)], [permutation]);
            case BuiltinOperator.SPLIT_V when input == 0:
                return ConstantTensors.Values(node.Inputs[2]) is [var axis]
                    && Rewrite(graph, node, [source, node.Inputs[1], ConstantTensors.Ints("axis", [], permutation[axis])], [.. node.Outputs.Select(_ => permutation)]);
            case BuiltinOperator.GATHER when input == 0 && node.Options is GatherOptions { BatchDims: 0 } gather && node.Inputs[1]!.Shape.Length == 1:
                node.Options = gather with { Axis = permutation[gather.Axis < 0 ? gather.Axis + permutation.Length : gather.Axis] };
                return Rewrite(graph, node, [source, node.Inputs[1]], [permutation]);
            default:
                return false;
        }
    }

    private static bool Binary(Graph graph, Node node, int input, Tensor source, int[] permutation)
    {
        int rank = permutation.Length;
        if (node.Output.Shape.Length != rank || source.Shape.Length != rank) return false;
        Tensor other = node.Input(1 - input);
        int[] back = ConstantTensors.Inverse(permutation);
        Tensor? fitting = null;
        if (other.IsConstant)
        {
            fitting = other.Count == 1 || other.Shape.Length > rank ? other
                : ConstantTensors.Transpose(ConstantTensors.Reshape(other, [.. Enumerable.Repeat(1, rank - other.Shape.Length), .. other.Shape]), back);
        }
        else if (graph.Producer(other) is { } move && MergeMoves.Permutation(move) is { } same && same.AsSpan().SequenceEqual(permutation))
        {
            fitting = move.Input();
        }
        else if (other.Shape.Length == rank && other != node.Input(input))
        {
            // The other side turns the other way, which costs nothing where only dimensions of 1 change their places.
            int[] order = [.. back.Where(d => other.Shape[d] != 1)];
            if (!order.SequenceEqual(order.Order())) return false;
            fitting = new Tensor { Name = other.Name, Type = other.Type, Shape = [.. back.Select(d => other.Shape[d])], Quantisation = other.Quantisation };
            graph.Nodes.Insert(graph.Nodes.IndexOf(node), new Node
            {
                Operator = BuiltinOperator.RESHAPE, Options = new ReshapeOptions(fitting.Shape), Inputs = [other], Outputs = [fitting], Origin = node.Origin,
            });
        }
        else if (other == node.Input(input))
        {
            fitting = source;
        }

        return fitting is not null && Rewrite(graph, node, input == 0 ? [source, fitting] : [fitting, source], [permutation]);
    }

    private static bool Concatenation(Graph graph, Node node, int[] permutation)
    {
        var sources = new List<Tensor?>();
        foreach (Tensor? part in node.Inputs)
        {
            if (part is null) return false;
            if (part.IsConstant) sources.Add(ConstantTensors.Transpose(part, ConstantTensors.Inverse(permutation)));
            else if (graph.Producer(part) is { } move && MergeMoves.Permutation(move) is { } same && same.AsSpan().SequenceEqual(permutation)) sources.Add(move.Input());
            else return false;
        }

        var options = node.Options as ConcatenationOptions ?? new ConcatenationOptions();
        node.Options = options with { Axis = permutation[options.Axis < 0 ? options.Axis + permutation.Length : options.Axis] };
        return Rewrite(graph, node, sources, [permutation]);
    }

    private static bool Reduction(Graph graph, Node node, Tensor source, int[] permutation)
    {
        if (ConstantTensors.Values(node.Inputs[1]) is not { } axes) return false;
        int rank = permutation.Length;
        int[] turned = [.. axes.Select(a => permutation[a < 0 ? a + rank : a])];
        int[] after = permutation;
        if (!((node.Options as ReducerOptions)?.KeepDims ?? false))
        {
            int[] kept = [.. permutation.Where(d => !turned.Contains(d))];
            after = [.. kept.Select(d => kept.Count(k => k < d))];
        }

        return Rewrite(graph, node, [source, ConstantTensors.Ints("axes", [turned.Length], [.. turned.Order()])], [after]);
    }

    /// <summary>Numbers that stand in groups per dimension, in the order of the source's dimensions.</summary>
    private static Tensor Turned(Tensor tensor, int[] values, int[] permutation, int group)
    {
        var turned = new int[values.Length];
        for (int d = 0; d < permutation.Length; d++) Array.Copy(values, d * group, turned, permutation[d] * group, group);
        return ConstantTensors.Ints(tensor.Name, tensor.Shape, turned);
    }

    /// <summary>Gives the node other inputs; transpositions behind it make what its outputs were.</summary>
    private static bool Rewrite(Graph graph, Node node, IEnumerable<Tensor?> inputs, int[][] permutations)
    {
        Tensor?[] list = [.. inputs];
        node.Inputs.Clear();
        node.Inputs.AddRange(list);
        for (int o = 0; o < node.Outputs.Count; o++)
        {
            Tensor after = node.Outputs[o];
            int[] permutation = permutations[o];
            if (permutation.Length == 0) continue;
            int[] back = ConstantTensors.Inverse(permutation);
            var made = new Tensor { Name = after.Name, Type = after.Type, Shape = [.. back.Select(d => after.Shape[d])], Quantisation = after.Quantisation, RoundedOnce = after.RoundedOnce };
            node.Outputs[o] = made;
            graph.Nodes.Insert(graph.Nodes.IndexOf(node) + 1, new Node
            {
                Operator = BuiltinOperator.TRANSPOSE, Inputs = [made, ConstantTensors.Ints("permutation", [permutation.Length], permutation)], Outputs = [after], Origin = node.Origin,
            });
        }

        return true;
    }
}

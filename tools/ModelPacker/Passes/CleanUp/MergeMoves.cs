using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// Two transpositions in a row become one, two reshapes too; a transposition that leaves the elements in their order
/// becomes a reshape, and what changes nothing goes.
/// </summary>
public static class MergeMoves
{
    /// <summary>Runs the pass; true where something changed.</summary>
    public static bool Run(Graph graph)
    {
        bool changed = false;
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            if (Permutation(node) is { } permutation) changed |= Transposition(graph, node, permutation);
            if (IsReshape(node)) changed |= Reshape(graph, node);
            if (i < graph.Nodes.Count && graph.Nodes[i] != node) i--;
        }

        return changed;
    }

    /// <summary>The constant permutation of a transposition, or null where the node is none.</summary>
    public static int[]? Permutation(Node node) =>
        node.Operator == BuiltinOperator.TRANSPOSE && node.Inputs.Count == 2 && node.Inputs[0] is { IsConstant: false } ? ConstantTensors.Values(node.Inputs[1]) : null;

    /// <summary>Whether the node only gives its input another shape.</summary>
    public static bool IsReshape(Node node) =>
        node.Operator is BuiltinOperator.RESHAPE or BuiltinOperator.SQUEEZE or BuiltinOperator.EXPAND_DIMS && node.Inputs[0] is { IsConstant: false } input && input.Count == node.Output.Count
        && input.Type == node.Output.Type && (input.Quantisation is null || input.Quantisation.SameAs(node.Output.Quantisation));

    private static bool Transposition(Graph graph, Node node, int[] permutation)
    {
        bool changed = false;
        if (graph.Producer(node.Input()) is { } before && Permutation(before) is { } first)
        {
            permutation = [.. permutation.Select(p => first[p])];
            node.Inputs[0] = before.Input();
            node.Inputs[1] = ConstantTensors.Ints(node.Input(1).Name, [permutation.Length], permutation);
            changed = true;
        }

        int[] shape = node.Input().Shape;
        if (!permutation.Where(p => shape[p] != 1).SequenceEqual(permutation.Where(p => shape[p] != 1).Order())) return changed;
        node.Operator = BuiltinOperator.RESHAPE;
        node.Options = new ReshapeOptions(node.Output.Shape);
        node.Inputs.RemoveAt(1);
        return true;
    }

    private static bool Reshape(Graph graph, Node node)
    {
        bool changed = false;
        if (graph.Producer(node.Input()) is { } before && IsReshape(before) && !before.Input().IsVariable)
        {
            node.Inputs[0] = before.Input();
            changed = true;
        }

        if (!node.Input().Shape.AsSpan().SequenceEqual(node.Output.Shape) || node.Input().IsVariable) return changed;
        if (graph.Outputs.Contains(node.Output))
        {
            // The output's tensor stays; whatever computes the input writes it.
            Tensor input = node.Input();
            if (graph.Producer(input) is not { } producer || graph.Outputs.Contains(input)) return changed;
            producer.Outputs[producer.Outputs.IndexOf(input)] = node.Output;
            graph.Nodes.Remove(node);
            graph.Replace(input, node.Output);
            return true;
        }

        graph.Nodes.Remove(node);
        graph.Replace(node.Output, node.Input());
        return true;
    }
}

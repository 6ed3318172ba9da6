using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// Moves transpositions and reshapes behind the operators that read them, where those compute element by element or along
/// dimensions that can be renamed: so the transpositions around convolutions meet and cancel in <see cref="MergeMoves"/>.
/// Limit: a transposition moves only down; what stands before the first convolution stays there.
/// </summary>
public static class SinkMoves
{
    private const int MostSweeps = 1000;

    /// <summary>Runs the pass until nothing moves any more.</summary>
    public static void Run(Graph graph)
    {
        for (int sweep = 0; sweep < MostSweeps && (MergeMoves.Run(graph) | Sweep(graph)); sweep++)
        {
        }

        RemoveDeadNodes.Run(graph);
    }

    private static bool Sweep(Graph graph)
    {
        bool changed = false;
        foreach (Node node in graph.Nodes.ToArray())
        {
            for (int input = 0; input < node.Inputs.Count; input++)
            {
                if (node.Inputs[input] is not { IsConstant: false } between || graph.Producer(between) is not { } move) continue;
                bool sunk = MergeMoves.Permutation(move) is { } permutation ? SinkTransposition.Sink(graph, node, input, move.Input(), permutation)
                    : MergeMoves.IsReshape(move) && SinkReshape(graph, node, input, move.Input());
                changed |= sunk;
                if (sunk) input = -1;
            }
        }

        RemoveDeadNodes.Run(graph);
        return changed;
    }

    /// <summary>A reshape moves behind functions of one value, and behind operators on two tensors that both had the shape before.</summary>
    private static bool SinkReshape(Graph graph, Node node, int input, Tensor source)
    {
        if (node.Outputs.Count != 1 || !node.Output.Shape.AsSpan().SequenceEqual(node.Input(input).Shape)) return false;
        if (IsUnary(node)) return Rewrite(graph, node, [source, .. node.Inputs.Skip(1)], source.Shape);
        if (!IsBinary(node)) return false;
        Tensor other = node.Input(1 - input);
        Tensor? fitting = other.IsConstant ? other.Count == 1 || (other.Shape.Length == 1 && source.Shape.Length > 0 && source.Shape[^1] == other.Count) ? other : null
            : graph.Producer(other) is { } move && MergeMoves.IsReshape(move) && move.Input().Shape.AsSpan().SequenceEqual(source.Shape) ? move.Input()
            : null;
        if (fitting is null) return false;
        if (fitting.IsConstant && fitting.Shape.Length > source.Shape.Length) fitting = ConstantTensors.Reshape(fitting, []);
        return Rewrite(graph, node, input == 0 ? [source, fitting] : [fitting, source], source.Shape);
    }

    /// <summary>Gives the node other inputs; a reshape behind it makes what its output was.</summary>
    private static bool Rewrite(Graph graph, Node node, IEnumerable<Tensor?> inputs, int[] shape)
    {
        Tensor after = node.Output;
        var made = new Tensor { Name = after.Name, Type = after.Type, Shape = shape, Quantisation = after.Quantisation, RoundedOnce = after.RoundedOnce };
        Tensor?[] list = [.. inputs];
        node.Inputs.Clear();
        node.Inputs.AddRange(list);
        node.Outputs[0] = made;
        graph.Nodes.Insert(graph.Nodes.IndexOf(node) + 1, new Node
        {
            Operator = BuiltinOperator.RESHAPE, Options = new ReshapeOptions(after.Shape), Inputs = [made], Outputs = [after], Origin = node.Origin,
        });
        return true;
    }

    /// <summary>A function of one element, or a change of its type.</summary>
    internal static bool IsUnary(Node node) =>
        node.Outputs.Count == 1 && node.Inputs.Count == 1
        && (node.Operator is BuiltinOperator.QUANTIZE or BuiltinOperator.DEQUANTIZE or BuiltinOperator.CAST
            || (!MergeMoves.IsReshape(node) && ScalarFunctions.Of(node) is not null));

    /// <summary>An operator on two tensors, element by element.</summary>
    internal static bool IsBinary(Node node) => node.Outputs.Count == 1 && node.Inputs is [not null, not null] && node.Operator is
        BuiltinOperator.ADD or BuiltinOperator.SUB or BuiltinOperator.MUL or BuiltinOperator.DIV or BuiltinOperator.MAXIMUM or BuiltinOperator.MINIMUM
        or BuiltinOperator.SQUARED_DIFFERENCE or BuiltinOperator.PRELU or BuiltinOperator.POW;
}

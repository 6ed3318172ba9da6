using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// A transposition that is flattened right before a fully connected layer goes into the order of that layer's weights:
/// the activations stay where they are.
/// </summary>
public static class FoldFlatten
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Operator != BuiltinOperator.FULLY_CONNECTED || node.Inputs[1] is not { IsConstant: true } weights || weights.Shape.Length != 2) continue;
            if (graph.Producer(node.Input()) is not { } flatten || !MergeMoves.IsReshape(flatten)) continue;
            if (graph.Producer(flatten.Input()) is not { } turn || MergeMoves.Permutation(turn) is not { } permutation) continue;

            // Rows of the product are the first dimensions, which must stay; the rest of the source is one row.
            int[] shape = turn.Input().Shape, turned = turn.Output.Shape;
            int inner = weights.Shape[1], first = 0, rows = 1;
            while (first < permutation.Length && permutation[first] == first && rows * inner < turn.Input().Count) rows *= shape[first++];
            if (rows * inner != turn.Input().Count) continue;
            int[] order = permutation[first..];
            if (order.Any(p => p < first)) continue;

            // Row index in the turned order -> weights; the columns are brought into the source's order.
            int[] local = [.. order.Select(p => p - first)];
            Tensor wide = new() { Name = weights.Name, Type = weights.Type, Shape = [weights.Shape[0], .. turned[first..]], Data = weights.Data, Quantisation = weights.Quantisation };
            Tensor back = ConstantTensors.Transpose(wide, [0, .. ConstantTensors.Inverse(local).Select(d => d + 1)]);
            node.Inputs[1] = new Tensor { Name = weights.Name, Type = weights.Type, Shape = weights.Shape, Data = back.Data, Quantisation = weights.Quantisation };
            var flat = new Tensor { Name = flatten.Output.Name, Type = turn.Input().Type, Shape = flatten.Output.Shape, Quantisation = turn.Input().Quantisation };
            graph.Nodes.Insert(graph.Nodes.IndexOf(node), new Node
            {
                Operator = BuiltinOperator.RESHAPE, Options = new ReshapeOptions(flat.Shape), Inputs = [turn.Input()], Outputs = [flat], Origin = flatten.Origin,
            });
            node.Inputs[0] = flat;
        }

        RemoveDeadNodes.Run(graph);
    }
}

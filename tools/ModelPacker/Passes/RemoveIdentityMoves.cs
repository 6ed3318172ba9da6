using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// An operator that moves elements but leaves all of them in their order (a transposition of dimensions of one, a
/// concatenation of one tensor, padding by nothing, a slice of everything) becomes RESHAPE, and a RESHAPE to the shape
/// that the tensor has already goes away, so that other passes see what really happens.
/// </summary>
public static class RemoveIdentityMoves
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (OperatorTable.Find(node) is MovementOperator movement && movement.MovesNothing(node))
            {
                Tensor input = node.Input(movement.DataInputs(node).First());
                node.Operator = BuiltinOperator.RESHAPE;
                node.Options = null;
                node.Inputs.Clear();
                node.Inputs.Add(input);
            }

            if (OperatorTable.Find(node) is not ReshapeOperator reshape || reshape.Check(node).Any()) continue;
            if (graph.Outputs.Contains(node.Output) || !node.Input().Shape.AsSpan().SequenceEqual(node.Output.Shape)) continue;
            graph.Replace(node.Output, node.Input());
            graph.Nodes.Remove(node);
        }
    }
}

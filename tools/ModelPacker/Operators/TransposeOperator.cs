using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>TRANSPOSE: output dimension d is input dimension permutation[d].</summary>
internal sealed class TransposeOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input();
        int rank = input.Shape.Length;
        wrong = [.. Movement.SameKind(input, node.Output), .. Movement.Indices(node.Input(1), rank)];
        if (wrong.Length > 0) return wrong;
        int?[] permutation = Permutation(node);
        if (permutation.Contains(null) || permutation.Distinct().Count() != rank) return [$"its permutation {string.Join(',', node.Input(1).Integers())} does not name each dimension once."];
        return Requirements.Shape(node.Output, [.. permutation.Select(d => input.Shape[d!.Value])]);
    }

    public override MovePlan Plan(Node node, int output)
    {
        int[] inSteps = CopyAxis.Steps(node.Input().Shape, 1), outSteps = CopyAxis.Steps(node.Output.Shape, 1);
        return Movement.Reorder(node.Output.ElementBytes, Permutation(node).Select((from, d) => new CopyAxis(node.Output.Shape[d], inSteps[from!.Value], outSteps[d])));
    }

    private static int?[] Permutation(Node node) => [.. node.Input(1).Integers().Select(p => Movement.Axis(p, node.Input().Shape.Length))];
}

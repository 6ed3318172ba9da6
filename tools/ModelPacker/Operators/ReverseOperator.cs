using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>REVERSE_V2: the named dimensions run backwards.</summary>
internal sealed class ReverseOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input();
        wrong = [.. Movement.SameKind(input, node.Output), .. Movement.Indices(node.Input(1)), .. Requirements.Shape(node.Output, input.Shape)];
        if (wrong.Length > 0) return wrong;
        return Axes(node).Contains(null) ? [$"an axis is not a dimension of {input}."] : [];
    }

    public override MovePlan Plan(Node node, int output)
    {
        int[] shape = node.Input().Shape;
        int?[] axes = Axes(node);
        return new MovePlan([.. Movement.Select(
            0, shape, shape, node.Output.ElementBytes, shape.Select((n, d) => axes.Contains(d) ? new Segment(n, n - 1, -1, 0) : Segment.All(n)))]);
    }

    private static int?[] Axes(Node node) => [.. node.Input(1).Integers().Select(a => Movement.Axis(a, node.Input().Shape.Length))];
}

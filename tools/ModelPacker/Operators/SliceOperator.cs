using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>SLICE: a box from begin with the given sizes; -1 is all that is left.</summary>
internal sealed class SliceOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 3)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input();
        int rank = input.Shape.Length;
        wrong = [.. Movement.SameKind(input, node.Output), .. Movement.Indices(node.Input(1), rank), .. Movement.Indices(node.Input(2), rank)];
        if (wrong.Length > 0) return wrong;
        long[] begin = node.Input(1).Integers(), size = node.Input(2).Integers();
        for (int d = 0; d < rank; d++)
        {
            if (begin[d] < 0 || size[d] is < -1 or 0 || begin[d] + Math.Max(size[d], 1) > input.Shape[d])
                return [$"the slice from {begin[d]} of size {size[d]} lies outside dimension {d} of {input}."];
        }

        return Requirements.Shape(node.Output, [.. size.Select((s, d) => s < 0 ? input.Shape[d] - (int)begin[d] : (int)s)]);
    }

    public override MovePlan Plan(Node node, int output)
    {
        int[] begin = Movement.Values(node.Input(1)), shape = node.Output.Shape;
        return new MovePlan([.. Movement.Select(0, node.Input().Shape, shape, node.Output.ElementBytes, shape.Select((n, d) => new Segment(n, begin[d], 1, 0)))]);
    }
}

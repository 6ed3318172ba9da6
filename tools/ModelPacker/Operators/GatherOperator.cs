using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>GATHER: the slices along an axis that constant indices name; evenly spaced indices are one copy.</summary>
internal sealed class GatherOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), indices = node.Input(1);
        wrong = [.. Movement.SameKind(input, node.Output), .. Movement.Indices(indices)];
        if (wrong.Length > 0) return wrong;
        var options = node.Options as GatherOptions ?? new GatherOptions();
        if (options.BatchDims != 0) return [$"its indices have {options.BatchDims} batch dimensions: only 0 is supported."];
        if (Movement.Axis(options.Axis, input.Shape.Length) is not { } axis) return [$"its axis {options.Axis} is not a dimension of {input}."];
        if (indices.Integers().Any(i => i < 0 || i >= input.Shape[axis])) return [$"an index lies outside dimension {axis} of {input}."];
        return Requirements.Shape(node.Output, [.. input.Shape[..axis], .. indices.Shape, .. input.Shape[(axis + 1)..]]);
    }

    public override MovePlan Plan(Node node, int output)
    {
        int[] shape = node.Input().Shape, indices = Movement.Values(node.Input(1));
        int axis = Movement.Axis((node.Options as GatherOptions ?? new GatherOptions()).Axis, shape.Length)!.Value;
        var segments = new List<Segment>();
        for (int i = 0; i < indices.Length;)
        {
            int count = 1, step = i + 1 < indices.Length ? indices[i + 1] - indices[i] : 1;
            while (i + count < indices.Length && indices[i + count] - indices[i + count - 1] == step) count++;
            segments.Add(new Segment(count, indices[i], step, i));
            i += count;
        }

        return new MovePlan([.. Movement.Select(
            0, shape, Movement.With(shape, axis, indices.Length), node.Output.ElementBytes,
            [.. shape.Select((n, d) => d == axis ? (IReadOnlyList<Segment>)segments : [Segment.All(n)])])]);
    }
}

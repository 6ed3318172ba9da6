using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>UNPACK: each slice along an axis becomes an output without that axis.</summary>
internal sealed class UnpackOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1, node.Outputs.Count)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input();
        var options = node.Options as UnpackOptions ?? new UnpackOptions();
        if (Movement.Axis(options.Axis, input.Shape.Length) is not { } axis) return [$"its axis {options.Axis} is not a dimension of {input}."];
        if (input.Shape[axis] != node.Outputs.Count) return [$"it has {node.Outputs.Count} outputs for the {input.Shape[axis]} slices of {input}."];
        int[] shape = [.. input.Shape[..axis], .. input.Shape[(axis + 1)..]];
        return node.Outputs.SelectMany(o => Movement.SameKind(input, o).Concat(Requirements.Shape(o, shape))).ToList();
    }

    public override MovePlan Plan(Node node, int output)
    {
        int[] inShape = node.Input().Shape;
        int axis = Movement.Axis((node.Options as UnpackOptions ?? new UnpackOptions()).Axis, inShape.Length)!.Value;
        return new MovePlan([.. Movement.Select(
            0, inShape, Movement.With(inShape, axis, 1), node.Input().ElementBytes,
            inShape.Select((n, d) => d == axis ? new Segment(1, output, 1, 0) : Segment.All(n)))]);
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>CONCATENATION along an axis. All inputs must have the output's scale and zero point: nothing is rescaled.</summary>
internal sealed class ConcatenationOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, Math.Max(1, node.Inputs.Count))];
        if (wrong.Length > 0) return wrong;
        Tensor output = node.Output;
        var options = node.Options as ConcatenationOptions ?? new ConcatenationOptions();
        if (options.Activation != TfliteActivation.NONE) return [$"the fused activation {options.Activation} is not supported: use a separate operator."];
        if (Movement.Axis(options.Axis, output.Shape.Length) is not { } axis) return [$"its axis {options.Axis} is not a dimension of {output}."];
        long sum = 0;
        var reasons = new List<string>();
        foreach (Tensor input in node.Inputs.Select(i => i!))
        {
            reasons.AddRange(Movement.SameKind(input, output));
            if (input.Shape.Length != output.Shape.Length || !Movement.With(input.Shape, axis, 0).AsSpan().SequenceEqual(Movement.With(output.Shape, axis, 0)))
                reasons.Add($"tensor {input.Name} {input} does not fit output {output} along dimension {axis}.");
            else
                sum += input.Shape[axis];
        }

        if (reasons.Count == 0 && sum != output.Shape[axis]) reasons.Add($"its inputs have {sum} slices along dimension {axis}, the output {output.Shape[axis]}.");
        return reasons;
    }

    public override IEnumerable<int> DataInputs(Node node) => Enumerable.Range(0, node.Inputs.Count);

    public override MovePlan Plan(Node node, int output)
    {
        int[] outShape = node.Output.Shape;
        int axis = Movement.Axis((node.Options as ConcatenationOptions ?? new ConcatenationOptions()).Axis, outShape.Length)!.Value;
        var moves = new List<Move>();
        int at = 0;
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            int[] shape = node.Input(i).Shape;
            moves.AddRange(Movement.Select(
                i, shape, outShape, node.Output.ElementBytes,
                shape.Select((n, d) => d == axis ? new Segment(n, 0, 1, at) : Segment.All(n))));
            at += shape[axis];
        }

        return new MovePlan(moves);
    }
}

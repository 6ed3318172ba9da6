using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>PAD with the zero point, PADV2 with a constant of the same scale: [rank, 2] elements before and after each dimension.</summary>
internal sealed class PadOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        int rank = input.Shape.Length;
        wrong = [.. Movement.SameKind(input, output), .. Movement.Indices(node.Input(1), 2 * rank)];
        if (wrong.Length > 0) return wrong;
        long[] pads = node.Input(1).Integers();
        if (pads.Any(p => p < 0 || p > 1 << 24)) return ["its padding is negative or larger than any tensor."];
        if (node.OptionalInput(2) is { } value)
        {
            wrong = [.. Requirements.Constant(value, input.Type), .. Requirements.SameQuantisation(input, value)];
            if (wrong.Length > 0) return wrong;
            if (value.Count != 1) return [$"the padding value {value.Name} has {value.Count} elements instead of one."];
        }

        return Requirements.Shape(output, [.. input.Shape.Select((n, d) => (int)Math.Min(n + pads[2 * d] + pads[2 * d + 1], int.MaxValue))]);
    }

    public override MovePlan Plan(Node node, int output)
    {
        Tensor input = node.Input(), padded = node.Output;
        int[] pads = Movement.Values(node.Input(1));
        Move[] moves = [.. Movement.Select(
            0, input.Shape, padded.Shape, input.ElementBytes, input.Shape.Select((n, d) => new Segment(n, 0, 1, pads[2 * d])))];
        return new MovePlan(moves, input.Count == padded.Count ? null : node.OptionalInput(2)?.Data ?? Movement.Zero(padded));
    }
}

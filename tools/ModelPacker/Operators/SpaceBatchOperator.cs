using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// SPACE_TO_BATCH_ND: pads the spatial dimensions with the zero point and gives each position within a block a batch of
/// its own, batch = position * images + image; BATCH_TO_SPACE_ND goes back and crops. Inputs: tensor, block sizes
/// [dimensions], padding or crops [dimensions, 2]. One copy per position within the block. TFLM never sets the value it
/// pads with (space_to_batch_nd.cc, its issue 1646): it is whatever the arena held, 0 in a fresh one. The zero point is
/// TFLite's value, and the only one for which the dilated convolution that the converter started from comes out.
/// </summary>
internal sealed class SpaceBatchOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 3)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        int spatial = node.Input(1).Count;
        wrong = [.. Movement.SameKind(input, output), .. Movement.Indices(node.Input(1)), .. Movement.Indices(node.Input(2), 2 * spatial)];
        if (wrong.Length > 0) return wrong;
        int[] block = Movement.Values(node.Input(1)), border = Movement.Values(node.Input(2));
        if (block.Any(b => b is < 1 or > 4096) || border.Any(b => b is < 0 or > 1 << 20)) return ["its block sizes or borders are not sensible numbers."];
        if (spatial < 1 || input.Shape.Length < spatial + 1 || input.Shape.Length != output.Shape.Length)
            return [$"its {spatial} block sizes do not fit the dimensions of {input}."];
        (Tensor space, Tensor batch) = ToBatch(node) ? (input, output) : (output, input);
        if (batch.Shape[0] != space.Shape[0] * block.Aggregate(1L, (a, b) => a * b)) return [$"its blocks do not turn the batch of {input} into that of {output}."];
        for (int d = 1; d < input.Shape.Length; d++)
        {
            bool blocked = d <= spatial;
            long full = space.Shape[d] + (blocked ? (long)border[2 * d - 2] + border[2 * d - 1] : 0);
            if (full != (long)batch.Shape[d] * (blocked ? block[d - 1] : 1)) return [$"its blocks and borders do not turn dimension {d} of {input} into that of {output}."];
        }

        return [];
    }

    public override MovePlan Plan(Node node, int output)
    {
        bool toBatch = ToBatch(node);
        int[] space = (toBatch ? node.Input() : node.Output).Shape, batch = (toBatch ? node.Output : node.Input()).Shape;
        int[] block = Movement.Values(node.Input(1)), border = Movement.Values(node.Input(2));
        int positions = block.Aggregate(1, (a, b) => a * b);
        var moves = new List<Move>();
        for (int position = 0; position < positions; position++)
        {
            var inSpace = new Segment[space.Length];
            inSpace[0] = new Segment(space[0], 0, 1, position * space[0]);
            int rest = position;
            for (int d = block.Length; d >= 1; d--)
            {
                int b = block[d - 1];
                // In the padded image this position's indices are within + i * block; the image begins at the border.
                int within = rest % b, before = border[2 * d - 2];
                int first = within >= before ? 0 : (before - within + b - 1) / b;
                int start = within + first * b - before;
                int count = start >= space[d] ? 0 : (space[d] - start + b - 1) / b;
                inSpace[d] = new Segment(count, start, b, first);
                rest /= b;
            }

            for (int d = block.Length + 1; d < space.Length; d++) inSpace[d] = Segment.All(space[d]);
            IEnumerable<Segment> segments = toBatch ? inSpace : inSpace.Select(s => new Segment(s.Count, s.OutStart, s.OutStep, s.InStart, s.InStep));
            moves.AddRange(Movement.Select(0, node.Input().Shape, node.Output.Shape, node.Output.ElementBytes, segments));
        }

        return new MovePlan(moves, toBatch && node.Input().Count != node.Output.Count ? Movement.Zero(node.Output) : null);
    }

    private static bool ToBatch(Node node) => node.Operator == BuiltinOperator.SPACE_TO_BATCH_ND;
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>MIRROR_PAD: the border repeats the inside backwards, with (SYMMETRIC) or without (REFLECT) the outermost element.</summary>
internal sealed class MirrorPadOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input();
        int rank = input.Shape.Length;
        wrong = [.. Movement.SameKind(input, node.Output), .. Movement.Indices(node.Input(1), 2 * rank)];
        if (wrong.Length > 0) return wrong;
        int[] pads = Movement.Values(node.Input(1));
        for (int i = 0; i < pads.Length; i++)
        {
            if (pads[i] < 0 || pads[i] > input.Shape[i / 2] - Skipped(node))
                return [$"its padding of {pads[i]} is more than dimension {i / 2} of {input} can mirror."];
        }

        return Requirements.Shape(node.Output, [.. input.Shape.Select((n, d) => n + pads[2 * d] + pads[2 * d + 1])]);
    }

    public override MovePlan Plan(Node node, int output)
    {
        int[] shape = node.Input().Shape, pads = Movement.Values(node.Input(1));
        int skip = Skipped(node);
        var segments = shape.Select((n, d) => (IReadOnlyList<Segment>)
        [
            new Segment(pads[2 * d], pads[2 * d] - 1 + skip, -1, 0),
            new Segment(n, 0, 1, pads[2 * d]),
            new Segment(pads[2 * d + 1], n - 1 - skip, -1, pads[2 * d] + n),
        ]);
        return new MovePlan([.. Movement.Select(0, shape, node.Output.Shape, node.Output.ElementBytes, [.. segments])]);
    }

    private static int Skipped(Node node) => node.Options is MirrorPadOptions { Mode: TfliteMirrorPadMode.SYMMETRIC } ? 0 : 1;
}

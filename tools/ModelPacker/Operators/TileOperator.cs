using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>TILE repeats a tensor along its dimensions; BROADCAST_TO repeats the dimensions of one.</summary>
internal sealed class TileOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong = [.. Movement.SameKind(input, output), .. Movement.Indices(node.Input(1), output.Shape.Length)];
        if (wrong.Length > 0) return wrong;
        long[] values = node.Input(1).Integers();
        if (node.Operator == BuiltinOperator.TILE)
        {
            if (input.Shape.Length != output.Shape.Length) return [$"tensors {input} and {output} differ in the number of dimensions."];
            return Requirements.Shape(output, [.. input.Shape.Select((n, d) => (int)Math.Clamp(n * values[d], -1, int.MaxValue))]);
        }

        int added = output.Shape.Length - input.Shape.Length;
        if (added < 0 || input.Shape.Where((n, d) => n != 1 && n != output.Shape[d + added]).Any()) return [$"{input} does not spread to {output}."];
        return Requirements.Shape(output, [.. values.Select(v => (int)v)]);
    }

    public override MovePlan Plan(Node node, int output)
    {
        int[] outShape = node.Output.Shape;
        int[] inShape = [.. Enumerable.Repeat(1, outShape.Length - node.Input().Shape.Length), .. node.Input().Shape];
        int[] inSteps = CopyAxis.Steps(inShape, 1), outSteps = CopyAxis.Steps(outShape, 1);
        var axes = new List<CopyAxis>();
        for (int d = 0; d < outShape.Length; d++)
        {
            axes.Add(new CopyAxis(outShape[d] / inShape[d], 0, outSteps[d] * inShape[d]));
            axes.Add(new CopyAxis(inShape[d], inSteps[d], outSteps[d]));
        }

        return Movement.Reorder(node.Output.ElementBytes, axes);
    }
}

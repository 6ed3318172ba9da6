using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>PACK: inputs of one shape side by side along a new axis.</summary>
internal sealed class PackOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, Math.Max(1, node.Inputs.Count))];
        if (wrong.Length > 0) return wrong;
        Tensor output = node.Output;
        var options = node.Options as PackOptions ?? new PackOptions();
        if (Movement.Axis(options.Axis, output.Shape.Length) is not { } axis) return [$"its axis {options.Axis} is not a dimension of {output}."];
        return node.Inputs.SelectMany(input => Movement.SameKind(input!, output).Concat(
            input!.Shape.Length == output.Shape.Length - 1
                ? Requirements.Shape(output, Movement.Insert(input.Shape, axis, node.Inputs.Count))
                : [$"tensor {input.Name} {input} does not fit output {output}."])).ToList();
    }

    public override IEnumerable<int> DataInputs(Node node) => Enumerable.Range(0, node.Inputs.Count);

    public override MovePlan Plan(Node node, int output)
    {
        int[] outShape = node.Output.Shape;
        int axis = Movement.Axis((node.Options as PackOptions ?? new PackOptions()).Axis, outShape.Length)!.Value;
        int[] inShape = Movement.With(outShape, axis, 1);
        return new MovePlan([.. Enumerable.Range(0, node.Inputs.Count).SelectMany(i => Movement.Select(
            i, inShape, outShape, node.Output.ElementBytes, inShape.Select((n, d) => d == axis ? new Segment(1, 0, 1, i) : Segment.All(n))))]);
    }
}

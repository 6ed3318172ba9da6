using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>SPLIT into equal parts (axis, input) and SPLIT_V into given ones (input, sizes, axis).</summary>
internal sealed class SplitOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        bool sized = node.Operator == BuiltinOperator.SPLIT_V;
        string[] wrong = [.. Requirements.Arity(node, sized ? 3 : 2, Math.Max(1, node.Outputs.Count))];
        if (wrong.Length > 0) return wrong;
        Tensor input = Data(node), axisTensor = node.Input(sized ? 2 : 0);
        wrong = [.. Movement.Indices(axisTensor, 1), .. sized ? Movement.Indices(node.Input(1), node.Outputs.Count) : []];
        if (wrong.Length > 0) return wrong;
        if (Movement.Axis(axisTensor.Integers()[0], input.Shape.Length) is not { } axis) return [$"its axis {axisTensor.Integers()[0]} is not a dimension of {input}."];
        int size = input.Shape[axis];
        if (Sizes(node, size) is not { } sizes || sizes.Sum(s => (long)s) != size)
            return [$"its parts do not add up to the {size} slices of {input} along dimension {axis}."];
        return node.Outputs.SelectMany((o, i) => Movement.SameKind(input, o).Concat(Requirements.Shape(o, Movement.With(input.Shape, axis, sizes[i])))).ToList();
    }

    public override IEnumerable<int> DataInputs(Node node) => [node.Operator == BuiltinOperator.SPLIT_V ? 0 : 1];

    public override MovePlan Plan(Node node, int output)
    {
        Tensor input = Data(node);
        int axis = Movement.Axis(node.Input(node.Operator == BuiltinOperator.SPLIT_V ? 2 : 0).Integers()[0], input.Shape.Length)!.Value;
        int[] sizes = Sizes(node, input.Shape[axis])!;
        return new MovePlan([.. Movement.Select(
            DataInputs(node).First(), input.Shape, node.Outputs[output].Shape, input.ElementBytes,
            input.Shape.Select((n, d) => d == axis ? new Segment(sizes[output], sizes[..output].Sum(), 1, 0) : Segment.All(n)))]);
    }

    private static Tensor Data(Node node) => node.Input(node.Operator == BuiltinOperator.SPLIT_V ? 0 : 1);

    /// <summary>The parts' sizes; one of SPLIT_V's may be -1 and takes what is left. Null where there is no sense in them.</summary>
    private static int[]? Sizes(Node node, int total)
    {
        int count = node.Outputs.Count;
        if (node.Operator != BuiltinOperator.SPLIT_V) return total % count == 0 ? [.. Enumerable.Repeat(total / count, count)] : null;
        int[] sizes = Movement.Values(node.Input(1));
        if (sizes.Count(s => s < 0) > 1 || sizes.Any(s => s < -1 || s > total)) return null;
        int rest = total - (int)Math.Min(sizes.Where(s => s >= 0).Sum(s => (long)s), int.MaxValue);
        return rest < 0 ? null : [.. sizes.Select(s => s < 0 ? rest : s)];
    }
}

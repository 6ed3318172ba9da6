namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Operators that only give the elements another shape.</summary>
internal static class ReshapeOperators
{
    public static void Reshape(OnnxNodeContext c) => To(c, ReshapeShape(c));

    public static void Squeeze(OnnxNodeContext c) => To(c, SqueezeShape(c));

    public static void Unsqueeze(OnnxNodeContext c) => To(c, UnsqueezeShape(c));

    public static void Flatten(OnnxNodeContext c) => To(c, FlattenShape(c));

    private static void To(OnnxNodeContext c, int[] shape) => c.Result(c.Write.Reshape(c.Tensor(0), shape));

    public static int[] ReshapeShape(OnnxNodeContext c) =>
        Shapes.Reshaped(c.In(0).Shape, c.Ints("shape") ?? c.Known(1, "the shape").Integers(), c.Int("allowzero", 0) != 0);

    public static int[] SqueezeShape(OnnxNodeContext c)
    {
        int[] shape = c.In(0).Shape;
        long[]? axes = c.AxesAt(1);
        HashSet<int> gone = axes is null ? [.. Shapes.Count(shape.Length).Where(d => shape[d] == 1)] : [.. axes.Select(a => Shapes.Axis(a, shape.Length))];
        if (gone.Any(d => shape[d] != 1)) throw new OnnxRefusal($"takes away a dimension of [{string.Join(',', shape)}] that is not 1.");
        return [.. shape.Where((_, d) => !gone.Contains(d))];
    }

    public static int[] UnsqueezeShape(OnnxNodeContext c)
    {
        int[] shape = c.In(0).Shape;
        long[] axes = c.AxesAt(1) ?? throw new OnnxRefusal("lacks its axes.");
        HashSet<int> added = [.. axes.Select(a => Shapes.Axis(a, shape.Length + axes.Length))];
        int at = 0;
        return [.. Shapes.Count(shape.Length + added.Count).Select(d => added.Contains(d) ? 1 : shape[at++])];
    }

    public static int[] FlattenShape(OnnxNodeContext c)
    {
        int[] shape = c.In(0).Shape;
        long given = c.Int("axis", 1);
        int axis = given == shape.Length ? shape.Length : Shapes.Axis(given, shape.Length);
        return [OnnxConstant.CountOf(shape[..axis]), OnnxConstant.CountOf(shape[axis..])];
    }
}

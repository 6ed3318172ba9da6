using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Reductions over dimensions.</summary>
internal static class ReduceOperators
{
    public static void Reduce(OnnxNodeContext c, BuiltinOperator op)
    {
        Tensor x = c.Tensor(0);
        if (Axes(c, x.Shape.Length) is { } axes) c.Result(Over(c, op, x, axes, c.Int("keepdims", 1) != 0));
        else c.Result(x);
    }

    /// <summary>Root of the sum of squares, and the sum of squares or of magnitudes.</summary>
    public static void Norm(OnnxNodeContext c, BuiltinOperator before, bool root)
    {
        Tensor x = c.Tensor(0);
        int[] axes = Axes(c, x.Shape.Length) ?? [];
        Tensor sum = Over(c, BuiltinOperator.SUM, c.Write.Like(before, null, x), axes, c.Int("keepdims", 1) != 0);
        c.Result(root ? c.Write.Like(BuiltinOperator.SQRT, null, sum) : sum);
    }

    /// <summary>The logarithm of a sum, of exponentials or of the values themselves.</summary>
    public static void LogSum(OnnxNodeContext c, bool exponentials)
    {
        Tensor x = c.Tensor(0);
        Tensor terms = exponentials ? c.Write.Like(BuiltinOperator.EXP, null, x) : x;
        c.Result(c.Write.Like(BuiltinOperator.LOG, null, Over(c, BuiltinOperator.SUM, terms, Axes(c, x.Shape.Length) ?? [], c.Int("keepdims", 1) != 0)));
    }

    public static void ArgMax(OnnxNodeContext c, BuiltinOperator op)
    {
        Tensor x = c.Tensor(0);
        int axis = Shapes.Axis(c.Int("axis", 0), x.Shape.Length);
        if (c.Int("select_last_index", 0) != 0) throw new OnnxRefusal("takes the last of equal values, which is not supported.");
        TfliteOptions options = op == BuiltinOperator.ARG_MAX ? new ArgMaxOptions() : new ArgMinOptions();
        Tensor y = c.Write.Add(op, options, TfliteType.INT32, [.. x.Shape.Where((_, d) => d != axis)], x, c.Write.Ints(axis));
        c.Result(c.Int("keepdims", 1) != 0 ? c.Write.Reshape(y, Shapes.With(x.Shape, axis, 1)) : y, 0, OnnxType.Int64);
    }

    private static int[]? Axes(OnnxNodeContext c, int rank)
    {
        long[]? given = c.AxesAt(1);
        if (given is { Length: > 0 }) return [.. given.Select(a => Shapes.Axis(a, rank)).Distinct().Order()];
        return c.Int("noop_with_empty_axes", 0) != 0 ? null : Shapes.Count(rank);
    }

    private static Tensor Over(OnnxNodeContext c, BuiltinOperator op, Tensor x, int[] axes, bool keep)
    {
        int[] shape = keep ? [.. x.Shape.Select((s, d) => axes.Contains(d) ? 1 : s)] : [.. x.Shape.Where((_, d) => !axes.Contains(d))];
        return c.Write.Like(op, new ReducerOptions(keep), shape, x, c.Write.Ints(axes));
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Operators that are a product with, or a look-up in, a constant known while importing.</summary>
internal static class ConstantProducts
{
    /// <summary>A triangle of each matrix: the product with ones and zeros.</summary>
    public static void Trilu(OnnxNodeContext c)
    {
        Tensor x = c.Tensor(c.OfRank(0, 2));
        long k = c.KnownOrNull(1, "its diagonal") is { } offset ? (long)offset.Scalar : 0;
        bool upper = c.Int("upper", 1) != 0;
        (int rows, int columns) = (x.Shape[^2], x.Shape[^1]);
        if (x.Type != TfliteType.FLOAT32) throw new OnnxRefusal("takes a triangle of integers, which is not supported.");
        c.Result(c.Write.Binary(BuiltinOperator.MUL, x, c.Write.Reals([rows, columns], Shapes.Count(rows * columns).Select(i => upper == (i % columns - i / columns > k) || i % columns - i / columns == k ? 1.0 : 0))));
    }

    /// <summary>Running sums along a dimension: the product with a triangle of ones.</summary>
    public static void CumSum(OnnxNodeContext c)
    {
        OnnxValue x = c.OfRank(0, 1);
        int rank = x.Shape.Length, axis = Shapes.Axis((long)c.Known(1, "its dimension").Scalar, rank), size = x.Shape[axis];
        if (c.Tensor(0).Type != TfliteType.FLOAT32) throw new OnnxRefusal("sums integers, which is not supported.");
        bool exclusive = c.Int("exclusive", 0) != 0, reverse = c.Int("reverse", 0) != 0;
        var triangle = new double[size * size];
        for (int i = 0; i < triangle.Length; i++)
        {
            int distance = (i % size - i / size) * (reverse ? -1 : 1);
            triangle[i] = distance > 0 || (distance == 0 && !exclusive) ? 1 : 0;
        }

        int[] order = [.. Shapes.Count(rank).Where(d => d != axis), axis];
        OnnxValue turned = c.Call("Transpose", [x], ("perm", order.Select(d => (long)d).ToArray()));
        OnnxValue sums = c.Call("MatMul", [turned, c.Value(new OnnxConstant(OnnxType.Float, [size, size], triangle))]);
        c.Result(c.Call("Transpose", [sums], ("perm", Shapes.Inverse(order).Select(d => (long)d).ToArray())));
    }

    /// <summary>A row for each index, with one value at the index and another elsewhere: rows of a table.</summary>
    public static void OneHot(OnnxNodeContext c)
    {
        int depth = (int)c.Known(1, "its depth").Scalar, rank = c.In(0).Shape.Length;
        OnnxConstant given = c.Known(2, "its values");
        double[] values = given.Values;
        if (depth is < 1 or > 1 << 14 || values.Length != 2 || c.In(0).Type.IsReal()) throw new OnnxRefusal("has a depth, values or indices that are not possible.");
        Tensor table = c.Write.Constant(new OnnxConstant(given.Type, [depth, depth], [.. Shapes.Count(depth * depth).Select(i => i % depth == i / depth ? values[1] : values[0])]));
        Tensor rows = c.Write.Add(BuiltinOperator.GATHER, new GatherOptions(), table.Type, [.. c.In(0).Shape, depth], table, c.Tensor(0));
        int axis = Shapes.Axis(c.Int("axis", -1), rank + 1);
        int[] order = [.. Shapes.Count(axis), rank, .. Shapes.Count(rank).Skip(axis)];
        c.Result(c.Write.Transpose(rows, order), 0, given.Type);
    }
}

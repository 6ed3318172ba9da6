namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>Element-wise operators, reductions and makers of constants; every result is rounded to its type.</summary>
internal static class ConstantArithmetic
{
    private const int MostElements = 1 << 24;

    public static OnnxConstant Cast(OnnxConstant x, OnnxType to)
    {
        if (to.Bytes() == 0) throw new OnnxRefusal($"casts to {to.Name()}, which is not supported.");
        return new OnnxConstant(to, x.Shape, [.. x.Values.Select(v => to.Hold(v))]);
    }

    public static OnnxConstant Unary(OnnxNodeContext c, Func<double, double> function)
    {
        OnnxConstant x = c.In(0).Constant!;
        return x with { Values = [.. x.Values.Select(v => x.Type.Hold(function(v)))] };
    }

    public static OnnxConstant Binary(OnnxNodeContext c, Func<double, double, double> function, OnnxType? type = null) =>
        Combine(c.In(0).Constant!, c.In(1).Constant!, function, type ?? c.In(0).Type);

    public static OnnxConstant Variadic(OnnxNodeContext c, Func<double, double, double> function)
    {
        OnnxConstant all = c.In(0).Constant!;
        for (int i = 1; i < c.InputCount; i++) all = Combine(all, c.In(i).Constant!, function, all.Type);
        return all;
    }

    private static OnnxConstant Combine(OnnxConstant a, OnnxConstant b, Func<double, double, double> function, OnnxType type)
    {
        int[] shape = Shapes.Broadcast(a.Shape, b.Shape) ?? throw new OnnxRefusal("has operands whose shapes do not fit each other.");
        OnnxConstant x = ConstantMovement.Expand(a, shape), y = ConstantMovement.Expand(b, shape);
        return new OnnxConstant(type, shape, [.. x.Values.Zip(y.Values, (p, q) => type.Hold(function(p, q)))]);
    }

    public static OnnxConstant Where(OnnxNodeContext c)
    {
        OnnxConstant condition = c.In(0).Constant!, a = c.In(1).Constant!, b = c.In(2).Constant!;
        int[]? shape = Shapes.Broadcast(a.Shape, b.Shape);
        shape = shape is null ? null : Shapes.Broadcast(shape, condition.Shape);
        if (shape is null) throw new OnnxRefusal("has operands whose shapes do not fit each other.");
        double[] x = ConstantMovement.Expand(a, shape).Values, y = ConstantMovement.Expand(b, shape).Values, which = ConstantMovement.Expand(condition, shape).Values;
        return new OnnxConstant(a.Type, shape, [.. which.Select((w, i) => w != 0 ? x[i] : y[i])]);
    }

    /// <summary>Products of matrices, the batch dimensions of one of them may be missing.</summary>
    public static OnnxConstant MatMul(OnnxConstant a, OnnxConstant b)
    {
        if (a.Shape.Length < 2 || b.Shape.Length != 2 || a.Shape[^1] != b.Shape[0]) throw new OnnxRefusal("multiplies constants in a form that is not supported: export the model with constants folded.");
        int depth = b.Shape[0], columns = b.Shape[1], rows = a.Values.Length / Math.Max(depth, 1);
        var values = new double[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            double sum = 0;
            for (int k = 0; k < depth; k++) sum += a.Values[i / columns * depth + k] * b.Values[k * columns + i % columns];
            values[i] = a.Type.Hold(sum);
        }

        return new OnnxConstant(a.Type, [.. a.Shape[..^1], columns], values);
    }

    public static OnnxConstant Range(OnnxNodeContext c)
    {
        double start = c.In(0).Constant!.Scalar, limit = c.In(1).Constant!.Scalar, step = c.In(2).Constant!.Scalar;
        double count = Math.Max(0, Math.Ceiling((limit - start) / step));
        if (!(count <= MostElements)) throw new OnnxRefusal("makes a range without end.");
        return new OnnxConstant(c.In(0).Type, [(int)count], [.. Enumerable.Range(0, (int)count).Select(i => start + i * step)]);
    }

    public static OnnxConstant ConstantOfShape(OnnxNodeContext c)
    {
        long[] sizes = c.In(0).Constant!.Integers();
        if (sizes.Any(s => s < 0) || sizes.Aggregate(1L, (a, b) => Math.Min(a * b, int.MaxValue)) > MostElements)
            throw new OnnxRefusal($"makes a tensor of shape [{string.Join(',', sizes)}], which is too large or damaged.");
        OnnxConstant value = c.Node.Attributes.TryGetValue("value", out OnnxAttribute? attribute) && attribute.Tensor is { } tensor
            ? c.Import.Read(tensor) : new OnnxConstant(OnnxType.Float, [1], [0]);
        int[] shape = [.. sizes.Select(s => (int)s)];
        return new OnnxConstant(value.Type, shape, [.. Enumerable.Repeat(value.Scalar, OnnxConstant.CountOf(shape))]);
    }

    public static OnnxConstant NonZero(OnnxConstant x)
    {
        int[] strides = OnnxConstant.Strides(x.Shape), found = [.. Shapes.Count(x.Values.Length).Where(i => x.Values[i] != 0)];
        var values = new double[x.Shape.Length * found.Length];
        for (int d = 0; d < x.Shape.Length; d++)
        {
            for (int i = 0; i < found.Length; i++) values[d * found.Length + i] = found[i] / strides[d] % x.Shape[d];
        }

        return new OnnxConstant(OnnxType.Int64, [x.Shape.Length, found.Length], values);
    }

    public static OnnxConstant CumSum(OnnxNodeContext c)
    {
        if (c.Int("exclusive", 0) != 0 || c.Int("reverse", 0) != 0) throw new OnnxRefusal("sums exclusively or in reverse, which is not supported.");
        OnnxConstant x = c.In(0).Constant!;
        int axis = Shapes.Axis((long)c.In(1).Constant!.Scalar, x.Shape.Length), step = OnnxConstant.Strides(x.Shape)[axis];
        double[] values = [.. x.Values];
        for (int i = 0; i < values.Length; i++)
        {
            if (i / step % x.Shape[axis] > 0) values[i] = x.Type.Hold(values[i] + values[i - step]);
        }

        return x with { Values = values };
    }

    public static OnnxConstant Trilu(OnnxNodeContext c)
    {
        OnnxConstant x = c.In(0).Constant!;
        if (x.Shape.Length < 2) throw new OnnxRefusal("takes a triangle of something that is no matrix.");
        long k = c.Optional(1)?.Constant is { } offset ? (long)offset.Scalar : 0;
        bool upper = c.Int("upper", 1) != 0;
        int rows = x.Shape[^2], columns = x.Shape[^1];
        return x with { Values = [.. x.Values.Select((v, i) => (upper ? i % columns - i / columns % rows >= k : i % columns - i / columns % rows <= k) ? v : 0)] };
    }

    public static OnnxConstant Reduce(OnnxNodeContext c, Func<double[], double> function)
    {
        OnnxConstant x = c.In(0).Constant!;
        int rank = x.Shape.Length;
        long[]? given = c.AxesAt(1);
        if (given is not { Length: > 0 } && c.Int("noop_with_empty_axes", 0) != 0) return x;
        HashSet<int> axes = given is { Length: > 0 } ? [.. given.Select(a => Shapes.Axis(a, rank))] : [.. Shapes.Count(rank)];
        int[] order = [.. Shapes.Count(rank).Where(d => !axes.Contains(d)), .. axes.Order()];
        OnnxConstant turned = x.Transpose(order);
        int length = OnnxConstant.CountOf(axes.Select(a => x.Shape[a])), rows = length == 0 ? 0 : x.Values.Length / length;
        int[] shape = c.Int("keepdims", 1) != 0 ? [.. x.Shape.Select((s, d) => axes.Contains(d) ? 1 : s)] : [.. x.Shape.Where((_, d) => !axes.Contains(d))];
        return new OnnxConstant(x.Type, shape, [.. Enumerable.Range(0, rows).Select(r => x.Type.Hold(function(turned.Values[(r * length)..((r + 1) * length)])))]);
    }
}

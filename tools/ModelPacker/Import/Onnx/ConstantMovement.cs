namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>Operators that only move the elements of constants.</summary>
internal static class ConstantMovement
{
    /// <summary>Fills a tensor by asking, for every index, which element of the source stands there.</summary>
    public static OnnxConstant Select(OnnxConstant x, int[] shape, Func<int[], int> source)
    {
        var values = new double[OnnxConstant.CountOf(shape)];
        var at = new int[shape.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = x.Values[source(at)];
            for (int d = shape.Length - 1; d >= 0 && ++at[d] == shape[d]; d--) at[d] = 0;
        }

        return new OnnxConstant(x.Type, shape, values);
    }

    public static OnnxConstant Expand(OnnxConstant x, int[] shape)
    {
        if (x.Shape.AsSpan().SequenceEqual(shape)) return x;
        int[] strides = OnnxConstant.Strides(x.Shape);
        int lead = shape.Length - x.Shape.Length;
        return Select(x, shape, at =>
        {
            int from = 0;
            for (int d = 0; d < x.Shape.Length; d++) from += x.Shape[d] == 1 ? 0 : at[d + lead] * strides[d];
            return from;
        });
    }

    public static OnnxConstant Tile(OnnxNodeContext c)
    {
        OnnxConstant x = c.In(0).Constant!;
        long[] repeats = c.In(1).Constant!.Integers();
        int[] strides = OnnxConstant.Strides(x.Shape);
        return Select(x, [.. x.Shape.Select((s, d) => checked(s * (int)repeats[d]))], at => at.Select((p, d) => p % x.Shape[d] * strides[d]).Sum());
    }

    public static OnnxConstant Concat(OnnxNodeContext c)
    {
        OnnxConstant[] parts = [.. Shapes.Count(c.InputCount).Select(i => c.In(i).Constant!)];
        int axis = Shapes.Axis(c.Int("axis", 0), parts[0].Shape.Length);
        int outer = OnnxConstant.CountOf(parts[0].Shape[..axis]);
        int[] pieces = [.. parts.Select(p => OnnxConstant.CountOf(p.Shape.Skip(axis)))];
        double[] values = [.. Enumerable.Range(0, outer).SelectMany(o => parts.SelectMany((p, i) => p.Values.Skip(o * pieces[i]).Take(pieces[i])))];
        return new OnnxConstant(parts[0].Type, Shapes.With(parts[0].Shape, axis, parts.Sum(p => p.Shape[axis])), values);
    }

    public static OnnxConstant Slice(OnnxConstant x, IReadOnlyList<Operators.AxisSlice> slices)
    {
        int[] strides = OnnxConstant.Strides(x.Shape);
        return Select(x, [.. slices.Select(s => s.Count)], at =>
        {
            int from = 0;
            for (int d = 0; d < at.Length; d++) from += (slices[d].Start + at[d] * slices[d].Step) * strides[d];
            return from;
        });
    }

    public static OnnxConstant[] Split(OnnxNodeContext c)
    {
        OnnxConstant x = c.In(0).Constant!;
        (int axis, int[] sizes) = Operators.SliceOperators.SplitSizes(c);
        var parts = new OnnxConstant[sizes.Length];
        for (int i = 0, at = 0; i < sizes.Length; at += sizes[i++])
        {
            int start = at;
            parts[i] = Slice(x, [.. x.Shape.Select((s, d) => d == axis ? new Operators.AxisSlice(start, 1, sizes[i]) : new Operators.AxisSlice(0, 1, s))]);
        }

        return parts;
    }

    public static OnnxConstant Gather(OnnxConstant x, OnnxConstant indices, int axis)
    {
        int size = x.Shape[axis], inner = OnnxConstant.CountOf(x.Shape.Skip(axis + 1)), outer = OnnxConstant.CountOf(x.Shape[..axis]);
        int[] rows = [.. indices.Integers().Select(i => i >= -size && i < size ? (int)(i < 0 ? i + size : i) : throw new OnnxRefusal($"takes slice {i} of {size}."))];
        var values = new double[outer * rows.Length * inner];
        for (int o = 0; o < outer; o++)
        {
            for (int r = 0; r < rows.Length; r++) Array.Copy(x.Values, (o * size + rows[r]) * inner, values, (o * rows.Length + r) * inner, inner);
        }

        return new OnnxConstant(x.Type, [.. x.Shape[..axis], .. indices.Shape, .. x.Shape[(axis + 1)..]], values);
    }

    public static OnnxConstant GatherNd(OnnxNodeContext c)
    {
        if (c.Int("batch_dims", 0) != 0) throw new OnnxRefusal("gathers from constants by batches, which is not supported.");
        OnnxConstant x = c.In(0).Constant!, indices = c.In(1).Constant!;
        int depth = indices.Shape[^1], inner = OnnxConstant.CountOf(x.Shape.Skip(depth));
        int[] places = Places(x.Shape, indices);
        double[] values = [.. places.SelectMany(p => x.Values.Skip(p * inner).Take(inner))];
        return new OnnxConstant(x.Type, [.. indices.Shape[..^1], .. x.Shape[depth..]], values);
    }

    public static OnnxConstant ScatterNd(OnnxNodeContext c)
    {
        if (c.Text("reduction", "none") != "none") throw new OnnxRefusal("scatters with a reduction, which is not supported.");
        OnnxConstant x = c.In(0).Constant!, updates = c.In(2).Constant!;
        int inner = OnnxConstant.CountOf(x.Shape.Skip(c.In(1).Shape[^1]));
        int[] places = Places(x.Shape, c.In(1).Constant!);
        double[] values = [.. x.Values];
        for (int i = 0; i < places.Length; i++) Array.Copy(updates.Values, i * inner, values, places[i] * inner, inner);
        return x with { Values = values };
    }

    /// <summary>For each tuple of indices, which slice of the tensor it names, counted in row-major order.</summary>
    public static int[] Places(int[] shape, OnnxConstant indices)
    {
        int depth = indices.Shape[^1];
        if (depth > shape.Length) throw new OnnxRefusal("names more dimensions than its data has.");
        long[] all = indices.Integers();
        var places = new int[depth == 0 ? 1 : all.Length / depth];
        for (int i = 0; i < places.Length; i++)
        {
            for (int d = 0; d < depth; d++)
            {
                long index = all[i * depth + d];
                if (index < -shape[d] || index >= shape[d]) throw new OnnxRefusal($"names index {index} of a dimension of {shape[d]}.");
                places[i] = places[i] * shape[d] + (int)(index < 0 ? index + shape[d] : index);
            }
        }

        return places;
    }

    public static OnnxConstant OneHot(OnnxNodeContext c)
    {
        OnnxConstant indices = c.In(0).Constant!, values = c.In(2).Constant!;
        int depth = (int)c.In(1).Constant!.Scalar;
        if (Shapes.Axis(c.Int("axis", -1), indices.Shape.Length + 1) != indices.Shape.Length) throw new OnnxRefusal("puts its new dimension before others, which is not supported.");
        double[] all = [.. indices.Values.SelectMany(v => Enumerable.Range(0, depth).Select(d => d == (v < 0 ? v + depth : v) ? values.Values[1] : values.Values[0]))];
        return new OnnxConstant(values.Type, [.. indices.Shape, depth], all);
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Which indices of a dimension are taken.</summary>
internal sealed record AxisSlice(int Start, int Step, int Count);

/// <summary>Operators that take parts of a tensor, or put parts into one.</summary>
internal static class SliceOperators
{
    /// <summary>The slices of every dimension that a Slice node means.</summary>
    public static AxisSlice[] Resolve(OnnxNodeContext c)
    {
        int[] shape = c.In(0).Shape;
        long[] starts = c.Ints("starts") ?? c.Known(1, "its starts").Integers(), ends = c.Ints("ends") ?? c.Known(2, "its ends").Integers();
        long[] axes = c.Ints("axes") ?? c.KnownOrNull(3, "its axes")?.Integers() ?? [.. Shapes.Count(starts.Length).Select(a => (long)a)];
        long[] steps = c.KnownOrNull(4, "its steps")?.Integers() ?? [.. starts.Select(_ => 1L)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length) throw new OnnxRefusal("has as many starts, ends, axes and steps as do not fit each other.");
        AxisSlice[] slices = [.. shape.Select(s => new AxisSlice(0, 1, s))];
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = Shapes.Axis(axes[i], shape.Length), size = shape[axis];
            long step = steps[i];
            if (step == 0 || Math.Abs(step) > int.MaxValue) throw new OnnxRefusal("has a step of 0.");
            (long low, long high) = step > 0 ? (0L, (long)size) : (-1L, size - 1L);
            long start = Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], step > 0 ? low : 0, high);
            long end = Math.Clamp(ends[i] < 0 ? Math.Max(ends[i], -(long)int.MaxValue) + size : ends[i], low, high);
            long count = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step;
            slices[axis] = new AxisSlice((int)start, (int)step, (int)Math.Max(count, 0));
        }

        return slices;
    }

    public static void Slice(OnnxNodeContext c) => c.Result(Take(c.Write, c.Tensor(0), Resolve(c)));

    /// <summary>The parts of a tensor that the slices name.</summary>
    public static Tensor Take(GraphWriter write, Tensor x, AxisSlice[] slices)
    {
        int[] shape = [.. slices.Select(s => s.Count)];
        if (shape.Contains(0)) throw new OnnxRefusal($"takes nothing of [{string.Join(',', x.Shape)}].");
        if (slices.Select((s, d) => s.Start == 0 && s.Step == 1 && s.Count == x.Shape[d]).All(all => all)) return x;
        if (slices.All(s => s.Step == 1)) return write.Like(BuiltinOperator.SLICE, null, shape, x, write.Ints([.. slices.Select(s => s.Start)]), write.Ints(shape));
        int[] ends = [.. slices.Select(s => s.Start + s.Step * s.Count)];

        // A backward slice to the first element ends before it, which only a mask can say.
        int mask = 0;
        for (int d = 0; d < ends.Length; d++)
        {
            if (ends[d] < 0) mask |= 1 << d;
        }

        return write.Like(
            BuiltinOperator.STRIDED_SLICE, new StridedSliceOptions(EndMask: mask), shape, x,
            write.Ints([.. slices.Select(s => s.Start)]), write.Ints([.. ends.Select(e => Math.Max(e, 0))]), write.Ints([.. slices.Select(s => s.Step)]));
    }

    public static (int Axis, int[] Sizes) SplitSizes(OnnxNodeContext c)
    {
        int[] shape = c.In(0).Shape;
        int axis = Shapes.Axis(c.Int("axis", 0), shape.Length), parts = c.Node.Outputs.Count;
        long[]? given = c.Ints("split") ?? c.KnownOrNull(1, "its parts")?.Integers();
        if (given is null)
        {
            int each = (shape[axis] + parts - 1) / parts;
            given = [.. Shapes.Count(parts).Select(i => (long)Math.Min(each, Math.Max(0, shape[axis] - i * each)))];
        }

        if (given.Length != parts || given.Sum() != shape[axis] || given.Any(g => g < 1)) throw new OnnxRefusal($"splits {shape[axis]} into [{string.Join(',', given)}] for {parts} outputs.");
        return (axis, [.. given.Select(g => (int)g)]);
    }

    public static void Split(OnnxNodeContext c)
    {
        (int axis, int[] sizes) = SplitSizes(c);
        Tensor x = c.Tensor(0);
        if (sizes.Length == 1)
        {
            c.Result(x);
            return;
        }

        Tensor[] parts = [.. sizes.Select((s, i) => new Tensor { Name = c.Node.Outputs[i], Type = x.Type, Shape = Shapes.With(x.Shape, axis, s), Quantisation = x.Quantisation })];
        c.Write.AddNode(BuiltinOperator.SPLIT_V, new SplitVOptions(sizes.Length), [x, c.Write.Ints(sizes), c.Write.Constant(new OnnxConstant(OnnxType.Int32, [], [axis]))], parts);
        for (int i = 0; i < parts.Length; i++) c.Result(parts[i], i);
    }

    /// <summary>Slices named by indices; computed indices make it the lookup of an embedding.</summary>
    public static void Gather(OnnxNodeContext c)
    {
        OnnxValue x = c.OfRank(0, 1), indices = c.In(1);
        int axis = Shapes.Axis(c.Int("axis", 0), x.Shape.Length), size = x.Shape[axis];
        int[] shape = [.. x.Shape[..axis], .. indices.Shape, .. x.Shape[(axis + 1)..]];
        GraphWriter write = c.Write;
        if (indices.Constant is { } known)
        {
            int[] rows = [.. known.Integers().Select(i => i >= -size && i < size ? (int)(i < 0 ? i + size : i) : throw new OnnxRefusal($"takes slice {i} of {size}."))];
            if (rows.Length > 0 && rows.Select((r, i) => r == rows[0] + i).All(next => next))
            {
                Tensor part = Take(write, c.Tensor(0), [.. x.Shape.Select((s, d) => d == axis ? new AxisSlice(rows[0], 1, rows.Length) : new AxisSlice(0, 1, s))]);
                c.Result(write.Reshape(part, shape));
                return;
            }

            Tensor taken = write.Like(BuiltinOperator.GATHER, new GatherOptions(axis), Shapes.With(x.Shape, axis, rows.Length), c.Tensor(0), write.Ints(rows));
            c.Result(write.Reshape(taken, shape));
            return;
        }

        c.Result(write.Like(BuiltinOperator.GATHER, new GatherOptions(axis), shape, c.Tensor(0), c.Tensor(indices)));
    }

    public static void GatherNd(OnnxNodeContext c)
    {
        Tensor x = c.Tensor(0);
        OnnxValue indices = c.In(1);
        int batch = (int)c.Int("batch_dims", 0), depth = indices.Shape[^1];
        if (batch < 0 || batch >= indices.Shape.Length || batch + depth > x.Shape.Length) throw new OnnxRefusal("has indices that do not fit its data.");
        int[] shape = [.. indices.Shape[..^1], .. x.Shape[(batch + depth)..]];

        // One index into the dimension after batches of 1 is a plain lookup.
        if (depth == 1 && x.Shape[..batch].All(s => s == 1))
        {
            Tensor rows = c.Write.Reshape(c.Tensor(indices), OnnxConstant.CountOf(indices.Shape));
            Tensor taken = c.Write.Like(BuiltinOperator.GATHER, new GatherOptions(batch), [.. x.Shape[..batch], rows.Count, .. x.Shape[(batch + 1)..]], x, rows);
            c.Result(c.Write.Reshape(taken, shape));
            return;
        }

        if (batch != 0) throw new OnnxRefusal("gathers by batches of more than 1, which is not supported.");
        c.Result(c.Write.Like(BuiltinOperator.GATHER_ND, null, shape, x, c.Tensor(indices)));
    }

    /// <summary>Puts slices into a tensor at places that are known: whole slices in a row become a concatenation.</summary>
    public static void ScatterNd(OnnxNodeContext c)
    {
        if (c.Text("reduction", "none") != "none") throw new OnnxRefusal("scatters with a reduction, which is not supported.");
        Tensor x = c.Tensor(0), updates = c.Tensor(2);
        OnnxConstant indices = c.Known(1, "its indices");
        int depth = indices.Shape[^1], inner = OnnxConstant.CountOf(x.Shape.Skip(depth)), slots = inner == 0 ? 0 : x.Count / inner;
        int[] places = ConstantMovement.Places(x.Shape, indices);

        // The data as rows, then the updates as rows: each row of the result is one of them.
        GraphWriter write = c.Write;
        int[] order = Shapes.Count(slots);
        for (int i = 0; i < places.Length; i++) order[places[i]] = slots + i;
        Tensor rows = write.Reshape(updates, places.Length, inner);
        if (!order.All(o => o >= slots))
        {
            Tensor old = write.Reshape(x, slots, inner);
            rows = write.Like(BuiltinOperator.CONCATENATION, new ConcatenationOptions(0), [slots + places.Length, inner], old, rows);
        }
        else
        {
            order = [.. order.Select(o => o - slots)];
        }

        bool inOrder = order.Length == rows.Shape[0] && order.Select((o, i) => o == i).All(same => same);
        if (!inOrder) rows = write.Like(BuiltinOperator.GATHER, new GatherOptions(0), [slots, inner], rows, write.Ints(order));
        c.Result(write.Reshape(rows, x.Shape));
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Operators that move, repeat or join elements.</summary>
internal static class MovementOperators
{
    public static int[] Permutation(OnnxNodeContext c)
    {
        int rank = c.In(0).Shape.Length;
        int[] order = c.Ints("perm") is { } given ? [.. given.Select(p => Shapes.Axis(p, rank))] : [.. Shapes.Count(rank).Reverse()];
        return order.Order().SequenceEqual(Shapes.Count(rank)) ? order : throw new OnnxRefusal("has a permutation that does not name every dimension once.");
    }

    public static void Transpose(OnnxNodeContext c) => c.Result(c.Write.Transpose(c.Tensor(0), Permutation(c)));

    public static void Identity(OnnxNodeContext c)
    {
        c.Result(c.In(0));
        if (c.Wants(1)) c.Result(new OnnxConstant(OnnxType.Bool, c.In(0).Shape, [.. Enumerable.Repeat(1.0, OnnxConstant.CountOf(c.In(0).Shape))]), 1);
    }

    public static void Concat(OnnxNodeContext c)
    {
        OnnxValue[] parts = [.. Shapes.Count(c.InputCount).Select(c.In).Where(v => !v.Shape.Contains(0))];
        if (parts.Length == 0) throw new OnnxRefusal("joins nothing.");
        Join(c, parts, Shapes.Axis(c.Int("axis", 0), parts[0].Shape.Length));
    }

    private static void Join(OnnxNodeContext c, OnnxValue[] parts, int axis)
    {
        int[] shape = parts[0].Shape;
        if (parts.Any(p => p.Shape.Length != shape.Length || p.Shape.Where((s, d) => d != axis && s != shape[d]).Any()))
            throw new OnnxRefusal($"joins tensors of different shapes: {string.Join(", ", parts.Select(p => $"[{string.Join(',', p.Shape)}]"))}.");
        Tensor[] tensors = [.. parts.Select(c.Tensor)];
        int size = parts.Sum(p => p.Shape[axis]);
        if (tensors.Length == 1)
        {
            c.Result(parts[0]);
            return;
        }

        Tensor y = c.Write.Like(BuiltinOperator.CONCATENATION, new ConcatenationOptions(axis), Shapes.With(shape, axis, size), tensors[0], tensors[1..]);
        c.Result(y, 0, parts[0].Type);
    }

    public static int[] ExpandShape(OnnxNodeContext c)
    {
        int[] wanted = [.. c.Known(1, "the shape").Integers().Select(s => checked((int)s))];
        return Shapes.Broadcast(c.In(0).Shape, wanted) ?? throw new OnnxRefusal($"expands [{string.Join(',', c.In(0).Shape)}] to [{string.Join(',', wanted)}], which do not fit.");
    }

    public static void Expand(OnnxNodeContext c)
    {
        int[] shape = ExpandShape(c);
        Tensor x = c.Tensor(0);
        c.Result(x.Shape.AsSpan().SequenceEqual(shape) ? x : x.Count == OnnxConstant.CountOf(shape) ? c.Write.Reshape(x, shape)
            : c.Write.Like(BuiltinOperator.BROADCAST_TO, null, shape, x, c.Write.Ints(shape)));
    }

    public static void Tile(OnnxNodeContext c)
    {
        Tensor x = c.Tensor(0);
        int[] repeats = [.. c.Known(1, "its repeats").Integers().Select(r => checked((int)r))];
        if (repeats.Length != x.Shape.Length || repeats.Any(r => r < 1)) throw new OnnxRefusal($"repeats [{string.Join(',', repeats)}] a tensor of shape [{string.Join(',', x.Shape)}].");
        if (repeats.All(r => r == 1)) c.Result(x);
        else c.Result(c.Write.Like(BuiltinOperator.TILE, null, [.. x.Shape.Select((s, d) => checked(s * repeats[d]))], x, c.Write.Ints(repeats)));
    }

    public static void Pad(OnnxNodeContext c)
    {
        Tensor x = c.Tensor(0);
        int rank = x.Shape.Length;
        long[] given = c.Ints("pads") ?? c.Known(1, "its paddings").Integers();
        int[] axes = c.KnownOrNull(3, "its axes") is { } named ? [.. named.Integers().Select(a => Shapes.Axis(a, rank))] : Shapes.Count(rank);
        if (given.Length != 2 * axes.Length || given.Any(p => Math.Abs(p) > 1 << 20)) throw new OnnxRefusal($"has {given.Length} paddings for {axes.Length} dimensions.");
        var amounts = new long[2 * rank];
        for (int i = 0; i < axes.Length; i++) (amounts[2 * axes[i]], amounts[2 * axes[i] + 1]) = (given[i], given[axes.Length + i]);
        if (amounts.Any(a => a < 0))
        {
            int[] start = [.. Shapes.Count(rank).Select(d => (int)Math.Max(0, -amounts[2 * d]))];
            int[] kept = [.. x.Shape.Select((s, d) => s - start[d] - (int)Math.Max(0, -amounts[2 * d + 1]))];
            if (kept.Any(k => k < 1)) throw new OnnxRefusal("cuts away more than there is.");
            x = c.Write.Like(BuiltinOperator.SLICE, null, kept, x, c.Write.Ints(start), c.Write.Ints(kept));
            amounts = [.. amounts.Select(a => Math.Max(a, 0))];
        }

        int[] shape = [.. x.Shape.Select((s, d) => checked(s + (int)(amounts[2 * d] + amounts[2 * d + 1])))];
        Tensor places = c.Write.Constant(new OnnxConstant(OnnxType.Int32, [rank, 2], [.. amounts.Select(a => (double)a)]));
        double value = c.Optional(2) is { Shape: not [0] } ? c.Known(2, "its value").Scalar : c.Float("value", 0);
        string mode = c.Text("mode", "constant");
        if (amounts.All(a => a == 0)) c.Result(x);
        else if (mode == "reflect") c.Result(c.Write.Like(BuiltinOperator.MIRROR_PAD, new MirrorPadOptions(TfliteMirrorPadMode.REFLECT), shape, x, places));
        else if (mode is "edge" or "wrap") c.Result(Repeated(c.Write, x, amounts, wrap: mode == "wrap"));
        else if (mode != "constant") throw new OnnxRefusal($"has the mode {mode}: constant, reflect, edge and wrap are supported.");
        else if (value == 0) c.Result(c.Write.Like(BuiltinOperator.PAD, null, shape, x, places));
        else c.Result(c.Write.Like(BuiltinOperator.PADV2, null, shape, x, places, c.Write.Real(value)));
    }

    /// <summary>Elements by their index along a dimension.</summary>
    public static Tensor Pick(GraphWriter write, Tensor x, int axis, int[] indices) =>
        write.Like(BuiltinOperator.GATHER, new GatherOptions(axis), Shapes.With(x.Shape, axis, indices.Length), x, write.Ints(indices));

    /// <summary>A border of the outermost elements, or of those from the other end.</summary>
    private static Tensor Repeated(GraphWriter write, Tensor x, long[] amounts, bool wrap)
    {
        for (int d = 0; d < amounts.Length / 2; d++)
        {
            int size = x.Shape[d], before = (int)amounts[2 * d], after = (int)amounts[2 * d + 1];
            if (before + after == 0) continue;
            x = Pick(write, x, d, [.. Enumerable.Range(-before, before + size + after).Select(i => wrap ? (i % size + size) % size : Math.Clamp(i, 0, size - 1))]);
        }

        return x;
    }

    /// <summary>Channels into blocks of positions. In mode CRD a channel's own block stands together, so channels are turned first.</summary>
    public static void DepthToSpace(OnnxNodeContext c)
    {
        OnnxValue x = c.OfRank(0, 4, 4);
        int block = (int)c.Int("blocksize", 1), channels = x.Shape[1] / (block * block);
        if (block < 1 || channels * block * block != x.Shape[1]) throw new OnnxRefusal($"makes blocks of {block} from {x.Shape[1]} channels, which do not divide.");
        GraphWriter write = c.Write;
        Tensor image = ConvOperators.ToChannelsLast(write, c.Tensor(0));
        int[] shape = image.Shape;
        if (c.Text("mode", "DCR") == "CRD" && channels > 1 && block > 1)
        {
            // Channel c * block^2 + k becomes k * channels + c.
            int[] order = [.. Shapes.Count(shape[3]).Select(i => i % channels * block * block + i / channels)];
            image = write.Like(BuiltinOperator.GATHER, new GatherOptions(3), image, write.Ints(order));
        }

        Tensor y = write.Like(BuiltinOperator.DEPTH_TO_SPACE, new DepthToSpaceOptions(block), [shape[0], shape[1] * block, shape[2] * block, channels], image);
        c.Result(ConvOperators.ToChannelsSecond(write, y, 4));
    }

    public static void SpaceToDepth(OnnxNodeContext c)
    {
        OnnxValue x = c.OfRank(0, 4, 4);
        int block = (int)c.Int("blocksize", 1);
        if (block < 1 || x.Shape[2] % block != 0 || x.Shape[3] % block != 0) throw new OnnxRefusal($"takes blocks of {block} from [{string.Join(',', x.Shape)}], which do not divide.");
        Tensor image = ConvOperators.ToChannelsLast(c.Write, c.Tensor(0));
        int[] shape = image.Shape;
        Tensor y = c.Write.Like(BuiltinOperator.SPACE_TO_DEPTH, new SpaceToDepthOptions(block), [shape[0], shape[1] / block, shape[2] / block, shape[3] * block * block], image);
        c.Result(ConvOperators.ToChannelsSecond(c.Write, y, 4));
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>RotaryEmbedding of ONNX (operator set 23) and of com.microsoft: pairs of values turned by a position's angle.</summary>
internal static class RotaryOperators
{
    /// <summary>X, cosines and sines [positions, H / 2] with position ids [B, S], or [B, S, H / 2] without.</summary>
    public static void Standard(OnnxNodeContext c) => Rotate(c, c.Known(1, "its cosines"), c.Known(2, "its sines"), c.Optional(3));

    /// <summary>com.microsoft: X, position ids [1] (of the first token) or [B, S], cosines and sines [positions, H / 2].</summary>
    public static void Microsoft(OnnxNodeContext c)
    {
        if (c.Float("scale", 1) != 1 || c.Int("is_packed_batching", 0) != 0) throw new OnnxRefusal("scales its positions or packs its batches, which is not supported.");
        Rotate(c, c.Known(2, "its cosines"), c.Known(3, "its sines"), c.In(1));
    }

    private static void Rotate(OnnxNodeContext c, OnnxConstant cos, OnnxConstant sin, OnnxValue? ids)
    {
        OnnxValue input = c.OfRank(0, 3, 4);
        GraphWriter write = c.Write;
        Tensor x = c.Tensor(0);
        bool joined = input.Shape.Length == 3;
        if (joined)
        {
            int wide = 2 * cos.Shape[^1], full = c.Int("rotary_embedding_dim", 0) > 0 ? 0 : input.Shape[2] / wide;
            int heads = c.Int("num_heads", 0) is > 0 and <= 4096 and var given ? (int)given : full;
            if (heads < 1) throw new OnnxRefusal("does not say its num_heads.");
            x = AttentionOperators.Split(c, x, heads);
        }

        (int steps, int width, int turned) = (x.Shape[2], x.Shape[3], (int)c.Int("rotary_embedding_dim", 0));
        if (turned == 0) turned = width;
        if (turned < 2 || turned > width || turned % 2 != 0 || cos.Shape[^1] != turned / 2 || !sin.Shape.AsSpan().SequenceEqual(cos.Shape))
            throw new OnnxRefusal($"turns {turned} of {width} values with tables [{string.Join(',', cos.Shape)}] and [{string.Join(',', sin.Shape)}], which do not fit.");
        (Tensor cosines, Tensor sines, Tensor? position) = Tables(c, cos, sin, ids, steps);
        Tensor part = turned == width ? x : Columns(write, x, 0, turned);
        Tensor y = write.Block(new RotaryOptions(c.Int("interleaved", 0) != 0), part.Shape, part, cosines, sines, position);
        if (turned < width) y = write.Like(BuiltinOperator.CONCATENATION, new ConcatenationOptions(3), x.Shape, y, Columns(write, x, turned, width - turned));
        c.Result(joined ? write.Reshape(write.Transpose(y, 0, 2, 1, 3), input.Shape) : y, 0, OnnxType.Float);
    }

    /// <summary>A row of angles for each step, or all rows and the position of the first step.</summary>
    private static (Tensor Cos, Tensor Sin, Tensor? Position) Tables(OnnxNodeContext c, OnnxConstant cos, OnnxConstant sin, OnnxValue? ids, int steps)
    {
        int pairs = cos.Shape[^1];
        Tensor Rows(OnnxConstant table, int[] rows) => c.Write.Reals([rows.Length, pairs], rows.SelectMany(r => table.Values[(r * pairs)..((r + 1) * pairs)]));
        int all = cos.Values.Length / pairs;
        if (ids is null)
        {
            // [B, S, H / 2]: the same angles for every sequence.
            if (all < steps || all % steps != 0 || Enumerable.Range(0, cos.Values.Length).Any(i => cos.Values[i] != cos.Values[i % (steps * pairs)] || sin.Values[i] != sin.Values[i % (steps * pairs)]))
                throw new OnnxRefusal("has tables that do not fit its steps, or other angles for each sequence, which is not supported.");
            return (Rows(cos, Shapes.Count(steps)), Rows(sin, Shapes.Count(steps)), null);
        }

        if (ids.Constant is { } known)
        {
            int[] places = [.. known.Values.Select(v => (int)v)];
            if (places.Length == 1) places = [.. Shapes.Count(steps).Select(t => places[0] + t)];
            if (places.Length % steps != 0 || places.Any(p => p < 0 || p >= all) || places.Select((p, i) => p != places[i % steps]).Any(differs => differs))
                throw new OnnxRefusal("has positions that its tables do not hold, or other positions for each sequence, which is not supported.");
            return (Rows(cos, places[..steps]), Rows(sin, places[..steps]), null);
        }

        if (ids.Shape.Aggregate(1, (a, b) => a * b) != 1) throw new OnnxRefusal($"takes computed positions [{string.Join(',', ids.Shape)}]: one position, that of the first step, is supported.");
        return (Rows(cos, Shapes.Count(all)), Rows(sin, Shapes.Count(all)), c.Tensor(ids));
    }

    private static Tensor Columns(GraphWriter write, Tensor x, int first, int count) =>
        SliceOperators.Take(write, x, [.. x.Shape.Select((s, d) => d == x.Shape.Length - 1 ? new AxisSlice(first, 1, count) : new AxisSlice(0, 1, s))]);
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>com.microsoft's fused attention, taken apart into products and a softmax, as other exporters write it.</summary>
internal static class AttentionOperators
{
    /// <summary>A score that gives weight 0 beside any other.</summary>
    private const float Hidden = -10000;

    /// <summary>input[B, S, D], weights[D, 3H], bias[3H], mask, past[2, B, N, P, H / N], bias of scores.</summary>
    public static void Attention(OnnxNodeContext c)
    {
        OnnxValue x = c.OfRank(0, 3, 3);
        int heads = Heads(c);
        if (c.Int("do_rotary", 0) != 0) throw new OnnxRefusal("turns its queries by rotary positions, which is not supported inside it.");
        int all = c.In(1).Shape[^1];
        long[] sizes = c.Ints("qkv_hidden_sizes") ?? [all / 3, all / 3, all / 3];
        if (sizes.Length != 3 || sizes.Sum() != all) throw new OnnxRefusal("has sizes of query, key and value that do not fit its weights.");
        Tensor? bias = c.Optional(2) is null ? null : Weights.At(c, 2, "its bias").ToTensor(c.Write);
        Tensor qkv = MatrixOperators.Product(c, x, c.In(1), 1, bias);
        var parts = new Tensor[3];
        for (int i = 0, at = 0; i < 3; at += (int)sizes[i++])
            parts[i] = SliceOperators.Take(c.Write, qkv, [new AxisSlice(0, 1, qkv.Shape[0]), new AxisSlice(0, 1, qkv.Shape[1]), new AxisSlice(at, 1, (int)sizes[i])]);
        Tensor q = Split(c, parts[0], heads), k = Split(c, parts[1], heads), v = Split(c, parts[2], heads);
        int past = 0;
        if (c.Optional(4) is { } cache)
        {
            Tensor stored = c.Tensor(cache);
            past = stored.Shape[3];
            k = Append(c, Half(c, stored, 0), k);
            v = Append(c, Half(c, stored, 1), v);
        }

        if (c.Wants(1))
        {
            Tensor[] both = [c.Write.Reshape(k, [1, .. k.Shape]), c.Write.Reshape(v, [1, .. v.Shape])];
            c.Result(c.Write.Like(BuiltinOperator.CONCATENATION, new ConcatenationOptions(0), [2, .. k.Shape], both[0], both[1]), 1);
        }

        Tensor y = Attend(c, q, k, v, Mask(c, 3, k.Shape[2]), c.Optional(5), c.Int("unidirectional", 0) != 0, past);
        c.Result(y, 0, OnnxType.Float);
    }

    /// <summary>query[B, S, D], key and value [B, L, D] or [B, N, L, H], bias of all three, padding mask, bias of scores, past key and value.</summary>
    public static void MultiHead(OnnxNodeContext c)
    {
        OnnxValue query = c.OfRank(0, 3, 3);
        int heads = Heads(c), width = query.Shape[2];
        Tensor? Biased(int index, int part, int size)
        {
            if (c.Optional(3) is not { } bias) return c.Tensor(index);
            OnnxConstant known = bias.Constant ?? throw new OnnxRefusal("has a computed bias, which is not supported.");
            double[] row = known.Values[(part == 2 ? 2 * width : part * width)..(part == 2 ? known.Values.Length : (part + 1) * width)];
            return row.Length != size ? throw new OnnxRefusal("has a bias that does not fit.") : row.All(b => b == 0) ? c.Tensor(index)
                : c.Write.Binary(BuiltinOperator.ADD, c.Tensor(index), c.Write.Reals([size], row));
        }

        if (c.Optional(1) is null || c.Optional(2) is null) throw new OnnxRefusal("packs query, key and value into one tensor, which is not supported.");
        Tensor q = Split(c, Biased(0, 0, width)!, heads);
        Tensor k = c.In(1).Shape.Length == 4 ? c.Tensor(1) : Split(c, Biased(1, 1, c.In(1).Shape[^1])!, heads);
        Tensor v = c.In(2).Shape.Length == 4 ? c.Tensor(2) : Split(c, Biased(2, 2, c.In(2).Shape[^1])!, heads);
        int past = 0;
        if (c.Optional(6) is not null && c.Optional(7) is not null)
        {
            past = c.In(6).Shape[2];
            k = Append(c, c.Tensor(6), k);
            v = Append(c, c.Tensor(7), v);
        }

        if (c.Wants(1)) c.Result(k, 1, OnnxType.Float);
        if (c.Wants(2)) c.Result(v, 2, OnnxType.Float);
        c.Result(Attend(c, q, k, v, Mask(c, 4, k.Shape[2]), c.Optional(5), c.Int("unidirectional", 0) != 0, past), 0, OnnxType.Float);
    }

    private static int Heads(OnnxNodeContext c)
    {
        long heads = c.Int("num_heads", 0);
        return heads is > 0 and < 4096 ? (int)heads : throw new OnnxRefusal("does not say its number of heads.");
    }

    /// <summary>[B, S, N * H] as [B, N, S, H].</summary>
    public static Tensor Split(OnnxNodeContext c, Tensor x, int heads)
    {
        if (x.Shape[2] % heads != 0) throw new OnnxRefusal($"divides {x.Shape[2]} values among {heads} heads.");
        return c.Write.Transpose(c.Write.Reshape(x, x.Shape[0], x.Shape[1], heads, x.Shape[2] / heads), 0, 2, 1, 3);
    }

    private static Tensor Half(OnnxNodeContext c, Tensor past, int index)
    {
        AxisSlice[] slices = [.. past.Shape.Select((s, d) => d == 0 ? new AxisSlice(index, 1, 1) : new AxisSlice(0, 1, s))];
        return c.Write.Reshape(SliceOperators.Take(c.Write, past, slices), past.Shape[1..]);
    }

    /// <summary>Past keys or values with the new ones behind them.</summary>
    public static Tensor Append(OnnxNodeContext c, Tensor past, Tensor now) => c.Write.Like(
        BuiltinOperator.CONCATENATION, new ConcatenationOptions(2), Shapes.With(past.Shape, 2, past.Shape[2] + now.Shape[2]), past, now);

    /// <summary>A mask of keys [B, L], 1 where the key counts, as what is added to the scores.</summary>
    private static Tensor? Mask(OnnxNodeContext c, int index, int keys)
    {
        if (c.Optional(index) is not { } mask) return null;
        if (mask.Shape.Length != 2 || mask.Shape[1] != keys) throw new OnnxRefusal($"has a mask of shape [{string.Join(',', mask.Shape)}]: one number for each key is supported.");
        float filter = c.Float("mask_filter_value", -10000);
        OnnxValue real = c.Call("Cast", [mask], ("to", (long)OnnxType.Float));
        OnnxValue missing = c.Call("Sub", [c.Value(new OnnxConstant(OnnxType.Float, [], [1])), real]);
        OnnxValue added = c.Call("Mul", [missing, c.Value(new OnnxConstant(OnnxType.Float, [], [filter]))]);
        return c.Write.Reshape(c.Tensor(added), mask.Shape[0], 1, 1, keys);
    }

    /// <summary>softmax(scale * Q K' + masks) V, heads joined again: [B, S, N * H].</summary>
    private static Tensor Attend(OnnxNodeContext c, Tensor q, Tensor k, Tensor v, Tensor? mask, OnnxValue? scoreBias, bool causal, int past)
    {
        GraphWriter write = c.Write;
        float scale = c.Float("scale", 0);
        if (scale == 0) scale = (float)(1 / Math.Sqrt(q.Shape[3]));
        (int batch, int heads, int queries, int keys) = (q.Shape[0], q.Shape[1], q.Shape[2], k.Shape[2]);
        Tensor scores = write.Add(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(AdjY: true), TfliteType.FLOAT32, [batch, heads, queries, keys], q, k);
        if (mask is not null)
        {
            scores = write.Binary(BuiltinOperator.ADD, write.Binary(BuiltinOperator.MUL, scores, write.Real(scale)), mask);
            scale = 1;
        }

        Tensor weights = Softmax(c, scores, scale, scoreBias, causal, past);
        Tensor y = write.Add(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(), TfliteType.FLOAT32, [batch, heads, queries, v.Shape[3]], weights, v);
        return write.Reshape(write.Transpose(y, 0, 2, 1, 3), batch, queries, heads * v.Shape[3]);
    }

    /// <summary>softmax(scale * scores + bias); a bias of truth values says which scores count, a causal one counts up to the query's own.</summary>
    public static Tensor Softmax(OnnxNodeContext c, Tensor scores, float scale, OnnxValue? bias, bool causal, int past)
    {
        GraphWriter write = c.Write;
        if (bias is { Type: OnnxType.Bool })
        {
            scores = write.Binary(BuiltinOperator.MUL, scores, write.Real(scale));
            scores = c.Tensor(c.Call("Where", [bias, c.Value(scores), c.Value(new OnnxConstant(OnnxType.Float, [], [Hidden]))]));
            scale = 1;
        }
        else if (bias is not null)
        {
            scores = write.Binary(BuiltinOperator.MUL, scores, write.Real(scale));
            scores = write.Binary(BuiltinOperator.ADD, scores, c.Tensor(bias));
            scale = 1;
        }

        return causal ? write.Block(new CausalSoftmaxOptions(scale, past), scores.Shape, scores)
            : write.Like(BuiltinOperator.SOFTMAX, new SoftmaxOptions(scale), scores);
    }
}

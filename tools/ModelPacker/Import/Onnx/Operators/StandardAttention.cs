using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>
/// ONNX's own Attention (operator set 23): Q[B, N, S, H], K[B, M, L, H], V[B, M, L, Z], or [B, S, N * H] with the heads as
/// attributes; mask of scores, past key and value. Taken apart into products and a softmax, as other exporters write it.
/// </summary>
internal static class StandardAttention
{
    public static void Attention(OnnxNodeContext c)
    {
        bool joined = c.OfRank(0, 3, 4).Shape.Length == 3;
        if (c.In(1).Shape.Length != c.In(0).Shape.Length || c.In(2).Shape.Length != c.In(0).Shape.Length) throw new OnnxRefusal("has query, key and value of different ranks.");
        if (c.Optional(6) is not null) throw new OnnxRefusal("has keys of different lengths (nonpad_kv_seqlen), which is not supported: give a mask.");
        Tensor q = Split(c, 0, "q_num_heads"), k = Split(c, 1, "kv_num_heads"), v = Split(c, 2, "kv_num_heads");
        int past = 0;
        if (c.Optional(4) is not null && c.Optional(5) is not null)
        {
            past = c.OfRank(4, 4, 4).Shape[2];
            k = AttentionOperators.Append(c, c.Tensor(4), k);
            v = AttentionOperators.Append(c, c.Tensor(5), v);
        }

        if (c.Wants(1)) c.Result(k, 1, OnnxType.Float);
        if (c.Wants(2)) c.Result(v, 2, OnnxType.Float);
        Tensor y = Attend(c, q, k, v, past);
        c.Result(joined ? c.Write.Reshape(c.Write.Transpose(y, 0, 2, 1, 3), y.Shape[0], y.Shape[2], y.Shape[1] * y.Shape[3]) : y, 0, OnnxType.Float);
    }

    private static Tensor Attend(OnnxNodeContext c, Tensor q, Tensor k, Tensor v, int past)
    {
        GraphWriter write = c.Write;
        (int batch, int heads, int queries, int keyHeads, int keys) = (q.Shape[0], q.Shape[1], q.Shape[2], k.Shape[1], k.Shape[2]);
        if (keyHeads < 1 || heads % keyHeads != 0 || v.Shape[1] != keyHeads || v.Shape[2] != keys || q.Shape[3] != k.Shape[3])
            throw new OnnxRefusal($"has a query [{string.Join(',', q.Shape)}], a key [{string.Join(',', k.Shape)}] and a value [{string.Join(',', v.Shape)}] that do not fit each other.");
        if (heads > keyHeads)
        {
            // Neighbouring heads of the query share a key: they become rows of one product.
            q = write.Reshape(q, batch, keyHeads, heads / keyHeads * queries, q.Shape[3]);
        }

        float scale = c.Has("scale") ? c.Float("scale", 1) : (float)(1 / Math.Sqrt(q.Shape[3])), cap = c.Float("softcap", 0);
        bool causal = c.Int("is_causal", 0) != 0;
        if (c.Int("left_window_size", -1) >= 0 || c.Int("right_window_size", -1) >= 0) throw new OnnxRefusal("sees a window of keys, which is not supported: give it as a mask.");
        Tensor scores = write.Add(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(AdjY: true), TfliteType.FLOAT32, [batch, keyHeads, q.Shape[2], keys], q, k);
        scores = write.Reshape(scores, batch, heads, queries, keys);
        if (cap != 0)
        {
            // cap * tanh(scale * scores / cap) before the mask, so that what is hidden stays so; the product is the softmax's.
            scores = write.Like(BuiltinOperator.TANH, null, write.Binary(BuiltinOperator.MUL, scores, write.Real(scale / cap)));
            scale = cap;
        }

        Tensor weights = AttentionOperators.Softmax(c, scores, scale, c.Optional(3), causal, past);
        weights = write.Reshape(weights, batch, keyHeads, heads / keyHeads * queries, keys);
        Tensor y = write.Add(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(), TfliteType.FLOAT32, [batch, keyHeads, heads / keyHeads * queries, v.Shape[3]], weights, v);
        return write.Reshape(y, batch, heads, queries, v.Shape[3]);
    }

    /// <summary>[B, S, N * H] as [B, N, S, H]; four dimensions stay.</summary>
    private static Tensor Split(OnnxNodeContext c, int index, string attribute)
    {
        Tensor x = c.Tensor(index);
        if (x.Shape.Length == 4) return x;
        long heads = c.Int(attribute, 0);
        if (heads is < 1 or > 4096) throw new OnnxRefusal($"does not say its {attribute}.");
        return AttentionOperators.Split(c, x, (int)heads);
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Build;

/// <summary>What an attention layer does beside the products.</summary>
/// <param name="Heads">Heads of the queries.</param>
/// <param name="KeyHeads">Heads of keys and values, a divisor of Heads (grouped-query attention); 0: as many.</param>
/// <param name="Causal">Whether a token sees only those up to itself.</param>
/// <param name="Bias">Whether queries, keys and values have a bias.</param>
/// <param name="Normalised">Whether queries and keys are normalised, each head alone.</param>
/// <param name="Rotary">Largest position for rotary embeddings, 0 for none.</param>
/// <param name="Mask">Keys that count, or null for all.</param>
/// <param name="Cache">The key/value cache, where tokens come a few at a time.</param>
public sealed record AttentionSettings(
    int Heads, int KeyHeads = 0, bool Causal = false, bool Bias = true, bool Normalised = false, int Rotary = 0, Tensor? Mask = null, CacheSettings? Cache = null);

/// <summary>A key/value cache of so many positions, and the position at which the new ones begin.</summary>
public sealed record CacheSettings(int Length, Tensor Position);

/// <content>Attention, transformer layers and recurrent layers.</content>
public sealed partial class Net
{
    /// <summary>Multi-head attention of x[batch, tokens, width] over itself or over a context.</summary>
    public Tensor Attention(Tensor x, AttentionSettings settings, Tensor? context = null)
    {
        int width = x.Shape[2], depth = width / settings.Heads, keyHeads = settings.KeyHeads > 0 ? settings.KeyHeads : settings.Heads;
        context ??= x;
        Tensor q = Heads(Dense(x, width, settings.Bias), settings.Heads, depth);
        Tensor k = Heads(Dense(context, keyHeads * depth, settings.Bias), keyHeads, depth), v = Heads(Dense(context, keyHeads * depth, settings.Bias), keyHeads, depth);
        if (settings.Normalised) (q, k) = (LayerNorm(q), LayerNorm(k));
        if (settings.Rotary > 0)
        {
            (Tensor cos, Tensor sin) = Angles(settings.Rotary, depth / 2);
            q = Add(new RotaryOptions(false), q.Shape, q, cos, sin, settings.Cache?.Position);
            k = Add(new RotaryOptions(false), k.Shape, k, cos, sin, settings.Cache?.Position);
        }

        if (settings.Cache is { } cache) (k, v) = (Cached(k, cache), Cached(v, cache));
        return Dense(Attend(q, k, v, settings), width, settings.Bias);
    }

    /// <summary>Two layers with a function between.</summary>
    public Tensor Mlp(Tensor x, int hidden, Func<Tensor, Tensor>? function = null) => Dense((function ?? Gelu)(Dense(x, hidden)), x.Shape[^1]);

    /// <summary>A gated two-layer network (Shazeer 2020): silu(x A) * (x B) C.</summary>
    public Tensor GatedMlp(Tensor x, int hidden) => Dense(Times(Silu(Dense(x, hidden, bias: false)), Dense(x, hidden, bias: false)), x.Shape[^1], bias: false);

    /// <summary>A transformer layer with the norms before: x + attention(norm x), then + mlp(norm).</summary>
    public Tensor PreNorm(Tensor x, AttentionSettings settings, int hidden, Func<Tensor, Tensor>? function = null)
    {
        x = Sum(x, Attention(LayerNorm(x), settings));
        return Sum(x, Mlp(LayerNorm(x), hidden, function));
    }

    /// <summary>The original transformer layer with the norms behind.</summary>
    public Tensor PostNorm(Tensor x, AttentionSettings settings, int hidden)
    {
        x = LayerNorm(Sum(x, Attention(x, settings)));
        return LayerNorm(Sum(x, Mlp(x, hidden)));
    }

    /// <summary>Attention pooling (Set Transformer's, Lee et al. 2019): one learned query over all tokens, giving [batch, 1, width].</summary>
    public Tensor AttentionPool(Tensor x, int heads)
    {
        int width = x.Shape[2], depth = width / heads;
        Tensor q = Normal("query", 1, 1, heads, 1, depth);
        Tensor k = Heads(Dense(x, width), heads, depth), v = Heads(Dense(x, width), heads, depth);
        return Dense(Attend(q, k, v, new AttentionSettings(heads)), width);
    }

    /// <summary>LSTM over [time, batch, values]; all steps.</summary>
    public Tensor Lstm(Tensor x, int units, bool reverse = false) => Recurrent(new LstmBlockOptions(reverse), x, units, 4);

    /// <summary>GRU over [time, batch, values]; all steps.</summary>
    public Tensor Gru(Tensor x, int units, bool reverse = false, bool resetAfter = true) => Recurrent(new GruOptions(reverse, resetAfter), x, units, 3);

    /// <summary>A recurrent layer in both directions, joined along the last dimension.</summary>
    public Tensor Bidirectional(Tensor x, Func<Tensor, bool, Tensor> layer) => Join(2, layer(x, false), layer(x, true));

    private Tensor Recurrent(BlockOptions options, Tensor x, int units, int gates) => Add(
        options, [x.Shape[0], x.Shape[1], units], x, Glorot("weights", gates * units, x.Shape[2]), Glorot("recurrent", gates * units, units),
        Normal("bias", 0.1, 2 * gates * units));

    /// <summary>softmax(q k / sqrt(depth)) v with the heads brought back side by side.</summary>
    private Tensor Attend(Tensor q, Tensor k, Tensor v, AttentionSettings settings)
    {
        int batch = k.Shape[0], heads = q.Shape[1], tokens = q.Shape[2], depth = q.Shape[3], keyHeads = k.Shape[1], keys = k.Shape[2], group = heads / keyHeads;
        double beta = 1 / Math.Sqrt(depth);
        if (group > 1)
        {
            q = Reshape(q, batch, keyHeads, group, tokens, depth);
            (k, v) = (Reshape(k, batch, keyHeads, 1, keys, depth), Reshape(v, batch, keyHeads, 1, keys, depth));
        }

        int[] scores = [batch, .. q.Shape[1..^1], keys];
        Tensor products = Add(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(AdjY: true), scores, q, k);
        bool hides = settings.Causal || settings.Mask is not null;
        Tensor weights = hides
            ? Add(new CausalSoftmaxOptions((float)beta, settings.Causal ? 0 : keys), scores, products, settings.Cache?.Position, settings.Mask) : Softmax(products, beta);
        Tensor mixed = Add(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(), [batch, .. q.Shape[1..]], weights, v);
        if (group > 1) mixed = Reshape(mixed, batch, heads, tokens, depth);
        return Reshape(tokens == 1 ? mixed : Transpose(mixed, 0, 2, 1, 3), batch, tokens, heads * depth);
    }

    private Tensor Heads(Tensor x, int heads, int depth)
    {
        (int batch, int tokens) = (x.Shape[0], x.Shape[1]);
        return tokens == 1 ? Reshape(x, batch, heads, 1, depth) : Transpose(Reshape(x, batch, tokens, heads, depth), 0, 2, 1, 3);
    }

    private Tensor Cached(Tensor x, CacheSettings cache)
    {
        var output = new Tensor { Name = Name("cache"), Type = TfliteType.FLOAT32, Shape = [.. x.Shape[..^2], cache.Length, x.Shape[^1]] };
        Add(BuiltinOperator.CUSTOM, new CacheOptions(cache.Length), [x, cache.Position], output).Variable = new Variable { Name = output.Name };
        return output;
    }

    /// <summary>Cosines and sines of position / 10000^(2 pair / width).</summary>
    private (Tensor Cos, Tensor Sin) Angles(int positions, int pairs)
    {
        double[] angles = [.. Enumerable.Range(0, positions * pairs).Select(i => i / pairs / Math.Pow(10000, (double)(i % pairs) / pairs))];
        return (Constant("cos", [positions, pairs], angles.Select(Math.Cos)), Constant("sin", [positions, pairs], angles.Select(Math.Sin)));
    }
}

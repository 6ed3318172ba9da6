using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>
/// BERT (Devlin et al. 2019): token, position and segment embeddings, two post-norm layers with a padding mask, and three heads:
/// tokens, the sentence, and the start and end of a span.
/// </summary>
public sealed class BertFamily : Family
{
    private const int Tokens = 16, Vocabulary = 200, Width = 48;

    public override string Name => "BERT";

    public override string Blocks => "token, position and segment embeddings, padding mask, 2 post-norm layers, 4 heads; token, sentence and span heads; width 48";

    public override Graph Build()
    {
        var net = new Net("bert", 3);
        Tensor ids = net.Ids("ids", 1, Tokens), segments = net.Ids("segments", 1, Tokens), mask = net.Mask("mask", 1, 1, 1, Tokens);
        Tensor x = net.Sum(net.Embedding(ids, Vocabulary, Width), net.Embedding(segments, 2, Width));
        x = net.LayerNorm(net.Sum(x, net.Normal("positions", 0.3, 1, Tokens, Width)));
        for (int layer = 0; layer < 2; layer++) x = net.PostNorm(x, new AttentionSettings(4, Mask: mask), 4 * Width);
        Tensor first = net.Reshape(net.Slice(x, 1, 0, 1), 1, Width), pooled = net.Add(BuiltinOperator.TANH, null, [1, Width], net.Dense(first, Width));
        return net.Build(net.Dense(x, 9), net.Dense(pooled, 3), net.Dense(x, 2));
    }

    public override IReadOnlyList<float[][]> Draw(Random random)
    {
        int length = random.Next(4, Tokens + 1), second = random.Next(1, length);
        return
        [
            [
                Ids(random, Tokens, Vocabulary), [.. Enumerable.Range(0, Tokens).Select(t => t >= second ? 1f : 0f)],
                [.. Enumerable.Range(0, Tokens).Select(t => t < length ? 1f : 0f)],
            ],
        ];
    }
}

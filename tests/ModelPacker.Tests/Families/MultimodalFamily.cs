using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>
/// A multimodal causal decoder (Kosmos-1, Huang et al. 2023): slots for the embeddings of an image, then tokens, one causal sequence.
/// Its layers are those of later decoders: RMSNorm, rotary positions, grouped queries, gated MLP.
/// </summary>
public sealed class MultimodalFamily : Family
{
    private const int Slots = 4, ImageWidth = 32, Tokens = 12, Vocabulary = 100, Width = 48;

    public override string Name => "Multimodal";

    public override string Blocks => "4 image embedding slots before 12 tokens, 2 causal layers of RMSNorm, rotary positions, 4 query heads over 2 key heads, gated MLP; width 48";

    public override Graph Build()
    {
        var net = new Net("multimodal", 15);
        Tensor image = net.Dense(net.Input("image", 1, Slots, ImageWidth), Width);
        Tensor x = net.Join(1, image, net.Embedding(net.Ids("ids", 1, Tokens), Vocabulary, Width));
        for (int layer = 0; layer < 2; layer++)
        {
            x = net.Sum(x, net.Attention(net.RmsNorm(x), new AttentionSettings(4, KeyHeads: 2, Causal: true, Bias: false, Rotary: Slots + Tokens)));
            x = net.Sum(x, net.GatedMlp(net.RmsNorm(x), 128));
        }

        return net.Build(net.Dense(net.RmsNorm(x), Vocabulary, bias: false));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => [[Noise(random, Slots * ImageWidth), Ids(random, Tokens, Vocabulary)]];
}

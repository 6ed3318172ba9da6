using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Build;

/// <summary>
/// GPT-2's decoder (Radford et al. 2019), small: token and position embeddings, pre-norm layers of causal attention and a
/// GELU network four times as wide, a norm, and a score for each token of the vocabulary.
/// </summary>
/// <param name="Vocabulary">Tokens.</param>
/// <param name="Length">Longest text.</param>
/// <param name="Width">Numbers a token.</param>
/// <param name="Layers">Transformer layers.</param>
/// <param name="Heads">Attention heads.</param>
public sealed record DecoderShape(int Vocabulary, int Length, int Width, int Layers, int Heads)
{
    /// <summary>Hidden numbers of the network between attentions.</summary>
    public int Hidden => 4 * Width;

    /// <summary>
    /// Adds the decoder and gives the graph. With a cache it takes one token and its position, int32 both, and keeps keys and
    /// values from run to run; without, a whole text of <see cref="Length"/> tokens at once.
    /// </summary>
    public Graph Build(Net net, bool cached, Func<Tensor, Tensor>? function = null)
    {
        int tokens = cached ? 1 : Length;
        Tensor ids = net.Ids("ids", 1, tokens), position = net.Ids("position", 1, tokens);
        Tensor x = net.Sum(net.Embedding(ids, Vocabulary, Width), net.Embedding(position, Length, Width));
        var attention = new AttentionSettings(Heads, Causal: true, Cache: cached ? new CacheSettings(Length, position) : null);
        for (int layer = 0; layer < Layers; layer++) x = net.PreNorm(x, attention, Hidden, function);
        return net.Build(net.Dense(net.LayerNorm(x), Vocabulary));
    }
}

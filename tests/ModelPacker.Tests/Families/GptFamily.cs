using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>
/// GPT-2's decoder (Radford et al. 2019) on characters: one token a run with a key/value cache of fixed size. The same layers
/// without a cache, over a whole text at once, are there for comparison.
/// </summary>
public sealed class GptFamily : Family
{
    /// <summary>Longest text.</summary>
    public const int Length = 24;

    /// <summary>Characters.</summary>
    public const int Vocabulary = 64;

    private const int Width = 48;

    public override string Name => "GPT";

    public override string Blocks => "character and position embeddings, 2 pre-norm layers, 4 heads, int8 key/value cache of 24 positions, a token a run; width 48";

    public override Graph Build() => Decoder(cached: true);

    /// <summary>The decoder for one token at a position, or for whole texts.</summary>
    public static Graph Decoder(bool cached) => new DecoderShape(Vocabulary, Length, Width, Layers: 2, Heads: 4).Build(new Net("gpt", 4), cached);

    public override IReadOnlyList<float[][]> Draw(Random random) =>
        [.. Ids(random, Length, Vocabulary).Select((id, t) => (float[][])[[id], [t]])];
}

using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>ELMo (Peters et al. 2018): two layers of bidirectional LSTM over embeddings, and a learned mix of all three.</summary>
public sealed class ElmoFamily : Family
{
    private const int Tokens = 16, Vocabulary = 100, Units = 24;

    public override string Name => "ELMo";

    public override string Blocks => "embeddings, 2 bidirectional LSTM layers of 24 units each way, learned mix of the three layers; width 48";

    public override bool HasClasses => false;

    public override Graph Build()
    {
        var net = new Net("elmo", 5);
        Tensor zero = net.Embedding(net.Ids("ids", Tokens, 1), Vocabulary, 2 * Units);
        Tensor one = net.Bidirectional(zero, (x, reverse) => net.Lstm(x, Units, reverse));
        Tensor two = net.Sum(one, net.Bidirectional(one, (x, reverse) => net.Lstm(x, Units, reverse)));
        return net.Build(net.Sum(net.Sum(net.Times(zero, 0.2), net.Times(one, 0.5)), net.Times(two, 0.7)));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => [[Ids(random, Tokens, Vocabulary)]];
}

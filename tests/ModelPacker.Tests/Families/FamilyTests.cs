using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>Every family on the device runtime, against the same graph in float.</summary>
public class FamilyTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. FamilyList.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_family_gives_on_the_device_runtime_what_it_gives_in_float(string name)
    {
        FamilyFigures figures = FamilyFigures.Of(FamilyList.All.Single(f => f.Name == name));
        output.WriteLine(figures.ToString());
        Assert.True(figures.Cosine >= 0.99, figures.ToString());
        Assert.True((figures.Top ?? 100) >= figures.Family.LeastTop, figures.ToString());
    }

    [Fact]
    public void The_trained_decoder_knows_sentences_it_has_not_seen()
    {
        QuantisedFamily gpt = QuantisedFamily.Of(new TrainedGptFamily());
        var runner = new ModelRunner(gpt.Packed.Pack);
        int right = 0, all = 0;
        foreach (IReadOnlyList<float[][]> text in QuantisedFamily.TestInputs(gpt.Family, 10))
        {
            int[] guesses = [.. QuantisedFamily.RunDevice(runner, gpt.Float, text).Select(o => Sampling.Greedy(o[0]))];
            for (int t = 0; t + 1 < text.Count; t++, all++) right += guesses[t] == (int)text[t + 1][0][0] ? 1 : 0;
        }

        Assert.InRange(right, 0.85 * all, all);
    }

    [Fact]
    public void Decoding_with_a_cache_equals_computing_the_whole_text_again_bit_for_bit()
    {
        QuantisedFamily step = QuantisedFamily.Of(new GptFamily());
        Graph whole = GptFamily.Decoder(cached: false);
        var cached = new ModelRunner(step.Packed.Pack);

        // The whole text needs transpositions that a single token does not; they only move what has a range.
        ValueRange RangeOf(Tensor tensor) => step.Ranges.TryGetValue(tensor.Name, out ValueRange range) ? range : RangeOf(whole.Producer(tensor)!.Input());
        var again = new ModelRunner(QuantisedFamily.Pack(whole, RangeOf).Pack);
        foreach (IReadOnlyList<float[][]> text in QuantisedFamily.TestInputs(step.Family, 5))
        {
            float[] logits = [.. QuantisedFamily.RunDevice(cached, step.Float, text).SelectMany(o => o[0])];
            float[][] all = [[.. text.Select(t => t[0][0])], [.. text.Select(t => t[1][0])]];
            float[] expected = QuantisedFamily.RunDevice(again, whole, [all]).Single()[0];
            Assert.Equal(expected, logits);
        }
    }

    [Fact]
    public void Text_is_made_token_by_token_greedily_and_by_drawing_from_the_best()
    {
        QuantisedFamily gpt = QuantisedFamily.Of(new GptFamily());
        var runner = new ModelRunner(gpt.Packed.Pack);
        int[] Decode(Func<float[], int> choose)
        {
            var text = new List<int> { 7 };
            runner.Reset();
            for (int t = 0; t < GptFamily.Length - 1; t++)
                text.Add(choose(RealNumbers.Of(gpt.Float.Outputs[0], gpt.Float.Outputs[0].Type, runner.Run([BitConverter.GetBytes(text[t]), BitConverter.GetBytes(t)])[0])));
            return [.. text];
        }

        int[] greedy = Decode(Sampling.Greedy);
        Assert.Equal(greedy, Decode(Sampling.Greedy));
        Assert.Equal(greedy, Decode(new Sampling(new Random(1), 1, 1).Next));
        int[][] drawn = [.. Enumerable.Range(0, 8).Select(seed => Decode(new Sampling(new Random(seed), 5, 0.8).Next))];
        Assert.True(drawn.Select(d => string.Join(',', d)).Distinct().Count() > 4);
        Assert.All(drawn, text => Assert.All(text, id => Assert.InRange(id, 0, GptFamily.Vocabulary - 1)));
    }
}

using TinyAI.Boards;

namespace TinyAI.Boards.Tests.Text;

/// <summary>Choosing tokens by integers, against probabilities computed in floating point.</summary>
public class TokenChoiceTests
{
    [Fact]
    public void A_decay_is_the_exponential_to_two_units_of_the_last_place()
    {
        for (long x = 0; x <= 1 << 16; x += 37)
            Assert.InRange(TokenChoice.Decay(x) - Math.Min(65535, Math.Round(65536 * Math.Exp(-x / 65536.0))), -2, 2);
        Assert.Equal(0, TokenChoice.Decay(1_000_000L << 16));
        Assert.Equal(65535, TokenChoice.Decay(0));
    }

    [Fact]
    public void One_token_to_choose_from_is_the_best_one_and_the_first_of_equals()
    {
        var greedy = new TokenChoice(1, 60000, 1);
        sbyte[] scores = [9, -128, 5, 7, 7, -3];
        Assert.Equal(3, greedy.Next(scores, 1, 5) + 1);
        Assert.Equal(0, greedy.Next(scores, 0, 6));
    }

    [Fact]
    public void Tokens_are_drawn_as_often_as_softmax_of_the_best_says()
    {
        sbyte[] scores = [10, -20, 14, 3, 9, -128, 127 - 113, 0];
        const int best = 4, draws = 40000;
        const double scale = 0.17;
        var choice = new TokenChoice(best, TokenChoice.Decay((long)(scale * 65536)), 5);
        int[] counts = new int[scores.Length];
        for (int i = 0; i < draws; i++) counts[choice.Next(scores, 0, scores.Length)]++;
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).Take(best)];
        double sum = order.Sum(i => Math.Exp(scale * scores[i]));
        for (int i = 0; i < scores.Length; i++)
        {
            double expected = order.Contains(i) ? draws * Math.Exp(scale * scores[i]) / sum : 0;
            Assert.InRange(counts[i], expected - 5 * Math.Sqrt(expected), expected + 5 * Math.Sqrt(expected));
        }
    }

    [Fact]
    public void More_to_choose_from_than_there_are_is_all_of_them()
    {
        var choice = new TokenChoice(100, 65535, 0);
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 200).Select(_ => choice.Next([1, 1, 1], 0, 3)).Distinct().Order());
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(2, -1)]
    [InlineData(2, 65536)]
    public void A_choice_that_makes_no_sense_is_refused(int best, int decay) => Assert.Throws<ArgumentException>(() => new TokenChoice(best, decay, 1));
}

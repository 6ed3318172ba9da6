namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>Choosing the next token of a text.</summary>
public sealed class Sampling(Random random, int best, double temperature)
{
    /// <summary>The token with the largest score.</summary>
    public static int Greedy(float[] scores) => Array.IndexOf(scores, scores.Max());

    /// <summary>One of the best tokens, drawn with the probabilities that softmax of scores / temperature gives them (Fan et al. 2018).</summary>
    public int Next(float[] scores)
    {
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).Take(best)];
        double[] weights = [.. order.Select(i => Math.Exp((scores[i] - scores[order[0]]) / temperature))];
        double at = random.NextDouble() * weights.Sum();
        for (int i = 0; i < order.Length; i++)
        {
            at -= weights[i];
            if (at < 0) return order[i];
        }

        return order[^1];
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// Cuts a range where everything that reads the tensor is a function which is constant beyond (RELU below 0, a clip, the
/// ends of a sigmoid): integers saturate there anyway, and none are wasted on values that make no difference.
/// </summary>
internal static class SaturatingRange
{
    private const int Samples = 1024;

    /// <summary>The share of a function's span that counts as no change: a tenth of a step of its output.</summary>
    private const double Tolerance = 0.1 / 255;

    /// <summary>The range for tensors of one quantisation.</summary>
    public static ValueRange Of(Graph graph, FloatIslands islands, Tensor[] members, ValueRange range)
    {
        if (!(range.Max > range.Min)) return range;
        var functions = new List<Func<float, float>>();
        foreach (Tensor member in members)
        {
            // Readers that are members themselves only move the elements on to another member.
            if (graph.Outputs.Contains(member)) return range;
            if (graph.Consumers(member).All(n => n.Outputs.All(members.Contains))) continue;
            if (islands.FunctionsOf(member) is not { } own) return range;
            functions.AddRange(own);
        }

        if (functions.Count == 0) return range;
        float step = (range.Max - range.Min) / Samples;
        (float low, float high) = (range.Max, range.Min);
        foreach (Func<float, float> function in functions)
        {
            float[] values = [.. Enumerable.Range(0, Samples + 1).Select(i => function(range.Min + i * step))];
            if (!values.All(float.IsFinite)) return range;
            double change = Tolerance * (values.Max() - (double)values.Min());
            int first = Array.FindIndex(values, v => Math.Abs(v - values[0]) > change), last = Array.FindLastIndex(values, v => Math.Abs(v - values[^1]) > change);
            if (first < 1 || last < 0) return range;
            low = Math.Min(low, Edge(range.Min + (first - 1) * step, range.Min + first * step, x => Math.Abs(function(x) - values[0]) <= change));
            high = Math.Max(high, last == Samples ? range.Max : Edge(range.Min + (last + 1) * step, range.Min + last * step, x => Math.Abs(function(x) - values[^1]) <= change));
        }

        return high > low ? range with { Min = low, Max = high } : range;
    }

    /// <summary>The point nearest to the changing side at which the function is still constant, by halving.</summary>
    private static float Edge(float constant, float changing, Func<float, bool> isConstant)
    {
        for (int i = 0; i < 30; i++)
        {
            float middle = constant + (changing - constant) / 2;
            if (isConstant(middle)) constant = middle;
            else changing = middle;
        }

        return constant;
    }
}

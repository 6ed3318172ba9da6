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
        (int low, int high) = (Samples, 0);
        foreach (Func<float, float> function in functions)
        {
            float[] values = [.. Enumerable.Range(0, Samples + 1).Select(i => function(range.Min + i * step))];
            if (!values.All(float.IsFinite)) return range;
            double change = Tolerance * (values.Max() - (double)values.Min());
            low = Math.Min(low, Array.FindIndex(values, v => Math.Abs(v - values[0]) > change) - 1);
            high = Math.Max(high, Array.FindLastIndex(values, v => Math.Abs(v - values[^1]) > change) + 1);
        }

        return low < 0 || high <= low ? range : new ValueRange(range.Min + low * step, range.Min + high * step);
    }
}

using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Quantise.Calibrate;

/// <summary>Smallest and largest value of every tensor over runs of several steps each, as models with a state need them.</summary>
public static class SequenceRanges
{
    /// <summary>The ranges by tensor name. Each sequence begins at the initial state; a step holds a tensor per input.</summary>
    public static Dictionary<string, ValueRange> Of(Graph graph, IEnumerable<IReadOnlyList<float[][]>> sequences)
    {
        var ranges = new Dictionary<string, ValueRange>();
        var runner = new FloatRunner(graph);
        foreach (IReadOnlyList<float[][]> sequence in sequences)
        {
            runner.Reset();
            foreach (float[][] step in sequence)
            {
                foreach ((Tensor tensor, float[] values) in runner.Run(step))
                {
                    ValueRange range = ValueRange.Of(values);
                    ranges[tensor.Name] = ranges.TryGetValue(tensor.Name, out ValueRange known) ? known.Union(range) : range;
                }
            }
        }

        return ranges;
    }
}

using System.Diagnostics;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Quantise.Measure;

namespace TinyAI.ModelPacker.Quantise.Improve;

/// <summary>
/// Changes the range of one tensor at a time, as long as the signal-to-noise ratio at the model's output grows: calibrators
/// look at each tensor alone, but what matters is what the output makes of its errors. Stops when a round changes nothing or the time
/// is up.
/// </summary>
public static class RangeSearch
{
    /// <summary>An output with this many decibels needs no search.</summary>
    public const double Enough = 40;

    private const double LeastGain = 0.05;
    private static readonly float[] s_factors = [0.7f, 0.85f, 0.95f, 1.1f];

    /// <summary>Searches.</summary>
    /// <param name="quantise">Makes the int8 graph with chosen ranges in the place of the calibrated ones.</param>
    /// <param name="alternatives">Other ranges for a tensor, from the calibrators.</param>
    /// <param name="cases">Inputs and float outputs.</param>
    /// <param name="seconds">Time to spend.</param>
    public static QuantisedGraph Run(
        Func<IReadOnlyDictionary<Tensor, ValueRange>, QuantisedGraph> quantise, Func<Tensor, IEnumerable<ValueRange>> alternatives, ReferenceCases cases, double seconds)
    {
        var watch = Stopwatch.StartNew();
        var chosen = new Dictionary<Tensor, ValueRange>();
        QuantisedGraph best = quantise(chosen);
        double output = Measurement.OutputOf(best, cases);
        for (bool better = true; better && output < Enough;)
        {
            better = false;
            foreach (Tensor tensor in best.Ranges.Keys.ToArray())
            {
                ValueRange now = best.Ranges[tensor];
                if (now.IsGrid) continue;
                IEnumerable<ValueRange> scaled = s_factors.SelectMany(f => new[] { now with { Min = now.Min * f, Max = now.Max * f } });
                foreach (ValueRange range in alternatives(tensor).Concat(scaled).Where(r => r != now && r.Max > r.Min).Distinct())
                {
                    if (watch.Elapsed.TotalSeconds > seconds) return best;
                    QuantisedGraph other = quantise(new Dictionary<Tensor, ValueRange>(chosen) { [tensor] = range });
                    double measured = Measurement.OutputOf(other, cases);
                    if (measured < output + LeastGain) continue;
                    (best, output, better) = (other, measured, true);
                    chosen[tensor] = range;
                }
            }
        }

        return best;
    }
}

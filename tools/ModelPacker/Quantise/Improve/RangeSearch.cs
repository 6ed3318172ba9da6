using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Quantise.Measure;

namespace TinyAI.ModelPacker.Quantise.Improve;

/// <summary>
/// Changes the range of one tensor at a time, as long as the signal-to-noise ratio at the model's output grows: calibrators
/// look at each tensor alone, but what matters is what the output makes of its errors. First the ranges of other calibrators are
/// tried for every tensor, then narrower and wider ones. Stops when a round changes nothing or after so much work; work is counted
/// and not timed, so that every computer finds the same.
/// </summary>
public static class RangeSearch
{
    /// <summary>An output with this many decibels needs no search.</summary>
    public const double Enough = 40;

    /// <summary>Work of one node's packing, in multiply-accumulates.</summary>
    public const long WorkOfNode = 100_000;

    private const long MostWork = 6_000_000_000;
    private const int FewestForms = 40, MostForms = 500;
    private const double LeastGain = 0.05;
    private static readonly float[] s_factors = [0.7f, 0.85f, 0.95f, 1.1f];

    /// <summary>Searches.</summary>
    /// <param name="quantise">Makes the int8 graph with chosen ranges in the place of the calibrated ones.</param>
    /// <param name="alternatives">Other ranges for a tensor, from the calibrators.</param>
    /// <param name="cases">Inputs and float outputs.</param>
    /// <param name="work">Work of one form of the model: multiply-accumulates of all cases and what packing costs beside them.</param>
    public static QuantisedGraph Run(
        Func<IReadOnlyDictionary<Tensor, ValueRange>, QuantisedGraph> quantise, Func<Tensor, IEnumerable<ValueRange>> alternatives, ReferenceCases cases, long work)
    {
        var chosen = new Dictionary<Tensor, ValueRange>();
        QuantisedGraph best = quantise(chosen);
        double output = Measurement.OutputOf(best, cases);
        long left = Math.Clamp(MostWork / Math.Max(1, work), FewestForms, MostForms);
        for (bool better = true; better;)
        {
            better = Round((t, _) => alternatives(t));
            better |= Round((_, now) => s_factors.Select(f => now with { Min = now.Min * f, Max = now.Max * f }));
        }

        return best;

        bool Round(Func<Tensor, ValueRange, IEnumerable<ValueRange>> candidates)
        {
            bool better = false;
            foreach (Tensor tensor in best.Ranges.Keys.ToArray())
            {
                ValueRange now = best.Ranges[tensor];
                if (now.IsGrid) continue;
                foreach (ValueRange range in candidates(tensor, now).Where(r => r != now && r.Max > r.Min).Distinct())
                {
                    if (output >= Enough || left-- <= 0) return false;
                    QuantisedGraph other = quantise(new Dictionary<Tensor, ValueRange>(chosen) { [tensor] = range });
                    double measured = Measurement.OutputOf(other, cases);
                    if (measured < output + LeastGain) continue;
                    (best, output, better) = (other, measured, true);
                    chosen[tensor] = range;
                }
            }

            return better;
        }
    }
}

using System.Collections.Concurrent;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Quantise.Measure;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>What a family's device form costs and how near it comes to float over 100 seeded inputs.</summary>
/// <param name="Family">The family.</param>
/// <param name="Macs">Multiply-accumulates of a run.</param>
/// <param name="Flash">Bytes of the pack.</param>
/// <param name="Ram">Managed heap of a session.</param>
/// <param name="Cosine">Mean cosine similarity of the worst output.</param>
/// <param name="Lowest">Smallest cosine of any input and output.</param>
/// <param name="Decibels">Signal to noise over all inputs, of the worst output.</param>
/// <param name="Top">Rows of the first output whose largest element is the same, in percent; null where it means nothing.</param>
public sealed record FamilyFigures(Family Family, long Macs, int Flash, int Ram, double Cosine, double Lowest, double Decibels, double? Top)
{
    /// <summary>Inputs.</summary>
    public const int Inputs = 100;

    private static readonly ConcurrentDictionary<Family, Lazy<FamilyFigures>> s_known = [];

    /// <summary>The figures of a family, measured at the first question.</summary>
    public static FamilyFigures Of(Family family) => s_known.GetOrAdd(family, f => new Lazy<FamilyFigures>(() => Measure(f))).Value;

    private static FamilyFigures Measure(Family family)
    {
        QuantisedFamily quantised = QuantisedFamily.Of(family);
        var reference = new FloatRunner(quantised.Float);
        var device = new ModelRunner(quantised.Packed.Pack);
        var sums = new double[quantised.Float.Outputs.Count];
        double lowest = 1;
        SignalToNoise[] noise = [.. sums.Select(_ => new SignalToNoise())];
        int same = 0, rows = 0, classes = quantised.Float.Outputs[0].Shape[^1];
        foreach (IReadOnlyList<float[][]> steps in QuantisedFamily.TestInputs(family, Inputs))
        {
            float[][][] real = [.. quantised.RunFloat(reference, steps)], actual = [.. QuantisedFamily.RunDevice(device, quantised.Float, steps)];
            for (int o = 0; o < sums.Length; o++)
            {
                float[] expected = [.. real.SelectMany(s => s[o])], given = [.. actual.SelectMany(s => s[o])];
                double cosine = Between(expected, given);
                noise[o].Add(expected, given);
                sums[o] += cosine / Inputs;
                lowest = Math.Min(lowest, cosine);
            }

            foreach ((float[] a, float[] b) in real.SelectMany(s => s[0].Chunk(classes)).Zip(actual.SelectMany(s => s[0].Chunk(classes))))
            {
                rows++;
                if (Sampling.Greedy(a) == Sampling.Greedy(b)) same++;
            }
        }

        return new FamilyFigures(
            family, quantised.Packed.Model.Layers.Sum(l => l.Macs), quantised.Packed.Pack.Length, quantised.Packed.Heap.Total, sums.Min(), lowest, noise.Min(n => n.Decibels),
            family.HasClasses ? 100.0 * same / rows : null);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Family.Name}: {Macs} MACs, {Flash} B flash, {Ram} B RAM, cosine {Cosine:0.0000} (lowest {Lowest:0.0000}), {Decibels:0.0} dB, top-1 {Top:0.0}%";

    private static double Between(float[] a, float[] b)
    {
        double dot = 0, x = 0, y = 0;
        for (int i = 0; i < a.Length; i++) (dot, x, y) = (dot + (double)a[i] * b[i], x + (double)a[i] * a[i], y + (double)b[i] * b[i]);
        return x == 0 && y == 0 ? 1 : dot / Math.Sqrt(x * y);
    }
}

namespace TinyAI.ModelPacker.Quantise.Measure;

/// <summary>
/// Signal-to-quantisation-noise ratio in decibels: 10 * log10(sum of reference squared / sum of (reference - value) squared) over all
/// elements of all cases.
/// </summary>
public sealed class SignalToNoise
{
    private double _signal;
    private double _noise;

    /// <summary>The ratio; infinite where nothing differs.</summary>
    public double Decibels => _noise == 0 ? double.PositiveInfinity : _signal == 0 ? double.NegativeInfinity : 10 * Math.Log10(_signal / _noise);

    /// <summary>Counts the elements of a case.</summary>
    public void Add(ReadOnlySpan<float> reference, ReadOnlySpan<float> values)
    {
        for (int i = 0; i < reference.Length; i++)
        {
            double difference = (double)reference[i] - values[i];
            _signal += (double)reference[i] * reference[i];
            _noise += difference * difference;
        }
    }
}

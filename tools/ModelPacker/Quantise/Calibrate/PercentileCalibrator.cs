namespace TinyAI.ModelPacker.Quantise.Calibrate;

/// <summary>
/// All but the outermost 0.01% of the values at either end (Wu et al. 2020, arXiv:2004.09602, section 4: percentile, there of
/// the magnitudes and with 99.99%).
/// </summary>
public sealed class PercentileCalibrator : Calibrator
{
    /// <summary>The share of values that may be clipped at each end.</summary>
    public const double Tail = 0.0001;

    /// <inheritdoc/>
    public override string Name => "percentile";

    /// <inheritdoc/>
    public override string Idea => "all but 0.01% of the values at either end (Wu et al. 2020, arXiv:2004.09602)";

    /// <inheritdoc/>
    protected override ValueRange Choose(Histogram histogram)
    {
        double allowed = Tail * histogram.Total;
        int low = 0, high = Histogram.Bins - 1;
        for (long seen = histogram.Counts[0]; seen <= allowed && low < high; seen += histogram.Counts[low]) low++;
        for (long seen = histogram.Counts[high]; seen <= allowed && low < high; seen += histogram.Counts[high]) high--;
        return new ValueRange((float)(histogram.Range.Min + low * histogram.BinWidth), (float)(histogram.Range.Min + (high + 1) * histogram.BinWidth));
    }
}

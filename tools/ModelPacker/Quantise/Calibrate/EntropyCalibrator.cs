namespace TinyAI.ModelPacker.Quantise.Calibrate;

/// <summary>
/// The magnitude beyond which values are clipped such that the distribution of the quantised values loses the least
/// information against the original one: TensorRT's method (Migacz, "8-bit inference with TensorRT", GTC 2017). For each
/// candidate of 128, 132 … parts of the histogram of magnitudes, P is the histogram cut there with the rest added to its last
/// part, Q the same without the rest, brought to 128 levels and spread over the parts that are not empty; the candidate with the
/// smallest Kullback-Leibler divergence of P from Q wins.
/// </summary>
public sealed class EntropyCalibrator : Calibrator
{
    private const int Levels = 128;
    private const int Step = 4;

    /// <summary>The count that stands for none in Q, as in Apache MXNet's smoothing of the same method.</summary>
    private const double Trace = 1e-4;

    /// <inheritdoc/>
    public override string Name => "entropy";

    /// <inheritdoc/>
    public override string Idea => "least Kullback-Leibler divergence of the distributions (Migacz, TensorRT, GTC 2017)";

    /// <inheritdoc/>
    protected override ValueRange Choose(Histogram histogram)
    {
        double largest = Math.Max(Math.Abs((double)histogram.Range.Min), Math.Abs((double)histogram.Range.Max));
        double[] magnitudes = Magnitudes(histogram, largest);
        (int best, double least) = (Histogram.Bins, double.PositiveInfinity);
        for (int cut = Levels; cut <= Histogram.Bins; cut += Step)
        {
            double divergence = Divergence(magnitudes, cut);
            if (divergence <= least) (best, least) = (cut, divergence);
        }

        float threshold = (float)(largest * best / Histogram.Bins);
        return new ValueRange(Math.Max(histogram.Range.Min, -threshold), Math.Min(histogram.Range.Max, threshold));
    }

    /// <summary>The histogram of the magnitudes. The part at 0 counts as its neighbour (as in NVIDIA's pytorch-quantization): the zeros of a RELU need no resolution.</summary>
    private static double[] Magnitudes(Histogram histogram, double largest)
    {
        var magnitudes = new double[Histogram.Bins];
        for (int i = 0; i < Histogram.Bins; i++)
            magnitudes[Math.Min((int)(Math.Abs(histogram.Centre(i)) / largest * Histogram.Bins), Histogram.Bins - 1)] += histogram.Counts[i];
        magnitudes[0] = magnitudes[1];
        return magnitudes;
    }

    /// <summary>The divergence of a candidate; infinite where nothing is left of Q.</summary>
    internal static double Divergence(double[] magnitudes, int cut)
    {
        double outliers = 0, sumP = 0, sumQ = 0;
        for (int i = cut; i < magnitudes.Length; i++) outliers += magnitudes[i];
        for (int i = 0; i < cut; i++) sumQ += magnitudes[i];
        sumP = sumQ + outliers;
        if (sumQ == 0) return double.PositiveInfinity;
        double divergence = 0;
        for (int level = 0; level < Levels; level++)
        {
            int from = (int)((long)level * cut / Levels), to = (int)((long)(level + 1) * cut / Levels);
            double sum = 0;
            int occupied = 0;
            for (int i = from; i < to; i++)
            {
                sum += magnitudes[i];
                if (magnitudes[i] > 0) occupied++;
            }

            for (int i = from; i < to; i++)
            {
                double p = magnitudes[i] + (i == cut - 1 ? outliers : 0);
                if (p == 0) continue;

                // The last part may hold outliers only; then Q gets a trace there, so that few outliers cost little.
                double q = magnitudes[i] == 0 ? Trace : sum / occupied;
                divergence += p / sumP * Math.Log(p / sumP / (q / sumQ));
            }
        }

        return divergence;
    }
}

namespace TinyAI.ModelPacker.Quantise.Calibrate;

/// <summary>
/// The range with the least mean squared error of quantised against real values, clipping included (Nagel et al. 2021,
/// arXiv:2106.08295, section 3.1). Both ends are shrunk in 64 steps, first together, then in turn until neither helps any more.
/// </summary>
public sealed class MseCalibrator : Calibrator
{
    private const int Steps = 64;

    /// <inheritdoc/>
    public override string Name => "mse";

    /// <inheritdoc/>
    public override string Idea => "least mean squared error (Nagel et al. 2021, arXiv:2106.08295)";

    /// <inheritdoc/>
    protected override ValueRange Choose(Histogram histogram)
    {
        double low = Math.Min(histogram.Range.Min, 0), high = Math.Max(histogram.Range.Max, 0);
        int lowStep = Steps, highStep = Steps;
        double least = Error(histogram, low, high);
        int both = Steps;
        Improve(ref both, s => Error(histogram, low * s / Steps, high * s / Steps));
        lowStep = highStep = both;
        for (bool better = true; better;)
        {
            better = Improve(ref highStep, s => Error(histogram, low * lowStep / Steps, high * s / Steps));
            better |= Improve(ref lowStep, s => Error(histogram, low * s / Steps, high * highStep / Steps));
        }

        return new ValueRange((float)(low * lowStep / Steps), (float)(high * highStep / Steps));

        bool Improve(ref int step, Func<int, double> error)
        {
            bool better = false;
            for (int s = 1; s <= Steps; s++)
            {
                if (error(s) is var e && e < least * (1 - 1e-9))
                {
                    (least, step, better) = (e, s, true);
                }
            }

            return better;
        }
    }

    /// <summary>The sum of squared errors of a range; within a part all values are taken as its middle.</summary>
    internal static double Error(Histogram histogram, double low, double high)
    {
        Graphs.Quantisation q = Affine.Of(new ValueRange((float)low, (float)high));
        double scale = q.Scale, sum = 0;
        for (int i = 0; i < Histogram.Bins; i++)
        {
            if (histogram.Counts[i] == 0) continue;
            double x = histogram.Centre(i), steps = Math.Clamp(Math.Round(x / scale) + q.ZeroPoint, -128, 127) - q.ZeroPoint;

            // Inside a step, values spread over the part, so that a part wider than a step still costs.
            double e = x - steps * scale;
            sum += histogram.Counts[i] * (e * e + Math.Min(histogram.BinWidth, scale) * Math.Min(histogram.BinWidth, scale) / 12);
        }

        return sum;
    }
}

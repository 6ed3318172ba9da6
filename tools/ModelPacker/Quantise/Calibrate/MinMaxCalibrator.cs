namespace TinyAI.ModelPacker.Quantise.Calibrate;

/// <summary>Everything that was seen: nothing is clipped, outliers cost resolution (TensorFlow Lite's converter).</summary>
public sealed class MinMaxCalibrator : Calibrator
{
    /// <inheritdoc/>
    public override string Name => "minmax";

    /// <inheritdoc/>
    public override string Idea => "everything that was seen (TensorFlow Lite)";

    /// <inheritdoc/>
    protected override ValueRange Choose(Histogram histogram) => histogram.Range;
}

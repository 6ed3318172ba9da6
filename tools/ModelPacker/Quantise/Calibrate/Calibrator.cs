namespace TinyAI.ModelPacker.Quantise.Calibrate;

/// <summary>A way to choose the range that a tensor's integers stand for from the distribution of its values.</summary>
public abstract class Calibrator
{
    /// <summary>All calibrators, in the order in which a shoot-out tries them.</summary>
    public static IReadOnlyList<Calibrator> All { get; } = [new MinMaxCalibrator(), new PercentileCalibrator(), new EntropyCalibrator(), new MseCalibrator()];

    /// <summary>Name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What it does, in a few words for people.</summary>
    public abstract string Idea { get; }

    /// <summary>The range of a tensor.</summary>
    public ValueRange Range(Histogram histogram) => histogram.IsPoint ? histogram.Range : Choose(histogram);

    /// <summary>The range of a tensor whose values differ.</summary>
    protected abstract ValueRange Choose(Histogram histogram);
}

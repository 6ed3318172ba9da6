namespace TinyAI.ModelPacker.Quantise.Calibrate;

/// <summary>
/// How often values of a tensor fall into each of 2,048 equal parts of its range. The range comes from a first pass over the
/// data, so that nothing has to be rebinned; memory does not grow with the data.
/// </summary>
public sealed class Histogram(ValueRange range)
{
    /// <summary>Number of parts, TensorRT's.</summary>
    public const int Bins = 2048;

    private readonly double _perBin = Bins / Math.Max((double)range.Max - range.Min, double.Epsilon);

    /// <summary>Smallest and largest value seen.</summary>
    public ValueRange Range { get; } = range;

    /// <summary>Number of values in each part.</summary>
    public long[] Counts { get; } = new long[Bins];

    /// <summary>Number of values.</summary>
    public long Total { get; private set; }

    /// <summary>Whether all values are the same.</summary>
    public bool IsPoint => !(Range.Max > Range.Min);

    /// <summary>Width of a part.</summary>
    public double BinWidth => ((double)Range.Max - Range.Min) / Bins;

    /// <summary>The middle of a part.</summary>
    public double Centre(int bin) => Range.Min + (bin + 0.5) * BinWidth;

    /// <summary>Counts values.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        Total += values.Length;
        if (IsPoint)
        {
            Counts[0] += values.Length;
            return;
        }

        foreach (float v in values) Counts[Math.Clamp((int)((v - (double)Range.Min) * _perBin), 0, Bins - 1)]++;
    }
}

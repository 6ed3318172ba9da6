using System.Runtime.InteropServices;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// Smallest and largest real number that a tensor's integers are to stand for. Where all its values are multiples of a step,
/// that step is the scale if 256 of them suffice: then nothing is rounded.
/// </summary>
public readonly record struct ValueRange(float Min, float Max, float Step = 0)
{
    /// <summary>Whether 256 integers hold every multiple of the step from 0 to both ends.</summary>
    public bool IsGrid => Step > 0 && (Math.Max(Max, 0) - Math.Min(Min, 0)) / Step <= 255.5f;

    /// <summary>The range that holds both.</summary>
    public ValueRange Union(ValueRange other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max), Step == other.Step ? Step : 0);

    /// <summary>The range of some numbers.</summary>
    public static ValueRange Of(ReadOnlySpan<float> values)
    {
        float min = float.PositiveInfinity, max = float.NegativeInfinity;
        foreach (float v in values)
        {
            if (v < min) min = v;
            if (v > max) max = v;
        }

        return values.IsEmpty ? default : new ValueRange(min, max);
    }
}

/// <summary>Scales and zero points from ranges, and the integers of constants.</summary>
public static class Affine
{
    /// <summary>No scale is smaller: multipliers made of it must not run out of float's range.</summary>
    public const float SmallestScale = 1e-12f;

    /// <summary>
    /// The scale and zero point that spread 256 integers over a range and represent 0 exactly (Jacob et al. 2018,
    /// arXiv:1712.05877, section 2.1): 0 is taken into the range, the zero point is rounded, the range moves by that rounding.
    /// </summary>
    public static Quantisation Of(ValueRange range)
    {
        double min = Math.Min(range.Min, 0), max = Math.Max(range.Max, 0);
        if (range.IsGrid) return new Quantisation([range.Step], [(int)Math.Clamp(-128 - Math.Round(min / range.Step), -128, 127)], 0);
        float scale = (float)((max - min) / 255);
        if (!(scale >= SmallestScale)) return new Quantisation([min == max ? 1f / 128 : SmallestScale], [0], 0);
        int zeroPoint = (int)Math.Clamp(Math.Round(-128 - min / scale, MidpointRounding.AwayFromZero), -128, 127);

        // Rounding of the zero point must not cut the larger end off by half a step.
        float needed = (float)Math.Max(max / Math.Max(1, 127 - zeroPoint), -min / Math.Max(1, zeroPoint + 128));
        if (zeroPoint is > -128 and < 127 && needed > scale) scale = needed;
        return new Quantisation([scale], [zeroPoint], 0);
    }

    /// <summary>An int8 constant of a float one with the given quantisation.</summary>
    public static Tensor Constant(Tensor tensor, Quantisation q)
    {
        float[] values = RealNumbers.Of(tensor);
        var data = new byte[values.Length];
        int inner = q.IsPerChannel ? RealNumbers.Inner(tensor.Shape, q.Axis) : 1;
        for (int i = 0; i < data.Length; i++)
        {
            int slice = q.IsPerChannel ? i / inner % q.Scales.Length : 0;
            data[i] = (byte)RealNumbers.Quantise(values[i], q.Scales[slice], (int)q.ZeroPoints[slice], -128, 127);
        }

        return new Tensor { Name = tensor.Name, Type = TfliteType.INT8, Shape = tensor.Shape, Quantisation = q, Data = data };
    }

    /// <summary>
    /// The grid of int8 that a constant of real numbers remembers from a quantised model, where all its numbers still lie on
    /// it; null where there is none. With an axis, only a symmetric grid of weights with scales along it or for all counts.
    /// </summary>
    public static Quantisation? Grid(Tensor tensor, int? axis = null)
    {
        if (tensor is not { Type: TfliteType.FLOAT32, IsConstant: true, Quantisation: { } grid }) return null;
        bool fits = axis is { } along ? grid.ZeroPoints.All(z => z == 0) && (!grid.IsPerChannel || (grid.Axis == along && grid.Scales.Length == tensor.Shape[along])) : !grid.IsPerChannel;
        if (!fits || grid.Scales.Any(s => s < SmallestScale)) return null;
        float[] values = RealNumbers.Of(tensor);
        int inner = grid.IsPerChannel ? RealNumbers.Inner(tensor.Shape, grid.Axis) : 1;
        for (int i = 0; i < values.Length; i++)
        {
            int slice = grid.IsPerChannel ? i / inner % grid.Scales.Length : 0;
            double q = (double)values[i] / grid.Scales[slice] + grid.ZeroPoints[slice];
            if (Math.Abs(q - Math.Round(q)) > 0.01 || q is < -128.01 or > 127.01) return null;
        }

        return grid;
    }

    /// <summary>The quantisation of a constant that needs no other: its own grid, exact for a single number, else by its range.</summary>
    public static Quantisation OfConstant(Tensor tensor)
    {
        if (Grid(tensor) is { } grid) return grid;
        ValueRange range = ValueRange.Of(RealNumbers.Of(tensor));
        if (range.Min != range.Max || range.Min == 0) return Of(range);
        return new Quantisation([Math.Max(Math.Abs(range.Min) / 127, SmallestScale)], [0], 0);
    }

    /// <summary>
    /// Symmetric scales per slice of weights: largest magnitude / 127. Where a bias belongs to them, a scale is at least so
    /// large that the bias, in units of input scale * weight scale, stays below 2^30.
    /// </summary>
    public static Quantisation Weights(Tensor weights, int axis, float inputScale, float[]? bias)
    {
        if (Grid(weights, axis) is { } grid) return grid;
        float[] values = RealNumbers.Of(weights);
        int slices = weights.Shape[axis], inner = RealNumbers.Inner(weights.Shape, axis);
        var scales = new float[slices];
        for (int i = 0; i < values.Length; i++)
        {
            int slice = i / inner % slices;
            scales[slice] = Math.Max(scales[slice], Math.Abs(values[i]));
        }

        for (int s = 0; s < slices; s++)
        {
            scales[s] = Math.Max(scales[s] / Levels(values, s, slices, inner, scales[s]), SmallestScale);
            if (bias is not null) scales[s] = Math.Max(scales[s], Math.Abs(bias[s]) / inputScale / (1 << 30));
        }

        return new Quantisation(scales, new long[slices], axis);
    }

    /// <summary>
    /// The integer that a slice's largest weight becomes: 127, or less where all its weights are multiples of one step already
    /// (a model that was trained for integers), which then nothing rounds.
    /// </summary>
    private static int Levels(float[] values, int slice, int slices, int inner, float largest)
    {
        if (largest == 0) return 127;
        for (int levels = 127; levels > 0; levels--)
        {
            bool fits = true;
            for (int block = slice * inner; fits && block < values.Length; block += slices * inner)
            {
                for (int i = block; fits && i < block + inner; i++)
                {
                    double q = (double)values[i] / largest * levels;
                    fits = Math.Abs(q - Math.Round(q)) < 1e-3;
                }
            }

            if (fits) return levels;
        }

        return 127;
    }

    /// <summary>An int32 bias at input scale * weight scale, per slice where the weights are; down: the integers next below, with what they lack.</summary>
    public static Tensor Bias(Tensor bias, float[] values, float inputScale, Quantisation weights, bool down = false)
    {
        float[] scales = [.. weights.Scales.Select(s => inputScale * s)];
        double[] exact = [.. values.Select((v, i) => Math.Clamp((double)v / ((double)inputScale * weights.Scales[weights.IsPerChannel ? i : 0]), int.MinValue, int.MaxValue))];
        int[] integers = [.. exact.Select(v => (int)(down ? Math.Floor(v) : Math.Round(v, MidpointRounding.AwayFromZero)))];
        return new Tensor
        {
            Name = bias.Name, Type = TfliteType.INT32, Shape = bias.Shape, Data = MemoryMarshal.AsBytes<int>(integers).ToArray(),
            Quantisation = new Quantisation(scales, new long[scales.Length], 0), Fractions = down ? [.. exact.Zip(integers, (v, q) => v - q)] : null,
        };
    }
}

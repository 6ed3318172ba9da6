using TinyAI.Kernels;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>Makes the lane form of a product of two activations: see <see cref="BatchMatMulLanes"/>.</summary>
public static class LaneProduct
{
    /// <summary>The lane form of a layer, or why there is none. Each pair bounds an operand's values.</summary>
    public static (Layer? Layer, string Reason) Of(Layer layer, (int Low, int High) first, (int Low, int High) second)
    {
        int[] from = layer.Parameters;
        int rows = from[BatchMatMul.Rows], depth = from[BatchMatMul.Depth], columns = from[BatchMatMul.Columns];
        if (from[BatchMatMul.DepthStep] != 1 || from[BatchMatMul.RowStep] != depth) return (null, "rows of its first operand are not runs of bytes");
        (long low, long high) = Products(first, from[BatchMatMul.ZeroPoint], second, from[BatchMatMul.ZeroPoint2]);
        var bounds = new LaneBounds(Math.Min(0, low * depth), Math.Max(0, high * depth));
        if (!bounds.FitsWithOffset(LaneBounds.ThreeLaneBits)) return (null, "a sum needs more than 21 bits");
        var scale = new Requantisation(from[BatchMatMul.Multiplier], from[BatchMatMul.Shift]);
        int shift = LaneRequantisation.CommonShift([(scale, bounds.Min, bounds.Max)]);
        int outZero = from[BatchMatMul.OutZeroPoint], outMin = from[BatchMatMul.OutMin], outMax = from[BatchMatMul.OutMax];
        if (LaneRequantisation.Find(scale, bounds.Min, bounds.Max, outZero, outMin, outMax, shift) is not { } found)
            return (null, "its two roundings have no equal in one step");

        int[] p = LaneForm.Pixels(BatchMatMulLanes.ParameterCount, rows, depth, columns);
        (p[Conv2DLanes.TileRows], p[Conv2DLanes.PageChannels], p[Conv2DLanes.Pool]) = (rows, columns, 1);
        (p[Conv2D.InZeroPoint], p[Conv2D.OutZeroPoint], p[Conv2D.OutMin], p[Conv2D.OutMax]) = (from[BatchMatMul.ZeroPoint], outZero, outMin, outMax);
        (p[Conv2DLanes.Shift], p[Conv2DLanes.Bent], p[Conv2DLanes.SegmentChunks]) = (shift, found.Bend != 0 ? 1 : 0, LayerLanes.Eights(depth) + 1);
        p[BatchMatMulLanes.ZeroPoint2] = from[BatchMatMul.ZeroPoint2];
        p[BatchMatMulLanes.ColumnStep] = from[BatchMatMul.ColumnStep];
        p[BatchMatMulLanes.DepthStep2] = from[BatchMatMul.DepthStep2];
        p[BatchMatMulLanes.Offset] = (int)bounds.Offset;
        LaneRequantisation folded = found.WithOffset(bounds.Offset);
        (p[BatchMatMulLanes.Multiplier], p[BatchMatMulLanes.Multiplier + 1]) = Words(folded.Multiplier);
        (p[BatchMatMulLanes.Addend], p[BatchMatMulLanes.Addend + 1]) = Words(folded.Addend);
        (p[BatchMatMulLanes.Bend], p[BatchMatMulLanes.Bend + 1]) = Words(folded.Bend);
        for (int d = 0; d < BatchMatMul.BatchDimensions; d++)
        {
            p[BatchMatMulLanes.BatchSizes + d] = from[BatchMatMul.BatchSizes + d];
            p[BatchMatMulLanes.BatchSteps + d] = from[BatchMatMul.BatchSteps + d];
            p[BatchMatMulLanes.BatchSteps2 + d] = from[BatchMatMul.BatchSteps2 + d];
        }

        return (layer with { Kind = PackFormat.KindBatchMatMulLanes, Name = nameof(BatchMatMulLanes), Parameters = p, Form = "lanes, made per run" }, "");
    }

    /// <summary>Smallest and largest product of two values, zero points taken off.</summary>
    private static (long Low, long High) Products((int Low, int High) first, int zero, (int Low, int High) second, int zero2)
    {
        long[] corners =
        [
            .. from a in new[] { first.Low, first.High } from b in new[] { second.Low, second.High } select (long)(a - zero) * (b - zero2),
        ];
        return (corners.Min(), corners.Max());
    }

    private static (int Low, int High) Words(long value) => ((int)value, (int)(value >> 32));
}

using TinyAI.Kernels;
using TinyAI.TinyRuntime;
using Kernel = TinyAI.Kernels.Convert;

namespace TinyAI.ModelPacker.Lower;

/// <summary>Which bytes of an operand a kernel touches: for row r those from r * Step + Low to r * Step + High, as far as it has them.</summary>
public readonly record struct RowSpan(int Step, int Low, int High)
{
    /// <summary>Rows that follow each other.</summary>
    public static RowSpan Rows(int bytes) => new(bytes, 0, bytes);
}

/// <summary>
/// What each row of a layer touches, in bytes of its operands; null where a row may touch all of an operand. Layers with a
/// map can run row by row with others. The kinds that have one stand in <see cref="Of"/>, a line each.
/// </summary>
public sealed record RowMap(RowSpan? Input, RowSpan? Output, RowSpan? Input2 = null)
{
    /// <summary>The map of a layer, or null where the kind is not known to run row by row.</summary>
    public static RowMap? Of(Layer layer)
    {
        int[] p = layer.Parameters;
        if (layer.Kind == PackFormat.KindConv2DLanes && p[Conv2DLanes.Pool] > 1) return null;
        return layer.Kind switch
        {
            PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D or PackFormat.KindConv2DLanes or PackFormat.KindDepthwiseTapsLanes => Convolution(layer, 1),
            // The lanes of a last, incomplete triple of rows read where further rows would lie.
            PackFormat.KindDepthwiseConv2DLanes => Convolution(layer, 1, moreRows: 2),
            PackFormat.KindConv2DInt16 => Convolution(layer, 2),
            PackFormat.KindMaxPool2D or PackFormat.KindAveragePool2D => Pool(layer, 1),
            PackFormat.KindPool2DInt16 => Pool(layer, 2),
            PackFormat.KindFullyConnected or PackFormat.KindFullyConnectedLanes =>
                new RowMap(RowSpan.Rows(p[FullyConnected.InSize]), RowSpan.Rows(p[FullyConnected.OutSize])),
            PackFormat.KindAdd or PackFormat.KindMul or PackFormat.KindSquaredDifference or PackFormat.KindMinMax or PackFormat.KindPRelu or PackFormat.KindDiv =>
                Elementwise(layer),
            PackFormat.KindMean => Reduction(layer),
            PackFormat.KindMeanRows => new RowMap(RowSpan.Rows(p[MeanRows.Columns] * p[MeanRows.Channels]), null),
            PackFormat.KindSoftmax => new RowMap(RowSpan.Rows(p[Softmax.RowLength]), RowSpan.Rows(p[Softmax.RowLength] * p[Softmax.OutBytes])),
            PackFormat.KindSoftmaxInt16 => new RowMap(RowSpan.Rows(2 * p[SoftmaxInt16.Size]), RowSpan.Rows(2 * p[SoftmaxInt16.Size])),
            PackFormat.KindL2Normalise => new RowMap(RowSpan.Rows(p[L2Normalise.Size]), RowSpan.Rows(p[L2Normalise.Size])),
            PackFormat.KindLookup => new RowMap(RowSpan.Rows(p[Lookup.RowLength]), RowSpan.Rows(p[Lookup.RowLength])),
            PackFormat.KindConvert => new RowMap(RowSpan.Rows(p[Kernel.RowLength] * p[Kernel.InBytes]), RowSpan.Rows(p[Kernel.RowLength] * p[Kernel.OutBytes])),
            PackFormat.KindFill => new RowMap(null, RowSpan.Rows(p[Fill.RowBytes])),
            // A copy within one tensor has read what it overwrites only if all of it is done at once.
            PackFormat.KindStridedCopy => layer.Input?.Buffer == layer.Output?.Buffer ? null : Copy(p),
            PackFormat.KindBatchMatMul => Product(layer),
            PackFormat.KindConstant => new RowMap(null, null),
            _ => null,
        };
    }

    private static RowMap Convolution(Layer layer, int elementBytes, int moreRows = 0)
    {
        int[] p = layer.Parameters;
        if (layer.Rows != p[Conv2D.OutHeight]) return new RowMap(null, RowSpan.Rows(elementBytes * p[Conv2D.OutWidth] * p[Conv2D.OutChannels]));
        int inRow = elementBytes * p[Conv2D.InWidth] * p[Conv2D.InChannels];
        int extent = (p[Conv2D.KernelHeight] - 1) * p[Conv2D.DilationHeight] + 1;
        return new RowMap(
            new RowSpan(p[Conv2D.StrideHeight] * inRow, -p[Conv2D.PadTop] * inRow, (extent - p[Conv2D.PadTop] + moreRows * p[Conv2D.StrideHeight]) * inRow),
            RowSpan.Rows(elementBytes * p[Conv2D.OutWidth] * p[Conv2D.OutChannels]));
    }

    private static RowMap Pool(Layer layer, int elementBytes)
    {
        int[] p = layer.Parameters;
        RowSpan output = RowSpan.Rows(elementBytes * p[MaxPool2D.OutWidth] * p[MaxPool2D.Channels]);
        if (layer.Rows != p[MaxPool2D.OutHeight]) return new RowMap(null, output);
        int inRow = elementBytes * p[MaxPool2D.InWidth] * p[MaxPool2D.Channels];
        return new RowMap(new RowSpan(p[MaxPool2D.StrideHeight] * inRow, -p[MaxPool2D.PadTop] * inRow, (p[MaxPool2D.KernelHeight] - p[MaxPool2D.PadTop]) * inRow), output);
    }

    private static RowMap Elementwise(Layer layer)
    {
        int[] p = layer.Parameters;
        int inner = p[Broadcast.Inner];
        RowSpan? Span(int strides, int innerStride) =>
            Fit(layer.Rows, r => Broadcast.Offset(p, strides, innerStride, r), (inner - 1) * innerStride + 1);
        return new RowMap(Span(Broadcast.Strides1, p[Broadcast.InnerStride1]), RowSpan.Rows(inner), Span(Broadcast.Strides2, p[Broadcast.InnerStride2]));
    }

    private static RowMap Reduction(Layer layer)
    {
        int[] p = layer.Parameters;
        int extent = 1 + Enumerable.Range(0, 3).Sum(d => (p[Mean.ReducedSizes + d] - 1) * p[Mean.ReducedStrides + d]);
        int Start(int row)
        {
            int rest = row / p[Mean.KeptSizes + 2], outer = rest / p[Mean.KeptSizes + 1];
            return outer * p[Mean.KeptStrides] + rest % p[Mean.KeptSizes + 1] * p[Mean.KeptStrides + 1] + row % p[Mean.KeptSizes + 2] * p[Mean.KeptStrides + 2];
        }

        return new RowMap(Fit(layer.Rows, Start, extent), RowSpan.Rows(1));
    }

    private static RowMap Copy(int[] p)
    {
        RowSpan? Side(int offset, int rowStep, int which)
        {
            (int low, int high) = (0, 1);
            for (int d = 0; d <= StridedCopy.MiddleAxes; d++)
            {
                int at = d < StridedCopy.MiddleAxes ? StridedCopy.Middle + 3 * d : StridedCopy.Run;
                int reach = (p[at] - 1) * p[at + which];
                (low, high) = (low + Math.Min(reach, 0), high + Math.Max(reach, 0));
            }

            return rowStep < 0 ? null : new RowSpan(rowStep, offset + low, offset + high);
        }

        return new RowMap(Side(p[StridedCopy.InOffset], p[StridedCopy.RowInStep], 1), Side(p[StridedCopy.OutOffset], p[StridedCopy.RowOutStep], 2));
    }

    private static RowMap Product(Layer layer)
    {
        int[] p = layer.Parameters;
        int Start(int row, int steps, int rowStep)
        {
            int batch = row / p[BatchMatMul.Rows], at = row % p[BatchMatMul.Rows] * rowStep;
            for (int d = BatchMatMul.BatchDimensions - 1; d >= 0; d--)
            {
                at += batch % p[BatchMatMul.BatchSizes + d] * p[steps + d];
                batch /= p[BatchMatMul.BatchSizes + d];
            }

            return at;
        }

        int depth = p[BatchMatMul.Depth] - 1;
        return new RowMap(
            Fit(layer.Rows, r => Start(r, BatchMatMul.BatchSteps, p[BatchMatMul.RowStep]), depth * p[BatchMatMul.DepthStep] + 1),
            RowSpan.Rows(p[BatchMatMul.Columns]),
            Fit(layer.Rows, r => Start(r, BatchMatMul.BatchSteps2, 0), depth * p[BatchMatMul.DepthStep2] + (p[BatchMatMul.Columns] - 1) * p[BatchMatMul.ColumnStep] + 1));
    }

    /// <summary>The span of rows that begin evenly, each as long as extent; null where they do not.</summary>
    private static RowSpan? Fit(int rows, Func<int, int> start, int extent)
    {
        int first = start(0), step = rows > 1 ? start(1) - first : 0;
        if (step < 0) return null;
        for (int r = 2; r < rows; r++)
        {
            if (start(r) != first + r * step) return null;
        }

        return new RowSpan(step, first, first + extent);
    }
}

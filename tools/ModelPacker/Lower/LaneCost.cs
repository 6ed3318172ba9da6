using TinyAI.Kernels;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Estimated interpreter cost of a layer that comes in several forms, in units of a 32-bit addition, for choosing a form. The constants are
/// sums of single operations of the kernels' inner loops; choosing needs their order of magnitude, `bench` counts exactly.
/// </summary>
public static class LaneCost
{
    private const double PlainMac = 9.5, PlainOutput = 75, UnrolledMac = 10.8;
    private const double DepthwiseChannel = 220, DepthwisePosition = 120, SvdfFilter = 150, LookedUp = 16;
    private const double Mac = 1.45, Output = 17, TapOfPosition = 6, Block = 90;
    private const double SingleMac = 2.0, SingleTap = 5, SingleOutput = 26;
    private const double PackedElement = 24, DepthwiseTap = 5.5, DepthwiseOutput = 18;
    private const double TapsMac = 8, TapsOutput = 62;
    private const double ProductMac = 12.5, ProductOutput = 60, PackedValue = 9, PackedColumn = 30;
    private const double Exponential = 520, TableEntry = 62, SoftmaxRow = 300;
    private const double Conversion = 11;

    /// <summary>A step of a group: its tables are read, the kernel is entered.</summary>
    private const double Step = 400;

    /// <summary>A word of a layer record that is read from the pack.</summary>
    private const double RecordWord = 25;

    /// <summary>
    /// Cost of all layers that come in several forms, of the steps in which some of them run, and of reading the records.
    /// </summary>
    public static double Of(LoweredModel model) =>
        model.Layers.Select((l, i) => Of(l, model.GroupOf(i)?.RunsOf(i) ?? 1)).Sum() + model.Groups.Sum(g => g.Steps.Count * Step)
            + (model.KeepsRecords ? 0 : Records(model));

    /// <summary>What reading the layer records from the pack costs in one run of the model.</summary>
    public static double Records(LoweredModel model) =>
        model.Layers.Select((l, i) => Record(l, model.GroupOf(i)?.RunsOf(i) ?? 1)).Sum();

    /// <summary>The same of one layer that is run so many times.</summary>
    public static double Record(Layer layer, int runs) => runs * RecordWord * (PackFormat.LayerHeaderWords + layer.Parameters.Length);

    /// <summary>Cost of one run of a layer that stands as it is.</summary>
    public static double Of(Layer layer) => Of(layer, 1);

    /// <summary>The same in so many parts of its rows.</summary>
    public static double Of(Layer layer, int runs)
    {
        int[] p = layer.Parameters;
        if (layer.Kind == PackFormat.KindFullyConnectedLanes)
        {
            int outputs = p[FullyConnected.OutSize], taps = p[FullyConnected.InSize];
            double row = SingleMac * Whole(outputs) * taps + SingleTap * taps + SingleOutput * outputs;
            return layer.Rows * row + Setup(layer, outputs, taps, runs);
        }

        if (layer.Kind == PackFormat.KindFullyConnected)
            return (double)layer.Rows * p[FullyConnected.OutSize] * (UnrolledMac * p[FullyConnected.InSize] + PlainOutput / 2);
        if (layer.Kind == PackFormat.KindSoftmax)
        {
            double elements = (double)layer.Rows * p[Softmax.RowLength];
            return elements * (layer.Weights.Length > 0 ? TableEntry : Exponential) + SoftmaxRow * layer.Rows;
        }

        if (layer.Kind == PackFormat.KindSvdf)
            return (double)layer.Rows * p[Svdf.Units] * p[Svdf.Rank] * (UnrolledMac * (p[Svdf.InSize] + p[Svdf.Memory]) + SvdfFilter);
        if (layer.Kind == PackFormat.KindLookup) return LookedUp * layer.Rows * p[Lookup.RowLength];
        if (layer.Kind == PackFormat.KindBatchMatMul)
            return (double)layer.Rows * p[BatchMatMul.Columns] * (ProductMac * p[BatchMatMul.Depth] + ProductOutput);
        if (layer.Kind == PackFormat.KindBatchMatMulLanes)
        {
            int columns = p[Conv2D.OutChannels], depth = p[Conv2D.InChannels], rows = p[Conv2D.OutHeight];
            double matrix = (rows + 3) / 4 * 4 * (Mac * Whole(columns) * depth + Output * columns + TapOfPosition * depth + Block / 4);
            return layer.Rows / rows * (matrix + PackedValue * Whole(columns) * depth + PackedColumn * columns);
        }

        if (layer.Kind is not (PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D or PackFormat.KindConv2DLanes
            or PackFormat.KindDepthwiseConv2DLanes or PackFormat.KindDepthwiseTapsLanes))
            return 0;
        int channels = p[Conv2D.OutChannels], positions = layer.Rows * p[Conv2D.OutWidth];
        int window = p[Conv2D.KernelHeight] * p[Conv2D.KernelWidth];
        if (layer.Kind == PackFormat.KindConv2DLanes)
        {
            int taps = LayerLanes.PaddedTaps(window * p[Conv2D.InChannels]);
            double blocks = runs * Math.Ceiling(positions / (4.0 * runs));
            int pages = (channels + p[Conv2DLanes.PageChannels] - 1) / p[Conv2DLanes.PageChannels];
            double work = Mac * Whole(channels) * taps * 4 + Output * channels * 4 + (TapOfPosition * taps * 4 + Block) * pages;
            return blocks * work + Setup(layer, channels, window * p[Conv2D.InChannels], runs);
        }

        if (layer.Kind == PackFormat.KindDepthwiseTapsLanes) return (double)positions * channels * (TapsMac * window + TapsOutput);
        if (layer.Kind == PackFormat.KindDepthwiseConv2DLanes)
        {
            double rows = runs * Math.Ceiling(p[Conv2D.OutHeight] / (3.0 * runs)) * layer.Rows / p[Conv2D.OutHeight];
            double triple = window == 9 ? DepthwiseTap * 9 : 14.0 * window;
            double pack = rows * p[Conv2D.StrideHeight] * DepthwiseConv2DLanes.PackedWidth(p) * PackedElement;
            return channels * (pack + rows * p[Conv2D.OutWidth] * (triple + 3 * DepthwiseOutput));
        }

        if (layer.Kind == PackFormat.KindDepthwiseConv2D)
            return channels * (DepthwiseChannel + (double)positions * (PlainMac * window + DepthwisePosition));
        return (double)positions * channels * (PlainMac * window * p[Conv2D.GroupInChannels] + PlainOutput);
    }

    private static double Setup(Layer layer, int channels, int taps, int runs) => layer.Slot > 0 ? 0 : runs * channels * (Conversion * taps + 150);

    private static int Whole(int channels) => (channels + 2) / 3 * 3;
}

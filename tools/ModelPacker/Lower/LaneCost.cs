using TinyAI.Kernels;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Estimated interpreter cost of a weighted layer in units of a 32-bit addition, for choosing a form. The constants are
/// sums of single operations of the kernels' inner loops; choosing needs their order of magnitude, `bench` counts exactly.
/// </summary>
public static class LaneCost
{
    private const double PlainMac = 9.5, PlainOutput = 75;
    private const double Mac = 1.45, Output = 17, TapOfPosition = 6, Block = 90;
    private const double SingleMac = 2.0, SingleTap = 5, SingleOutput = 26;
    private const double PackedElement = 24, DepthwiseTap = 5.5, DepthwiseOutput = 18;
    private const double Conversion = 11;

    /// <summary>A step of a group: its tables and the layer's record are read, the kernel is entered.</summary>
    private const double Step = 1500;

    /// <summary>Cost of all weighted layers of a model, and of the steps in which some of them run.</summary>
    public static double Of(LoweredModel model) =>
        model.Layers.Select((l, i) => l.Form == "" ? 0 : Of(l, model.GroupOf(i)?.RunsOf(i) ?? 1)).Sum() + model.Groups.Sum(g => g.Steps.Count * Step);

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
            return (double)layer.Rows * p[FullyConnected.OutSize] * (PlainMac * p[FullyConnected.InSize] + PlainOutput / 2);
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

        if (layer.Kind == PackFormat.KindDepthwiseConv2DLanes)
        {
            double rows = runs * Math.Ceiling(p[Conv2D.OutHeight] / (3.0 * runs)) * layer.Rows / p[Conv2D.OutHeight];
            double triple = window == 9 ? DepthwiseTap * 9 : 14.0 * window;
            double pack = rows * p[Conv2D.StrideHeight] * DepthwiseConv2DLanes.PackedWidth(p) * PackedElement;
            return channels * (pack + rows * p[Conv2D.OutWidth] * (triple + 3 * DepthwiseOutput));
        }

        return (double)positions * channels * (PlainMac * window * p[Conv2D.GroupInChannels] + PlainOutput);
    }

    private static double Setup(Layer layer, int channels, int taps, int runs) => layer.Slot > 0 ? 0 : runs * channels * (Conversion * taps + 150);

    private static int Whole(int channels) => (channels + 2) / 3 * 3;
}

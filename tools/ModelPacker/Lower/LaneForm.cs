using TinyAI.Kernels;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Makes the lane form of a plain weighted layer. Shapes that are the same in memory are brought to the one that the
/// kernels do best: a row of positions becomes a column, so that it can be worked off in parts; a fully connected layer
/// of four rows and more becomes a convolution of one pixel, so that positions share weights; a convolution with up to
/// three whole windows becomes fully connected; a depthwise layer of one channel is a convolution.
/// </summary>
public static class LaneForm
{
    /// <summary>A band larger than this is only made where a single output row needs it.</summary>
    private const int BandBytes = 1536;

    /// <summary>
    /// The lane form that is estimated to be fastest, or why there is none. low and high bound the input's values.
    /// </summary>
    public static (Layer? Layer, string Reason) Of(Layer layer, int low, int high)
    {
        (Layer? Layer, string Reason) channels = OfChannels(layer, low, high);
        // With one input channel, packing rows instead of output channels leaves no lane empty.
        if (channels.Layer?.Kind != PackFormat.KindConv2DLanes || channels.Layer.Parameters[Conv2D.InChannels] > 1 || layer.Kind == PackFormat.KindFullyConnected)
            return channels;
        var p = (int[])layer.Parameters.Clone();
        p[Conv2D.GroupOutChannels] = p[Conv2D.OutChannels];
        (Layer? Layer, string Reason) rows = Depthwise(layer, p, low, high);
        return rows.Layer is not null && LaneCost.Of(rows.Layer) < LaneCost.Of(channels.Layer with { Slot = 1 }) ? rows : channels;
    }

    private static (Layer? Layer, string Reason) OfChannels(Layer layer, int low, int high)
    {
        if (layer.Kind == PackFormat.KindFullyConnected)
            return layer.Rows > 3 ? Convolution(layer, Pixels(layer), low, high) : FullyConnectedForm(layer, layer.Parameters, layer.Rows, low, high);
        var p = (int[])layer.Parameters.Clone();
        int rows = layer.Rows;
        if (p[Conv2D.InHeight] == 1 && p[Conv2D.KernelHeight] == 1 && p[Conv2D.OutHeight] == 1 && p[Conv2D.PadTop] == 0)
        {
            rows *= p[Conv2D.OutWidth];
            Swap(p, Conv2D.InHeight, Conv2D.InWidth);
            Swap(p, Conv2D.OutHeight, Conv2D.OutWidth);
            Swap(p, Conv2D.KernelHeight, Conv2D.KernelWidth);
            Swap(p, Conv2D.StrideHeight, Conv2D.StrideWidth);
            Swap(p, Conv2D.DilationHeight, Conv2D.DilationWidth);
            Swap(p, Conv2D.PadTop, Conv2D.PadLeft);
        }

        if (layer.Kind == PackFormat.KindDepthwiseConv2D && p[Conv2D.InChannels] > 1)
        {
            (Layer? Layer, string Reason) byRows = Depthwise(layer with { Rows = rows }, p, low, high), byTaps = LaneTaps.Of(layer with { Rows = rows }, p, low, high);
            if (byRows.Layer is null) return byTaps.Layer is null ? byRows : byTaps;
            return byTaps.Layer is not null && LaneCost.Of(byTaps.Layer) < LaneCost.Of(byRows.Layer) ? byTaps : byRows;
        }

        p[Conv2D.GroupOutChannels] = p[Conv2D.OutChannels];
        if (p[Conv2D.GroupInChannels] != p[Conv2D.InChannels]) return (null, "it has groups");
        if (rows * p[Conv2D.OutWidth] <= 3 && IsWholeWindow(p))
            return FullyConnectedForm(layer, Flat(p), rows * p[Conv2D.OutWidth], low, high);
        return Convolution(layer with { Rows = rows }, p, low, high);
    }

    private static (Layer? Layer, string Reason) Convolution(Layer layer, int[] plain, int low, int high)
    {
        int[] p = [.. plain, .. new int[Conv2DLanes.ParameterCount - Conv2D.ParameterCount]];
        int extentHeight = (p[Conv2D.KernelHeight] - 1) * p[Conv2D.DilationHeight] + 1;
        int extentWidth = (p[Conv2D.KernelWidth] - 1) * p[Conv2D.DilationWidth] + 1;
        (p[Conv2DLanes.TileRows], p[Conv2DLanes.Pool]) = (p[Conv2D.OutHeight], 1);
        if (HasPadding(p, extentHeight, extentWidth))
        {
            (low, high) = (Math.Min(low, p[Conv2D.InZeroPoint]), Math.Max(high, p[Conv2D.InZeroPoint]));
            int width = (p[Conv2D.OutWidth] - 1) * p[Conv2D.StrideWidth] + extentWidth;
            if (p[Conv2D.PadLeft] >= width) return (null, "its windows lie in the padding");
            p[Conv2DLanes.BandRow] = width * p[Conv2D.InChannels];
            p[Conv2DLanes.TileRows] = TileRows(p, extentHeight);
            p[Conv2DLanes.BandRows] = (p[Conv2DLanes.TileRows] - 1) * p[Conv2D.StrideHeight] + extentHeight;
        }

        int taps = p[Conv2D.KernelHeight] * p[Conv2D.KernelWidth] * p[Conv2D.InChannels];
        (LaneBlocks? blocks, string reason) = LaneBlocks.Of(
            ChannelBlock.Read(layer, taps), low, high, p[Conv2D.OutZeroPoint], p[Conv2D.OutMin], p[Conv2D.OutMax], LayerLanes.Eights(taps), canSplit: true);
        if (blocks is null) return (null, reason);
        p[Conv2D.BlockBytes] = blocks.BlockBytes;
        p[Conv2DLanes.Shift] = blocks.Shift;
        p[Conv2DLanes.Bent] = blocks.IsBent ? 1 : 0;
        p[Conv2DLanes.SegmentChunks] = blocks.SegmentChunks;
        p[Conv2DLanes.Split] = blocks.IsSplit ? 1 : 0;
        p[Conv2DLanes.PageChannels] = p[Conv2D.OutChannels];
        return (With(layer, PackFormat.KindConv2DLanes, "Conv2DLanes", p, blocks, 0), "");
    }

    private static (Layer? Layer, string Reason) FullyConnectedForm(Layer layer, int[] plain, int rows, int low, int high)
    {
        int[] p = [.. plain, .. new int[FullyConnectedLanes.ParameterCount - FullyConnected.ParameterCount]];
        int taps = p[FullyConnected.InSize];
        (LaneBlocks? blocks, string reason) = LaneBlocks.Of(
            ChannelBlock.Read(layer, taps), low, high, p[FullyConnected.OutZeroPoint], p[FullyConnected.OutMin], p[FullyConnected.OutMax],
            taps >> 3, canSplit: true);
        if (blocks is null) return (null, reason);
        p[FullyConnected.BlockBytes] = blocks.BlockBytes;
        p[FullyConnectedLanes.Shift] = blocks.Shift;
        p[FullyConnectedLanes.SegmentChunks] = blocks.SegmentChunks;
        p[FullyConnectedLanes.Split] = blocks.IsSplit ? 1 : 0;
        return (With(layer with { Rows = rows }, PackFormat.KindFullyConnectedLanes, "FullyConnectedLanes", p, blocks, 0), "");
    }

    private static (Layer? Layer, string Reason) Depthwise(Layer layer, int[] plain, int low, int high)
    {
        int[] p = [.. plain, .. new int[DepthwiseConv2DLanes.ParameterCount - Conv2D.ParameterCount]];
        if (p[Conv2D.OutHeight] < 3) return (null, "it has fewer than three output rows");
        if (p[Conv2D.PadLeft] >= DepthwiseConv2DLanes.PackedWidth(p)) return (null, "its windows lie in the padding");
        (low, high) = (Math.Min(low, p[Conv2D.InZeroPoint]), Math.Max(high, p[Conv2D.InZeroPoint]));
        int taps = p[Conv2D.KernelHeight] * p[Conv2D.KernelWidth];
        (LaneBlocks? blocks, string reason) = LaneBlocks.Of(
            ChannelBlock.Read(layer, taps), low, high, p[Conv2D.OutZeroPoint], p[Conv2D.OutMin], p[Conv2D.OutMax], LayerLanes.Eights(taps), canSplit: false);
        if (blocks is null) return (null, reason);
        p[Conv2D.BlockBytes] = blocks.BlockBytes;
        p[DepthwiseConv2DLanes.Shift] = blocks.Shift;
        return (With(layer, PackFormat.KindDepthwiseConv2DLanes, "DepthwiseConv2DLanes", p, blocks, blocks.BlockBytes), "");
    }

    /// <summary>The same layer with the lanes of fewer channels in memory at once, made at every run.</summary>
    public static Layer Paged(Layer lanes, int channels)
    {
        var p = (int[])lanes.Parameters.Clone();
        p[Conv2DLanes.PageChannels] = channels;
        return lanes with { Parameters = p, Slot = 0, Form = channels == p[Conv2D.OutChannels] ? "lanes, made per run" : $"lanes, {channels} channels at a time" };
    }

    private static Layer With(Layer layer, int kind, string name, int[] p, LaneBlocks blocks, int windowBytes) => layer with
    {
        Kind = kind, Name = name, Parameters = p, Weights = blocks.Weights, BlockBytes = blocks.BlockBytes, WindowBytes = windowBytes,
    };

    private static bool HasPadding(int[] p, int extentHeight, int extentWidth) =>
        p[Conv2D.PadTop] > 0 || p[Conv2D.PadLeft] > 0
        || (p[Conv2D.OutHeight] - 1) * p[Conv2D.StrideHeight] + extentHeight > p[Conv2D.InHeight]
        || (p[Conv2D.OutWidth] - 1) * p[Conv2D.StrideWidth] + extentWidth > p[Conv2D.InWidth];

    /// <summary>Output rows per band: few positions wasted in the last block of four, not many input rows copied twice.</summary>
    private static int TileRows(int[] p, int extentHeight)
    {
        (int best, double bestCost) = (1, double.MaxValue);
        for (int rows = 1; rows <= Math.Min(p[Conv2D.OutHeight], 64); rows++)
        {
            int bandRows = (rows - 1) * p[Conv2D.StrideHeight] + extentHeight, positions = rows * p[Conv2D.OutWidth];
            if (rows > 1 && (long)bandRows * p[Conv2DLanes.BandRow] > BandBytes) break;
            int window = p[Conv2D.KernelHeight] * p[Conv2D.KernelWidth] * p[Conv2D.InChannels] * p[Conv2D.OutChannels];
            bool isOnePiece = p[Conv2DLanes.BandRow] == p[Conv2D.InWidth] * p[Conv2D.InChannels];
            double copying = 60 + (isOnePiece ? 0 : bandRows * 40.0);
            double cost = ((positions + 3) / 4 * 4 * (1.5 * window + 100) + copying) / rows;
            if (cost < bestCost * 0.995) (best, bestCost) = (rows, cost);
        }

        return best;
    }

    /// <summary>Whether each window is one run of bytes and the next begins where it ends.</summary>
    private static bool IsWholeWindow(int[] p)
    {
        bool isPixel = p[Conv2D.KernelHeight] == 1 && p[Conv2D.KernelWidth] == 1 && p[Conv2D.OutHeight] == p[Conv2D.InHeight] && p[Conv2D.OutWidth] == p[Conv2D.InWidth];
        bool isImage = p[Conv2D.OutHeight] == 1 && p[Conv2D.OutWidth] == 1 && p[Conv2D.KernelHeight] == p[Conv2D.InHeight]
            && p[Conv2D.KernelWidth] == p[Conv2D.InWidth] && p[Conv2D.DilationHeight] == 1 && p[Conv2D.DilationWidth] == 1;
        return (isPixel || isImage) && p[Conv2D.PadTop] == 0 && p[Conv2D.PadLeft] == 0;
    }

    /// <summary>Parameters of a fully connected layer for a convolution whose windows are whole.</summary>
    private static int[] Flat(int[] convolution)
    {
        var p = new int[FullyConnected.ParameterCount];
        p[FullyConnected.InSize] = convolution[Conv2D.KernelHeight] * convolution[Conv2D.KernelWidth] * convolution[Conv2D.InChannels];
        p[FullyConnected.OutSize] = convolution[Conv2D.OutChannels];
        p[FullyConnected.OutZeroPoint] = convolution[Conv2D.OutZeroPoint];
        p[FullyConnected.OutMin] = convolution[Conv2D.OutMin];
        p[FullyConnected.OutMax] = convolution[Conv2D.OutMax];
        return p;
    }

    /// <summary>Parameters of a convolution of one pixel for a fully connected layer.</summary>
    private static int[] Pixels(Layer layer)
    {
        int[] from = layer.Parameters, p = Pixels(Conv2D.ParameterCount, layer.Rows, from[FullyConnected.InSize], from[FullyConnected.OutSize]);
        (p[Conv2D.OutZeroPoint], p[Conv2D.OutMin], p[Conv2D.OutMax]) = (from[FullyConnected.OutZeroPoint], from[FullyConnected.OutMin], from[FullyConnected.OutMax]);
        return p;
    }

    /// <summary>Geometry of a convolution of one pixel over a column of rows, in an array of so many parameters.</summary>
    internal static int[] Pixels(int parameters, int rows, int inChannels, int outChannels)
    {
        var p = new int[parameters];
        foreach (int one in new[] { Conv2D.InWidth, Conv2D.OutWidth, Conv2D.KernelHeight, Conv2D.KernelWidth, Conv2D.StrideHeight, Conv2D.StrideWidth, Conv2D.DilationHeight, Conv2D.DilationWidth })
            p[one] = 1;
        p[Conv2D.InHeight] = p[Conv2D.OutHeight] = rows;
        p[Conv2D.InChannels] = p[Conv2D.GroupInChannels] = inChannels;
        p[Conv2D.OutChannels] = p[Conv2D.GroupOutChannels] = outChannels;
        return p;
    }

    private static void Swap(int[] p, int a, int b) => (p[a], p[b]) = (p[b], p[a]);
}

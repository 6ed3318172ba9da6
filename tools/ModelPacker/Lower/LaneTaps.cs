using TinyAI.Kernels;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Makes the lane form of a depthwise layer in which three taps share a multiplication, with the proof that the lanes stay
/// apart: see <see cref="DepthwiseTapsLanes"/>.
/// </summary>
public static class LaneTaps
{
    /// <summary>The lane form of a layer with these parameters, or why there is none. low and high bound the input's values.</summary>
    public static (Layer? Layer, string Reason) Of(Layer layer, int[] plain, int low, int high)
    {
        int[] p = [.. plain, .. new int[DepthwiseTapsLanes.ParameterCount - Conv2D.ParameterCount]];
        if (StepOf(p) is not { } step) return (null, "its taps do not lie at even distances");
        p[DepthwiseTapsLanes.TapStep] = step;
        ChannelBlock[] channels = ChannelBlock.Read(layer, p[Conv2D.KernelHeight] * p[Conv2D.KernelWidth]);
        var sums = new (Requantisation Scale, long Low, long High)[channels.Length];
        var bounds = new LaneBounds[channels.Length][];
        for (int c = 0; c < channels.Length; c++)
        {
            bounds[c] = [.. Lanes(channels[c].Taps).Select(taps => LaneBounds.Of(taps, low, high))];
            if (!bounds[c].All(b => b.FitsWithOffset(LaneBounds.ThreeLaneBits))) return (null, "a sum needs more than 21 bits");
            sums[c] = (channels[c].Scale, channels[c].Folded + bounds[c][2].Min, channels[c].Folded + bounds[c][2].Max);
        }

        (LaneBlocks? blocks, string reason) = LaneBlocks.Of(channels, sums, p[Conv2D.OutZeroPoint], p[Conv2D.OutMin], p[Conv2D.OutMax], c =>
            (bounds[c].Select((b, lane) => b.Offset << (lane * LayerLanes.LaneBits)).Sum(), bounds[c][2].Offset));
        if (blocks is null) return (null, reason);
        p[Conv2D.BlockBytes] = blocks.BlockBytes;
        p[DepthwiseTapsLanes.Shift] = blocks.Shift;
        return (layer with
        {
            Kind = PackFormat.KindDepthwiseTapsLanes, Name = nameof(DepthwiseTapsLanes), Parameters = p, Weights = blocks.Weights, BlockBytes = blocks.BlockBytes, WindowBytes = 0,
        }, "");
    }

    /// <summary>
    /// The weights that meet activations in each lane: with taps a, b, c of every triple the lowest collects c, the next b
    /// and c, the highest all of them.
    /// </summary>
    private static sbyte[][] Lanes(sbyte[] taps) =>
    [
        [.. taps.Where((_, i) => i % 3 == 2)],
        [.. taps.Where((_, i) => i % 3 > 0)],
        taps,
    ];

    /// <summary>Bytes from a tap to the next, or null where they differ or windows reach over the border.</summary>
    private static int? StepOf(int[] p)
    {
        int height = p[Conv2D.KernelHeight], width = p[Conv2D.KernelWidth], down = p[Conv2D.DilationHeight], across = p[Conv2D.DilationWidth];
        bool isInside = p[Conv2D.PadTop] == 0 && p[Conv2D.PadLeft] == 0
            && (p[Conv2D.OutHeight] - 1) * p[Conv2D.StrideHeight] + (height - 1) * down < p[Conv2D.InHeight]
            && (p[Conv2D.OutWidth] - 1) * p[Conv2D.StrideWidth] + (width - 1) * across < p[Conv2D.InWidth];
        if (!isInside) return null;
        int row = down * p[Conv2D.InWidth] * p[Conv2D.InChannels], column = across * p[Conv2D.InChannels];
        if (width == 1) return row;
        return height == 1 || row == width * column ? column : null;
    }
}

using System.Buffers.Binary;
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

        int shift = LaneRequantisation.CommonShift(sums), taps = channels[0].Taps.Length;
        int blockBytes = (LayerLanes.BlockHeader + taps + PackFormat.Alignment - 1) / PackFormat.Alignment * PackFormat.Alignment;
        var weights = new byte[checked(blockBytes * channels.Length)];
        for (int c = 0; c < channels.Length; c++)
        {
            if (LaneRequantisation.Find(channels[c].Scale, sums[c].Low, sums[c].High, p[Conv2D.OutZeroPoint], p[Conv2D.OutMin], p[Conv2D.OutMax], shift) is not { } found)
                return (null, $"the two roundings of channel {c} have no equal in one step");
            LaneRequantisation folded = found.WithOffset(bounds[c][2].Offset - channels[c].Folded);
            Span<byte> block = weights.AsSpan(c * blockBytes, blockBytes);
            BinaryPrimitives.WriteInt64LittleEndian(block, folded.Multiplier);
            BinaryPrimitives.WriteInt64LittleEndian(block[8..], folded.Addend);
            BinaryPrimitives.WriteInt64LittleEndian(block[16..], folded.Bend);
            BinaryPrimitives.WriteInt64LittleEndian(block[24..], bounds[c].Select((b, lane) => b.Offset << (lane * LayerLanes.LaneBits)).Sum());
            for (int i = 0; i < taps; i++) block[LayerLanes.BlockHeader + i] = (byte)channels[c].Taps[i];
        }

        p[Conv2D.BlockBytes] = blockBytes;
        p[DepthwiseTapsLanes.Shift] = shift;
        return (layer with
        {
            Kind = PackFormat.KindDepthwiseTapsLanes, Name = nameof(DepthwiseTapsLanes), Parameters = p, Weights = weights, BlockBytes = blockBytes, WindowBytes = 0,
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

using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// The proof that a layer can run in lanes, and its constants in that form: how often sums must be split so that every
/// part of every channel fits 21 bits, and the one-step requantisation of each channel.
/// </summary>
public sealed record LaneBlocks(byte[] Weights, int BlockBytes, int Shift, bool IsBent, int SegmentChunks, bool IsSplit)
{
    /// <summary>
    /// Makes the blocks. chunks is how many chunks of eight taps the kernel counts; where splitting is not allowed, or
    /// no proof is found, the reason is returned instead.
    /// </summary>
    public static (LaneBlocks? Blocks, string Reason) Of(
        ChannelBlock[] channels, int low, int high, int outZero, int outMin, int outMax, int chunks, bool canSplit)
    {
        int segment = Segment(channels, low, high, chunks, canSplit);
        if (segment == 0) return (null, "a sum needs more than 21 bits");
        int segments = Math.Max(1, (chunks + segment - 1) / segment);
        if (segments > 1000) return (null, "a sum would have to be split more than 1,000 times");
        var sums = new (Requantisation Scale, long Low, long High)[channels.Length];
        for (int c = 0; c < channels.Length; c++)
        {
            LaneBounds whole = LaneBounds.Of(channels[c].Taps, low, high);
            sums[c] = (channels[c].Scale, channels[c].Folded + whole.Min, channels[c].Folded + whole.Max);
        }

        bool split = segments > 1;
        (LaneBlocks? blocks, string reason) = Of(channels, sums, outZero, outMin, outMax, c =>
        {
            long offset = Bounds(channels[c].Taps, low, high, segment, chunks).Offset;
            return (offset, offset * segments);
        });
        return (blocks is null ? null : blocks with { SegmentChunks = split ? segment : chunks + 1, IsSplit = split }, reason);
    }

    /// <summary>
    /// Writes the blocks of channels whose sums are known. offsets gives for a channel what its lanes begin with, and how much
    /// of that is in the sum at the end.
    /// </summary>
    public static (LaneBlocks? Blocks, string Reason) Of(
        ChannelBlock[] channels, (Requantisation Scale, long Low, long High)[] sums, int outZero, int outMin, int outMax, Func<int, (long Lanes, long Sum)> offsets)
    {
        int shift = LaneRequantisation.CommonShift(sums), taps = channels[0].Taps.Length;
        int blockBytes = (LayerLanes.BlockHeader + taps + PackFormat.Alignment - 1) / PackFormat.Alignment * PackFormat.Alignment;
        var weights = new byte[checked(blockBytes * channels.Length)];
        bool bent = false;
        for (int c = 0; c < channels.Length; c++)
        {
            if (LaneRequantisation.Find(channels[c].Scale, sums[c].Low, sums[c].High, outZero, outMin, outMax, shift) is not { } found)
                return (null, $"the two roundings of channel {c} have no equal in one step");
            bent |= found.Bend != 0;
            (long lanes, long sum) = offsets(c);
            LaneRequantisation folded = found.WithOffset(sum - channels[c].Folded);
            Span<byte> block = weights.AsSpan(c * blockBytes, blockBytes);
            BinaryPrimitives.WriteInt64LittleEndian(block, folded.Multiplier);
            BinaryPrimitives.WriteInt64LittleEndian(block[8..], folded.Addend);
            BinaryPrimitives.WriteInt64LittleEndian(block[16..], folded.Bend);
            BinaryPrimitives.WriteInt64LittleEndian(block[24..], lanes);
            for (int i = 0; i < taps; i++) block[LayerLanes.BlockHeader + i] = (byte)channels[c].Taps[i];
        }

        return (new LaneBlocks(weights, blockBytes, shift, bent, 0, false), "");
    }

    /// <summary>
    /// The most chunks of eight taps after which every lane of every channel is still exact: all of them where nothing
    /// needs splitting, 0 where not even one chunk fits.
    /// </summary>
    public static int Segment(ChannelBlock[] channels, int low, int high, int chunks, bool canSplit)
    {
        bool Fits(int segment) => channels.All(c => Bounds(c.Taps, low, high, segment, chunks).FitsWithOffset(LaneBounds.ThreeLaneBits));
        if (Fits(Math.Max(chunks, 1))) return Math.Max(chunks, 1);
        if (!canSplit) return 0;
        for (int segment = chunks - 1; segment > 0; segment--)
        {
            if (Fits(segment)) return segment;
        }

        return 0;
    }

    /// <summary>Bounds that hold for every segment of a channel, and for none at all; taps after the last chunk belong to the last.</summary>
    private static LaneBounds Bounds(sbyte[] taps, int low, int high, int segment, int chunks)
    {
        var bounds = new LaneBounds(0, 0);
        int from = 0;
        do
        {
            int next = from + segment;
            int to = next >= chunks ? taps.Length : 8 * next;
            bounds = bounds.Union(LaneBounds.Of(taps.AsSpan((8 * from)..to), low, high));
            from = next;
        }
        while (from < chunks);
        return bounds;
    }
}

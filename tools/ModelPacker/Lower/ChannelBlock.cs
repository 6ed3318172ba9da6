using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TinyAI.Kernels;

namespace TinyAI.ModelPacker.Lower;

/// <summary>One output channel's constants, read back from the plain form that <see cref="ChannelBlocks"/> wrote.</summary>
/// <param name="Folded">Bias with the input's zero point folded in: with the raw activations' products it makes the sum.</param>
/// <param name="Scale">Multiplier and shift.</param>
/// <param name="Taps">Weights in the kernel's order.</param>
public sealed record ChannelBlock(int Folded, Requantisation Scale, sbyte[] Taps)
{
    /// <summary>All channels of a layer.</summary>
    public static ChannelBlock[] Read(Layer layer, int taps) =>
        [.. Enumerable.Range(0, layer.Weights.Length / layer.BlockBytes).Select(c => Read(layer.Weights.AsSpan(c * layer.BlockBytes, layer.BlockBytes), taps))];

    private static ChannelBlock Read(ReadOnlySpan<byte> block, int taps) => new(
        BinaryPrimitives.ReadInt32LittleEndian(block),
        new Requantisation(BinaryPrimitives.ReadInt32LittleEndian(block[8..]), BinaryPrimitives.ReadInt32LittleEndian(block[12..])),
        MemoryMarshal.Cast<byte, sbyte>(block.Slice(Conv2D.BlockHeader, taps)).ToArray());
}

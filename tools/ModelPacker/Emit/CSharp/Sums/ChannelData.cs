using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>
/// The constants of one output channel, read back from the layer's block: acc = Bias + sum of Taps[i] * x[i] over raw
/// activations x (the zero point is in Bias), then Scale.
/// </summary>
internal sealed record ChannelData(int Index, int Bias, sbyte[] Taps, Requantisation Scale)
{
    /// <summary>All channels of a layer with blocks as <see cref="Conv2D"/> describes them.</summary>
    public static ChannelData[] Of(Layer layer, int taps)
    {
        var channels = new ChannelData[layer.Weights.Length / layer.BlockBytes];
        for (int i = 0; i < channels.Length; i++)
        {
            ReadOnlySpan<byte> block = layer.Weights.AsSpan(i * layer.BlockBytes, layer.BlockBytes);
            int Word(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadInt32LittleEndian(from);
            var weights = new sbyte[taps];
            for (int t = 0; t < taps; t++) weights[t] = (sbyte)block[Conv2D.BlockHeader + t];
            channels[i] = new ChannelData(i, Word(block), weights, new Requantisation(Word(block[8..]), Word(block[12..])));
        }

        return channels;
    }

    /// <summary>Smallest and largest sum of taps from..to-1 over activations in the range.</summary>
    public (long Low, long High) SumRange(ValueRange x, int from, int to)
    {
        long low = 0, high = 0;
        for (int i = from; i < to; i++)
        {
            low += Taps[i] * (Taps[i] < 0 ? x.Max : x.Min);
            high += Taps[i] * (Taps[i] < 0 ? x.Min : x.Max);
        }

        return (low, high);
    }

    /// <summary>Smallest and largest accumulator.</summary>
    public (long Low, long High) AccumulatorRange(ValueRange x)
    {
        (long low, long high) = SumRange(x, 0, Taps.Length);
        return (low + Bias, high + Bias);
    }
}

/// <summary>Smallest and largest value that an activation can have.</summary>
internal readonly record struct ValueRange(int Min, int Max)
{
    /// <summary>Every int8 value.</summary>
    public static ValueRange Int8 => new(-128, 127);

    /// <summary>The range that holds both.</summary>
    public ValueRange With(ValueRange other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));

    /// <summary>The range that holds a further value.</summary>
    public ValueRange With(int value) => With(new ValueRange(value, value));
}

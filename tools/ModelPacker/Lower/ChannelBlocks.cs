using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Quantise.Prepare;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Lays the constants of a layer out as one block per output channel, as <see cref="Conv2D"/> describes: the bias with
/// the input zero point folded in, the zero-point term that the border takes back, multiplier and shift, then the taps.
/// </summary>
public static class ChannelBlocks
{
    /// <summary>Bytes of one block with this many taps.</summary>
    public static int BlockBytes(int taps)
    {
        int bytes = Conv2D.BlockHeader + taps;
        return (bytes + PackFormat.Alignment - 1) / PackFormat.Alignment * PackFormat.Alignment;
    }

    /// <summary>Builds all blocks. tap(channel, i) gives tap i of a channel in the kernel's order, half(channel) what a bias lacks where an output that is to be rounded down is rounded to nearest.</summary>
    public static byte[] Build(int channels, int taps, Func<int, int, sbyte> tap, Tensor? bias, int inZero, Requantisation[] scale, Func<int, double>? half = null)
    {
        int blockBytes = BlockBytes(taps);
        var blocks = new byte[checked(channels * blockBytes)];
        for (int channel = 0; channel < channels; channel++)
        {
            Span<byte> block = blocks.AsSpan(channel * blockBytes, blockBytes);
            int sum = 0;
            for (int i = 0; i < taps; i++)
            {
                sbyte value = tap(channel, i);
                sum += value;
                block[Conv2D.BlockHeader + i] = (byte)value;
            }

            int zeroTerm = unchecked(inZero * sum);
            int plain = bias is null ? 0 : BitConverter.ToInt32(bias.Data!, 4 * channel);
            double fraction = bias?.Fractions?[channel] ?? 0;
            if (half is not null && !scale[channel].IsDown) plain = unchecked(plain + (int)Math.Round(fraction - half(channel)));
            BinaryPrimitives.WriteInt32LittleEndian(block, unchecked(plain - zeroTerm));
            BinaryPrimitives.WriteInt32LittleEndian(block[4..], zeroTerm);
            BinaryPrimitives.WriteInt32LittleEndian(block[8..], scale[channel].Multiplier);
            BinaryPrimitives.WriteInt32LittleEndian(block[12..], scale[channel].WithFraction(fraction).Shift);
        }

        return blocks;
    }

    /// <summary>Half a step of an output that is to be rounded down, in units of each channel's bias; null for other outputs.</summary>
    public static Func<int, double>? Halves(Tensor input, Tensor weights, Tensor output) => !output.RoundedDown ? null : channel =>
    {
        float weightScale = weights.Quantisation!.Scales[weights.Quantisation.IsPerChannel ? channel : 0];
        return FloorAsRound.Half * (double)output.Scale / ((double)input.Scale * weightScale);
    };

    /// <summary>
    /// Per-channel multipliers of a convolution: s_in * s_w[c] / s_out, all in double (TFLite kernel_util
    /// PopulateConvolutionQuantizationParams).
    /// </summary>
    public static Requantisation[] ConvolutionScales(Tensor input, Tensor weights, Tensor output, int channels)
    {
        var scales = new Requantisation[channels];
        for (int c = 0; c < channels; c++)
        {
            float weightScale = weights.Quantisation!.Scales[weights.Quantisation.IsPerChannel ? c : 0];
            scales[c] = Requantisation.For((double)input.Scale * weightScale / output.Scale, output);
        }

        return scales;
    }
}

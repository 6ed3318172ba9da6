using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// What convolutions and fully connected layers on 16-bit activations (TensorFlow's 16x8 quantisation) share: the checks
/// and the layer record of <see cref="Conv2DInt16"/>.
/// </summary>
internal static class Int16Layers
{
    /// <summary>The tensor is int16 with one scale and zero point 0.</summary>
    public static IEnumerable<string> Int16(Tensor tensor)
    {
        if (tensor.Type != TfliteType.INT16)
            return [$"tensor {tensor.Name} is {tensor.Type.ToString().ToLowerInvariant()}, not int16 as the operator's first input."];
        if (tensor.Quantisation is not { IsPerChannel: false })
            return [$"tensor {tensor.Name} is int16 but does not carry one scale: convert the model with full integer quantisation."];
        return Requirements.Scales(tensor, 0, 0);
    }

    /// <summary>Activations, weights and output have the right types, ranks and scales.</summary>
    public static string[] CheckTensors(Node node, int rank)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor weights = node.Input(1);
        return
        [
            .. Int16(node.Input()), .. Requirements.Int8(weights, perChannel: true), .. Int16(node.Output),
            .. Requirements.Rank(weights, rank), .. Requirements.Constant(weights, TfliteType.INT8),
        ];
    }

    /// <summary>Scales and bias fit the output channels; a bias of 32 bits only where the reference has such a form.</summary>
    public static IEnumerable<string> CheckChannels(Node node, int channels, bool narrowBias, Requantisation[] scales)
    {
        Tensor weights = node.Input(1);
        Quantisation q = weights.Quantisation!;
        if (q.ZeroPoints.Any(z => z != 0))
            yield return $"tensor {weights.Name} has a zero point other than 0: only symmetric weights are supported.";
        if (scales.Any(s => s.Shift > 7))
            yield return $"the scale of {node.Output.Name} is so small that the sums would have to be multiplied by more than 128.";
        if (node.OptionalInput(2) is not { } bias) yield break;
        bool typed = bias.Type == TfliteType.INT64 || (narrowBias && bias.Type == TfliteType.INT32);
        if (!bias.IsConstant || !typed || bias.Count != channels)
            yield return $"the bias {bias.Name} must be {channels} constants of int64{(narrowBias ? " or int32" : "")}, it is {bias}.";
    }

    /// <summary>A scale for each channel, where the weights have several.</summary>
    public static IEnumerable<string> CheckAxis(Tensor weights, int channels, int axis)
    {
        Quantisation q = weights.Quantisation!;
        if (q.IsPerChannel && (q.Scales.Length != channels || q.Axis != axis))
            yield return $"tensor {weights.Name} has {q.Scales.Length} scales along dimension {q.Axis}, but {channels} output channels along dimension {axis}.";
    }

    /// <summary>Adds the layer; input is the shape in which the kernel sees the activations.</summary>
    public static void Lower(
        Node node, Lowering lowering, int[] input, ConvolutionGeometry g, TfliteActivation activation, int channels, int taps,
        Func<int, int, byte> tap, int groupIn, int groupOut, Requantisation[] scales, bool wide, long macs)
    {
        Tensor output = node.Output;
        Tensor? bias = node.OptionalInput(2);
        (int min, int max) = ActivationRange.Of(node, activation);
        var p = new int[Conv2DInt16.ParameterCount];
        p[Conv2D.InHeight] = input[1];
        p[Conv2D.InWidth] = input[2];
        p[Conv2D.InChannels] = input[3];
        p[Conv2D.OutHeight] = g.OutHeight;
        p[Conv2D.OutWidth] = g.OutWidth;
        p[Conv2D.OutChannels] = channels;
        p[Conv2D.KernelHeight] = g.KernelHeight;
        p[Conv2D.KernelWidth] = g.KernelWidth;
        p[Conv2D.StrideHeight] = g.StrideHeight;
        p[Conv2D.StrideWidth] = g.StrideWidth;
        p[Conv2D.DilationHeight] = g.DilationHeight;
        p[Conv2D.DilationWidth] = g.DilationWidth;
        p[Conv2D.PadTop] = g.PadTop;
        p[Conv2D.PadLeft] = g.PadLeft;
        p[Conv2D.OutMin] = min;
        p[Conv2D.OutMax] = max;
        p[Conv2D.GroupInChannels] = groupIn;
        p[Conv2D.GroupOutChannels] = groupOut;
        p[Conv2D.BlockBytes] = ChannelBlocks.BlockBytes(taps);
        p[Conv2DInt16.Wide] = wide ? 1 : 0;

        var blocks = new byte[checked(channels * p[Conv2D.BlockBytes])];
        long[] biases = bias?.Integers() ?? new long[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            Span<byte> block = blocks.AsSpan(channel * p[Conv2D.BlockBytes], p[Conv2D.BlockBytes]);
            int multiplier = scales[channel].Multiplier;
            // The 64-bit form multiplies by the upper 16 bits, rounded, at most 32767.
            if (wide) multiplier = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
            BinaryPrimitives.WriteInt64LittleEndian(block, biases[channel]);
            BinaryPrimitives.WriteInt32LittleEndian(block[8..], multiplier);
            BinaryPrimitives.WriteInt32LittleEndian(block[12..], scales[channel].Shift);
            for (int i = 0; i < taps; i++) block[Conv2D.BlockHeader + i] = tap(channel, i);
        }

        lowering.Add(new Layer
        {
            Kind = PackFormat.KindConv2DInt16,
            Name = "Conv2DInt16",
            Origin = node,
            Input = lowering.PlaceOf(node.Input(), node),
            Output = lowering.Create(output),
            Rows = input[0] * g.OutHeight,
            Parameters = p,
            Weights = blocks,
            BlockBytes = p[Conv2D.BlockBytes],
            WindowBytes = p[Conv2D.BlockBytes],
            Macs = macs,
            WeightCount = node.Input(1).Count + biases.Length,
        });
    }
}

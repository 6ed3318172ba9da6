using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>What plain and depthwise convolution share: the checks of channels and bias, and the layer record.</summary>
internal static class Convolutions
{
    /// <summary>Bias and per-channel scales fit the number of output channels.</summary>
    public static IEnumerable<string> CheckChannels(Node node, Tensor weights, int channels, int channelAxis)
    {
        Quantisation q = weights.Quantisation!;
        if (q.IsPerChannel && (q.Scales.Length != channels || q.Axis != channelAxis))
            yield return $"tensor {weights.Name} has {q.Scales.Length} scales along dimension {q.Axis}, but {channels} output channels along dimension {channelAxis}.";
        if (q.ZeroPoints.Any(z => z != 0))
            yield return $"tensor {weights.Name} has a zero point other than 0: only symmetric weights are supported.";
        if (node.OptionalInput(2) is not { } bias) yield break;
        if (!bias.IsConstant || bias.Type != TfliteType.INT32)
            yield return $"the bias {bias.Name} must be a constant of int32, it is {bias}.";
        else if (bias.Count != channels)
            yield return $"the bias {bias.Name} has {bias.Count} values for {channels} output channels.";
    }

    /// <summary>The fused activation is one of the integer ones.</summary>
    public static IEnumerable<string> CheckActivation(TfliteActivation activation)
    {
        if (!ActivationRange.IsSupported(activation)) yield return $"the fused activation {activation} is not supported: use a RELU, or a separate operator.";
    }

    /// <summary>Adds the layer of a plain or depthwise convolution.</summary>
    public static void Lower(
        Node node, Lowering lowering, int kind, string name, ConvolutionGeometry g, TfliteActivation activation,
        int channels, int taps, Func<int, int, sbyte> tap, int groupIn, int groupOut, long macs)
    {
        Tensor input = node.Input(), weights = node.Input(1), output = node.Output;
        (int min, int max) = ActivationRange.Of(node, activation);
        var p = new int[Conv2D.ParameterCount];
        p[Conv2D.InHeight] = input.Shape[1];
        p[Conv2D.InWidth] = input.Shape[2];
        p[Conv2D.InChannels] = input.Shape[3];
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
        p[Conv2D.InZeroPoint] = input.ZeroPoint;
        p[Conv2D.OutZeroPoint] = output.ZeroPoint;
        p[Conv2D.OutMin] = min;
        p[Conv2D.OutMax] = max;
        p[Conv2D.GroupInChannels] = groupIn;
        p[Conv2D.GroupOutChannels] = groupOut;
        p[Conv2D.BlockBytes] = ChannelBlocks.BlockBytes(taps);
        Tensor? bias = node.OptionalInput(2);
        lowering.Add(new Layer
        {
            Kind = kind,
            Name = name,
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Rows = output.Shape[0] * g.OutHeight,
            Parameters = p,
            Weights = ChannelBlocks.Build(
                channels, taps, tap, bias, input.ZeroPoint, ChannelBlocks.ConvolutionScales(input, weights, output, channels), ChannelBlocks.Halves(input, weights, output)),
            BlockBytes = p[Conv2D.BlockBytes],
            WindowBytes = p[Conv2D.BlockBytes],
            Macs = macs,
            WeightCount = weights.Count + (bias?.Count ?? 0),
        });
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>DEPTHWISE_CONV_2D: weights [1, kernelHeight, kernelWidth, inChannels * depthMultiplier].</summary>
internal sealed class DepthwiseConv2DOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), weights = node.Input(1), output = node.Output;
        wrong =
        [
            .. Requirements.Int8(input), .. Requirements.Int8(weights, perChannel: true), .. Requirements.Int8(output),
            .. Requirements.Rank(input, 4), .. Requirements.Rank(weights, 4), .. Requirements.Rank(output, 4),
            .. Requirements.Constant(weights, TfliteType.INT8),
        ];
        if (wrong.Length > 0) return wrong;
        var options = node.Options as DepthwiseConv2DOptions ?? new DepthwiseConv2DOptions();
        int channels = weights.Shape[3];
        wrong =
        [
            .. Convolutions.CheckChannels(node, weights, channels, channelAxis: 3), .. Convolutions.CheckActivation(options.Activation),
            .. ConvolutionGeometry.Check(
                input.Shape[1], input.Shape[2], weights.Shape[1], weights.Shape[2],
                options.StrideH, options.StrideW, options.DilationH, options.DilationW),
        ];
        if (wrong.Length > 0) return wrong;
        if (weights.Shape[0] != 1 || channels % input.Shape[3] != 0)
            return [$"its weights have shape {weights}, which does not give each of the input's {input.Shape[3]} channels the same number of filters."];
        ConvolutionGeometry g = Geometry(node, options);
        return Requirements.Shape(output, input.Shape[0], g.OutHeight, g.OutWidth, channels);
    }

    public override long Macs(Node node)
    {
        int[] weights = node.Input(1).Shape;
        return (long)node.Output.Count * weights[1] * weights[2];
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), weights = node.Input(1);
        var options = node.Options as DepthwiseConv2DOptions ?? new DepthwiseConv2DOptions();
        int channels = weights.Shape[3], taps = weights.Count / channels;
        Convolutions.Lower(
            node, lowering, PackFormat.KindDepthwiseConv2D, "DepthwiseConv2D", Geometry(node, options), options.Activation, channels, taps,
            (channel, i) => (sbyte)weights.Data![i * channels + channel], 1, channels / input.Shape[3], Macs(node));
    }

    private static ConvolutionGeometry Geometry(Node node, DepthwiseConv2DOptions options)
    {
        int[] input = node.Input().Shape, weights = node.Input(1).Shape;
        return ConvolutionGeometry.Of(
            node, input[1], input[2], weights[1], weights[2], options.Padding,
            options.StrideH, options.StrideW, options.DilationH, options.DilationW);
    }
}

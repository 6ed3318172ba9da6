using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>CONV_2D, plain and grouped: weights [outChannels, kernelHeight, kernelWidth, inChannels / groups].</summary>
internal sealed class Conv2DOperator : Operator
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
        var options = node.Options as Conv2DOptions ?? new Conv2DOptions();
        int groupChannels = weights.Shape[3], channels = weights.Shape[0];
        wrong =
        [
            .. Convolutions.CheckChannels(node, weights, channels, channelAxis: 0), .. Convolutions.CheckActivation(options.Activation),
            .. ConvolutionGeometry.Check(
                input.Shape[1], input.Shape[2], weights.Shape[1], weights.Shape[2],
                options.StrideH, options.StrideW, options.DilationH, options.DilationW),
        ];
        if (wrong.Length > 0) return wrong;
        if (groupChannels < 1 || input.Shape[3] % groupChannels != 0 || channels % (input.Shape[3] / groupChannels) != 0)
            return [$"its filters see {groupChannels} channels, which does not divide the input's {input.Shape[3]} into groups for {channels} outputs."];
        ConvolutionGeometry g = Geometry(node, options);
        return Requirements.Shape(output, input.Shape[0], g.OutHeight, g.OutWidth, channels);
    }

    public override long Macs(Node node)
    {
        int[] weights = node.Input(1).Shape;
        return (long)node.Output.Count * weights[1] * weights[2] * weights[3];
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), weights = node.Input(1);
        var options = node.Options as Conv2DOptions ?? new Conv2DOptions();
        int channels = weights.Shape[0], groupChannels = weights.Shape[3], taps = weights.Count / channels;
        Convolutions.Lower(
            node, lowering, PackFormat.KindConv2D, "Conv2D", Geometry(node, options), options.Activation, channels, taps,
            (channel, i) => (sbyte)weights.Data![channel * taps + i],
            groupChannels, channels / (input.Shape[3] / groupChannels), Macs(node));
    }

    private static ConvolutionGeometry Geometry(Node node, Conv2DOptions options)
    {
        int[] input = node.Input().Shape, weights = node.Input(1).Shape;
        return ConvolutionGeometry.Of(
            node, input[1], input[2], weights[1], weights[2], options.Padding,
            options.StrideH, options.StrideW, options.DilationH, options.DilationW);
    }
}

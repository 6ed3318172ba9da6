using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// CONV_2D (plain and grouped) and DEPTHWISE_CONV_2D on 16-bit activations. With a 32-bit bias CONV_2D also sums up in 32
/// bits; DEPTHWISE_CONV_2D always takes 64 (TFLite Micro conv.cc, depthwise_conv.cc).
/// </summary>
internal sealed class ConvolutionInt16Operator(bool depthwise) : Operator
{
    private sealed record Form(
        int Channels, int GroupIn, int GroupOut, TflitePadding Padding, TfliteActivation Activation, int StrideH, int StrideW,
        int DilationH, int DilationW, TfliteType BiasType);

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = Int16Layers.CheckTensors(node, 4);
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), weights = node.Input(1), output = node.Output;
        wrong = [.. Requirements.Rank(input, 4), .. Requirements.Rank(output, 4)];
        if (wrong.Length > 0) return wrong;
        Form f = FormOf(node);
        wrong =
        [
            .. Int16Layers.CheckAxis(weights, f.Channels, depthwise ? 3 : 0), .. Convolutions.CheckActivation(f.Activation),
            .. ConvolutionGeometry.Check(
                input.Shape[1], input.Shape[2], weights.Shape[1], weights.Shape[2], f.StrideH, f.StrideW, f.DilationH, f.DilationW),
        ];
        if (wrong.Length > 0) return wrong;
        wrong = [.. Int16Layers.CheckChannels(node, f.Channels, !depthwise, ChannelBlocks.ConvolutionScales(input, weights, output, f.Channels))];
        if (wrong.Length > 0) return wrong;
        int inChannels = input.Shape[3];
        bool fits = depthwise
            ? weights.Shape[0] == 1 && f.Channels % inChannels == 0
            : f.GroupIn >= 1 && inChannels % f.GroupIn == 0 && f.Channels % (inChannels / f.GroupIn) == 0;
        if (!fits) return [$"its weights {weights} do not fit the input's {inChannels} channels."];
        ConvolutionGeometry g = Geometry(node, f);
        return Requirements.Shape(output, input.Shape[0], g.OutHeight, g.OutWidth, f.Channels);
    }

    public override long Macs(Node node) => (long)node.Output.Count * node.Input(1).Count / FormOf(node).Channels;

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), weights = node.Input(1);
        Form f = FormOf(node);
        int taps = weights.Count / f.Channels;
        TfliteType bias = node.OptionalInput(2)?.Type ?? f.BiasType;
        Int16Layers.Lower(
            node, lowering, input.Shape, Geometry(node, f), f.Activation, f.Channels, taps,
            (channel, i) => weights.Data![depthwise ? i * f.Channels + channel : channel * taps + i], f.GroupIn, f.GroupOut,
            ChannelBlocks.ConvolutionScales(input, weights, node.Output, f.Channels), depthwise || bias != TfliteType.INT32, Macs(node));
    }

    private Form FormOf(Node node)
    {
        int[] weights = node.Input(1).Shape;
        int inChannels = node.Input().Shape[3];
        if (depthwise)
        {
            var d = node.Options as DepthwiseConv2DOptions ?? new DepthwiseConv2DOptions();
            return new Form(
                weights[3], 1, weights[3] / inChannels, d.Padding, d.Activation, d.StrideH, d.StrideW, d.DilationH, d.DilationW, TfliteType.INT64);
        }

        var c = node.Options as Conv2DOptions ?? new Conv2DOptions();
        int groupOut = weights[3] < 1 || inChannels < weights[3] ? 0 : weights[0] / (inChannels / weights[3]);
        return new Form(
            weights[0], weights[3], groupOut, c.Padding, c.Activation, c.StrideH, c.StrideW, c.DilationH, c.DilationW, c.QuantizedBiasType);
    }

    private static ConvolutionGeometry Geometry(Node node, Form f)
    {
        int[] input = node.Input().Shape, weights = node.Input(1).Shape;
        return ConvolutionGeometry.Of(
            node, input[1], input[2], weights[1], weights[2], f.Padding, f.StrideH, f.StrideW, f.DilationH, f.DilationW);
    }
}

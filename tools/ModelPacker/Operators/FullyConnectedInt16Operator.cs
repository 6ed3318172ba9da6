using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>FULLY_CONNECTED on 16-bit activations: a convolution with a 1x1 window over one row per position.</summary>
internal sealed class FullyConnectedInt16Operator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = Int16Layers.CheckTensors(node, 2);
        if (wrong.Length > 0) return wrong;
        var options = node.Options as FullyConnectedOptions ?? new FullyConnectedOptions();
        Tensor input = node.Input(), weights = node.Input(1), output = node.Output;
        int outSize = weights.Shape[0], inSize = weights.Shape[1];
        if (options.WeightsFormat != TfliteWeightsFormat.DEFAULT) return [$"its weights are stored shuffled ({options.WeightsFormat}): convert without that option."];
        wrong = [.. Int16Layers.CheckAxis(weights, outSize, 0), .. Convolutions.CheckActivation(options.Activation)];
        if (wrong.Length > 0) return wrong;
        wrong = [.. Int16Layers.CheckChannels(node, outSize, true, Scales(node))];
        if (wrong.Length > 0) return wrong;
        if (inSize < 1 || input.Count % inSize != 0 || output.Count != input.Count / inSize * outSize)
            return [$"its weights {weights} do not fit input {input} and output {output}."];
        return [];
    }

    public override long Macs(Node node) => (long)node.Output.Count * node.Input(1).Shape[1];

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor weights = node.Input(1);
        var options = node.Options as FullyConnectedOptions ?? new FullyConnectedOptions();
        int outSize = weights.Shape[0], inSize = weights.Shape[1], rows = node.Input().Count / inSize;
        TfliteType bias = node.OptionalInput(2)?.Type ?? options.QuantizedBiasType;
        Int16Layers.Lower(
            node, lowering, [1, rows, 1, inSize], new ConvolutionGeometry(1, 1, 1, 1, 1, 1, 0, 0, rows, 1), options.Activation, outSize, inSize,
            (o, i) => weights.Data![o * inSize + i], inSize, outSize, Scales(node), bias != TfliteType.INT32, Macs(node));
    }

    /// <summary>As for 8 bits: with one scale the product s_in * s_w is rounded to float first.</summary>
    private static Requantisation[] Scales(Node node)
    {
        Tensor input = node.Input(), weights = node.Input(1), output = node.Output;
        if (weights.Quantisation!.IsPerChannel) return ChannelBlocks.ConvolutionScales(input, weights, output, weights.Shape[0]);
        var scales = new Requantisation[weights.Shape[0]];
        Array.Fill(scales, Requantisation.From((double)(float)(input.Scale * weights.Scale) / output.Scale));
        return scales;
    }
}

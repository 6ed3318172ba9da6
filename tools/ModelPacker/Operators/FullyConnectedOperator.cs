using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// FULLY_CONNECTED: weights [outSize, inSize]; the input is any number of rows of inSize values. Where another operator
/// computes the weights, it is a product of two matrices, for which there is a kernel without bias.
/// </summary>
internal sealed class FullyConnectedOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), weights = node.Input(1), output = node.Output;
        wrong =
        [
            .. Requirements.Int8(input), .. Requirements.Int8(weights, weights.IsConstant), .. Requirements.Int8(output),
            .. Requirements.Rank(weights, 2),
        ];
        if (wrong.Length > 0) return wrong;
        var options = node.Options as FullyConnectedOptions ?? new FullyConnectedOptions();
        int outSize = weights.Shape[0], inSize = weights.Shape[1];
        if (options.WeightsFormat != TfliteWeightsFormat.DEFAULT) return [$"its weights are stored shuffled ({options.WeightsFormat}): convert without that option."];
        if (!weights.IsConstant && node.OptionalInput(2) is not null) return [$"its weights {weights.Name} are computed, and it has a bias: only one of both is possible."];
        wrong =
        [
            .. weights.IsConstant ? Convolutions.CheckChannels(node, weights, outSize, channelAxis: 0) : [],
            .. Convolutions.CheckActivation(options.Activation),
        ];
        if (wrong.Length > 0) return wrong;
        if (inSize < 1 || input.Count % inSize != 0 || output.Count != input.Count / inSize * outSize)
            return [$"its weights {weights} do not fit input {input} and output {output}."];
        return [];
    }

    public override long Macs(Node node) => (long)node.Output.Count * node.Input(1).Shape[1];

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), weights = node.Input(1), output = node.Output;
        var options = node.Options as FullyConnectedOptions ?? new FullyConnectedOptions();
        int outSize = weights.Shape[0], inSize = weights.Shape[1];
        (int min, int max) = ActivationRange.Of(node, options.Activation);
        if (!weights.IsConstant)
        {
            BatchMatMulOperator.Add(
                node, lowering, (input, [input.Count / inSize, inSize], false), (weights, weights.Shape, true), Macs(node), min, max);
            return;
        }

        var p = new int[FullyConnected.ParameterCount];
        p[FullyConnected.InSize] = inSize;
        p[FullyConnected.OutSize] = outSize;
        p[FullyConnected.OutZeroPoint] = output.ZeroPoint;
        p[FullyConnected.OutMin] = min;
        p[FullyConnected.OutMax] = max;
        p[FullyConnected.BlockBytes] = ChannelBlocks.BlockBytes(inSize);
        Tensor? bias = node.OptionalInput(2);
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindFullyConnected,
            Name = "FullyConnected",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Rows = output.Count / outSize,
            Parameters = p,
            Weights = ChannelBlocks.Build(outSize, inSize, (o, i) => (sbyte)weights.Data![o * inSize + i], bias, input.ZeroPoint, Scales(input, weights, output),
                ChannelBlocks.Halves(input, weights, output)),
            BlockBytes = p[FullyConnected.BlockBytes],
            Macs = Macs(node),
            WeightCount = weights.Count + (bias?.Count ?? 0),
        });
    }

    /// <summary>
    /// With a scale per output, the multipliers are those of a convolution; with one scale the product s_in * s_w is
    /// rounded to float first (TFLite fully_connected_common.cc, GetQuantizedConvolutionMultipler).
    /// </summary>
    private static Requantisation[] Scales(Tensor input, Tensor weights, Tensor output)
    {
        int outputs = weights.Shape[0];
        if (weights.Quantisation!.IsPerChannel || output.RoundedOnce || output.RoundedDown) return ChannelBlocks.ConvolutionScales(input, weights, output, outputs);
        double real = (double)(float)(input.Scale * weights.Scale) / output.Scale;
        var scales = new Requantisation[outputs];
        Array.Fill(scales, Requantisation.From(real));
        return scales;
    }
}

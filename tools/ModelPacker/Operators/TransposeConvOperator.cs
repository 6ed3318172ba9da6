using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// TRANSPOSE_CONV: inputs are the output's shape, weights [outChannels, kernelHeight, kernelWidth, inChannels], the
/// activations, and possibly a bias.
/// </summary>
internal sealed class TransposeConvOperator : Operator
{
    private const int ShapeInput = 0, Weights = 1, Input = 2, Bias = 3;

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 3)];
        if (wrong.Length > 0) return wrong;
        Tensor shape = node.Input(ShapeInput), weights = node.Input(Weights), input = node.Input(Input), output = node.Output;
        wrong =
        [
            .. Requirements.Int8(input), .. Requirements.Int8(weights, perChannel: true), .. Requirements.Int8(output),
            .. Requirements.Rank(input, 4), .. Requirements.Rank(weights, 4), .. Requirements.Rank(output, 4),
            .. Requirements.Constant(weights, TfliteType.INT8), .. Requirements.Constant(shape, TfliteType.INT32),
        ];
        if (wrong.Length > 0) return wrong;
        var options = node.Options as TransposeConvOptions ?? new TransposeConvOptions();
        int channels = weights.Shape[0];
        wrong =
        [
            .. CheckChannels(node, weights, channels), .. Convolutions.CheckActivation(options.Activation),
            .. ConvolutionGeometry.Check(
                input.Shape[1], input.Shape[2], weights.Shape[1], weights.Shape[2], options.StrideH, options.StrideW, 1, 1),
            .. Requirements.Shape(weights, channels, weights.Shape[1], weights.Shape[2], input.Shape[3]),
            .. Requirements.Shape(output, input.Shape[0], output.Shape[1], output.Shape[2], channels),
        ];
        if (wrong.Length > 0) return wrong;
        if (!shape.Integers().SequenceEqual(output.Shape.Select(d => (long)d)))
            return [$"its first input asks for another shape than that of its output {output}."];
        return [];
    }

    public override long Macs(Node node) => (long)node.Input(Input).Count * node.Input(Weights).Count / node.Input(Input).Shape[3];

    public override void Lower(Node node, Lowering lowering)
    {
        var options = node.Options as TransposeConvOptions ?? new TransposeConvOptions();
        Tensor weights = node.Input(Weights), input = node.Input(Input), output = node.Output;
        Tensor? bias = node.OptionalInput(Bias);
        int channels = weights.Shape[0], taps = weights.Count / channels;
        // The padding is that of the convolution which would lead from the output back to the input.
        ConvolutionGeometry g = ConvolutionGeometry.Of(
            node, output.Shape[1], output.Shape[2], weights.Shape[1], weights.Shape[2], options.Padding, options.StrideH, options.StrideW);
        (int min, int max) = ActivationRange.Of(node, options.Activation);
        var p = new int[TransposeConv2D.ParameterCount];
        p[TransposeConv2D.InHeight] = input.Shape[1];
        p[TransposeConv2D.InWidth] = input.Shape[2];
        p[TransposeConv2D.InChannels] = input.Shape[3];
        p[TransposeConv2D.OutHeight] = output.Shape[1];
        p[TransposeConv2D.OutWidth] = output.Shape[2];
        p[TransposeConv2D.OutChannels] = channels;
        p[TransposeConv2D.KernelHeight] = g.KernelHeight;
        p[TransposeConv2D.KernelWidth] = g.KernelWidth;
        p[TransposeConv2D.StrideHeight] = g.StrideHeight;
        p[TransposeConv2D.StrideWidth] = g.StrideWidth;
        p[TransposeConv2D.PadTop] = g.PadTop;
        p[TransposeConv2D.PadLeft] = g.PadLeft;
        p[TransposeConv2D.InZeroPoint] = input.ZeroPoint;
        p[TransposeConv2D.OutZeroPoint] = output.ZeroPoint;
        p[TransposeConv2D.OutMin] = min;
        p[TransposeConv2D.OutMax] = max;
        p[TransposeConv2D.BlockBytes] = ChannelBlocks.BlockBytes(taps);
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindTransposeConv2D,
            Name = "TransposeConv2D",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Rows = output.Shape[0] * output.Shape[1],
            Parameters = p,
            Weights = ChannelBlocks.Build(
                channels, taps, (channel, i) => (sbyte)weights.Data![channel * taps + i], bias, input.ZeroPoint,
                ChannelBlocks.ConvolutionScales(input, weights, output, channels), ChannelBlocks.Halves(input, weights, output)),
            BlockBytes = p[TransposeConv2D.BlockBytes],
            WindowBytes = p[TransposeConv2D.BlockBytes],
            Macs = Macs(node),
            WeightCount = weights.Count + (bias?.Count ?? 0),
        });
    }

    private static IEnumerable<string> CheckChannels(Node node, Tensor weights, int channels)
    {
        Quantisation q = weights.Quantisation!;
        if (q.IsPerChannel && (q.Scales.Length != channels || q.Axis != 0))
            yield return $"tensor {weights.Name} has {q.Scales.Length} scales along dimension {q.Axis}, but {channels} output channels along dimension 0.";
        if (q.ZeroPoints.Any(z => z != 0))
            yield return $"tensor {weights.Name} has a zero point other than 0: only symmetric weights are supported.";
        if (node.OptionalInput(Bias) is { } bias && (!bias.IsConstant || bias.Type != TfliteType.INT32 || bias.Count != channels))
            yield return $"the bias {bias.Name} must be {channels} constants of int32, it is {bias}.";
    }
}

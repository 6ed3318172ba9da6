using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.Bench.Baseline;

/// <summary>Turns each operator into a call of the plain library.</summary>
internal static partial class PlainOperators
{
    /// <summary>Adds the steps of a node, or shares arrays where nothing is computed.</summary>
    public static void Add(PlainModel model, Node node)
    {
        bool border = node.Operator is BuiltinOperator.QUANTIZE or BuiltinOperator.DEQUANTIZE;
        foreach (Tensor tensor in node.Inputs.Concat(node.Outputs).Where(t => t is not null)!)
        {
            Require(node, border || tensor.Type != TfliteType.FLOAT32, $"tensor {tensor.Name} is float");
            Require(node, tensor.Type != TfliteType.INT8 || tensor.Quantisation is not null || tensor.IsVariable, $"tensor {tensor.Name} carries no scale");
        }

        switch (node.Operator)
        {
            case BuiltinOperator.CONV_2D:
                Convolution(model, node);
                break;
            case BuiltinOperator.DEPTHWISE_CONV_2D:
                Depthwise(model, node);
                break;
            case BuiltinOperator.FULLY_CONNECTED:
                FullyConnected(model, node);
                break;
            case BuiltinOperator.BATCH_MATMUL:
                BatchMatMul(model, node);
                break;
            case BuiltinOperator.MAX_POOL_2D:
                Pool(model, node, "Max");
                break;
            case BuiltinOperator.AVERAGE_POOL_2D:
                Pool(model, node, "Average");
                break;
            case BuiltinOperator.MEAN or BuiltinOperator.SUM:
                Mean(model, node);
                break;
            case BuiltinOperator.SOFTMAX:
                Softmax(model, node);
                break;
            case BuiltinOperator.LOGISTIC:
                Logistic(model, node);
                break;
            case BuiltinOperator.QUANTIZE:
                Quantise(model, node);
                break;
            case BuiltinOperator.DEQUANTIZE:
                Require(node, !node.Input().IsConstant && node.Input().Type != TfliteType.FLOAT16, "weights are dequantised to float");
                model.Array(node.Output);
                break;
            case BuiltinOperator.ADD:
                Addition(model, node);
                break;
            case BuiltinOperator.SVDF:
                Svdf(model, node);
                break;
            case BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM:
                Lstm(model, node);
                break;
            case BuiltinOperator.RESHAPE or BuiltinOperator.SQUEEZE or BuiltinOperator.EXPAND_DIMS:
                model.Share(node.Output, model.Array(node.Input()));
                break;
            case BuiltinOperator.CONCATENATION:
                Concatenate(model, node);
                break;
            case BuiltinOperator.STRIDED_SLICE:
                StridedSlice(model, node);
                break;
            case BuiltinOperator.SPLIT_V or BuiltinOperator.SPLIT:
                Split(model, node);
                break;
            case BuiltinOperator.TRANSPOSE:
                Transpose(model, node);
                break;
            case BuiltinOperator.VAR_HANDLE:
                break;
            case BuiltinOperator.READ_VARIABLE:
                model.Steps.Add(new PlainStep("Movement", "Copy", [model.Array(node.Variable!, node.Output), Sbytes(model, node, node.Output)]));
                break;
            case BuiltinOperator.ASSIGN_VARIABLE:
                model.Steps.Add(new PlainStep("Movement", "Copy", [Sbytes(model, node, node.Input(1)), model.Array(node.Variable!, node.Input(1))]));
                break;
            default:
                Require(node, false, "there is no plain form of it");
                break;
        }
    }

    private static void Convolution(PlainModel model, Node node)
    {
        Tensor input = node.Input(), filter = node.Input(1), output = node.Output;
        var o = node.Options as Conv2DOptions ?? new Conv2DOptions();
        (int[] multipliers, int[] shifts) = Split(ChannelBlocks.ConvolutionScales(input, filter, output, filter.Shape[0]));
        (int min, int max) = ActivationRange.Of(node, o.Activation);
        int top = Before(o.Padding, input.Shape[1], output.Shape[1], filter.Shape[1], o.StrideH, o.DilationH);
        int left = Before(o.Padding, input.Shape[2], output.Shape[2], filter.Shape[2], o.StrideW, o.DilationW);
        model.Macs += (long)output.Count * (filter.Count / filter.Shape[0]);
        model.Steps.Add(new PlainStep("Conv2D", "Run",
        [
            Sbytes(model, node, input), input.Shape[0], input.Shape[1], input.Shape[2], input.Shape[3],
            Sbytes(model, node, filter), filter.Shape[1], filter.Shape[2], filter.Shape[3], Bias(model, node), multipliers, shifts,
            Sbytes(model, node, output), output.Shape[1], output.Shape[2], output.Shape[3],
            o.StrideH, o.StrideW, o.DilationH, o.DilationW, top, left, -input.ZeroPoint, output.ZeroPoint, min, max,
        ]));
    }

    private static void Depthwise(PlainModel model, Node node)
    {
        Tensor input = node.Input(), filter = node.Input(1), output = node.Output;
        var o = node.Options as DepthwiseConv2DOptions ?? new DepthwiseConv2DOptions();
        (int[] multipliers, int[] shifts) = Split(ChannelBlocks.ConvolutionScales(input, filter, output, filter.Shape[3]));
        (int min, int max) = ActivationRange.Of(node, o.Activation);
        int top = Before(o.Padding, input.Shape[1], output.Shape[1], filter.Shape[1], o.StrideH, o.DilationH);
        int left = Before(o.Padding, input.Shape[2], output.Shape[2], filter.Shape[2], o.StrideW, o.DilationW);
        model.Macs += (long)output.Count * filter.Shape[1] * filter.Shape[2];
        model.Steps.Add(new PlainStep("DepthwiseConv2D", "Run",
        [
            Sbytes(model, node, input), input.Shape[0], input.Shape[1], input.Shape[2], input.Shape[3],
            Sbytes(model, node, filter), filter.Shape[1], filter.Shape[2], Bias(model, node), multipliers, shifts,
            Sbytes(model, node, output), output.Shape[1], output.Shape[2], output.Shape[3],
            o.StrideH, o.StrideW, o.DilationH, o.DilationW, top, left, -input.ZeroPoint, output.ZeroPoint, min, max,
        ]));
    }

    private static void FullyConnected(PlainModel model, Node node)
    {
        Tensor input = node.Input(), filter = node.Input(1), output = node.Output;
        var o = node.Options as FullyConnectedOptions ?? new FullyConnectedOptions();
        int outputs = filter.Shape[0], depth = filter.Shape[1];
        Require(node, filter.Type == TfliteType.INT8, "its weights are not int8");
        Requantisation[] scales = ChannelBlocks.ConvolutionScales(input, filter, output, outputs);
        if (!filter.Quantisation!.IsPerChannel) Array.Fill(scales, Requantisation.From((double)(float)(input.Scale * filter.Scale) / output.Scale));
        (int[] multipliers, int[] shifts) = Split(scales);
        (int min, int max) = ActivationRange.Of(node, o.Activation);
        model.Macs += (long)output.Count * depth;
        model.Steps.Add(new PlainStep("FullyConnected", "Run",
        [
            Sbytes(model, node, input), input.Count / depth, depth, Sbytes(model, node, filter), Bias(model, node), multipliers, shifts,
            Sbytes(model, node, output), outputs, -input.ZeroPoint, output.ZeroPoint, min, max,
        ]));
    }

    private static void Pool(PlainModel model, Node node, string method)
    {
        Tensor input = node.Input(), output = node.Output;
        var o = node.Options as Pool2DOptions ?? new Pool2DOptions();
        (int min, int max) = ActivationRange.Of(node, o.Activation);
        model.Steps.Add(new PlainStep("Pooling", method,
        [
            Sbytes(model, node, input), input.Shape[0], input.Shape[1], input.Shape[2], input.Shape[3],
            Sbytes(model, node, output), output.Shape[1], output.Shape[2], o.FilterHeight, o.FilterWidth, o.StrideH, o.StrideW,
            Before(o.Padding, input.Shape[1], output.Shape[1], o.FilterHeight, o.StrideH, 1),
            Before(o.Padding, input.Shape[2], output.Shape[2], o.FilterWidth, o.StrideW, 1), min, max,
        ]));
    }

    /// <summary>Padding before the image: half of what SAME needs in all, rounded down.</summary>
    private static int Before(TflitePadding padding, int size, int outSize, int filter, int stride, int dilation) =>
        padding == TflitePadding.SAME ? Math.Max(0, ((outSize - 1) * stride) + ((filter - 1) * dilation) + 1 - size) / 2 : 0;

    private static (int[] Multipliers, int[] Shifts) Split(Requantisation[] scales) =>
        ([.. scales.Select(s => s.Multiplier)], [.. scales.Select(s => s.Shift)]);

    private static Array? Bias(PlainModel model, Node node) => node.OptionalInput(2) is { } bias ? model.Array(bias) : null;

    private static sbyte[] Sbytes(PlainModel model, Node node, Tensor tensor)
    {
        Require(node, tensor.Type == TfliteType.INT8, $"tensor {tensor.Name} is {tensor.Type}, not INT8");
        return (sbyte[])model.Array(tensor);
    }

    private static void Require(Node node, bool holds, string otherwise)
    {
        if (!holds) throw new UnsupportedModelException([$"The {node} cannot be run by the plain baseline: {otherwise}."]);
    }
}

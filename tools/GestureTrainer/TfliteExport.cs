using TinyAI.GestureTrainer.Quantisation;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.GestureTrainer;

/// <summary>
/// Writes the INT8 network the way the TFLite converter writes a 1-D convolution network: reshaped once to an image of
/// height 1, convolutions and pools over its width, reshaped to a row, fully connected, softmax.
/// </summary>
internal sealed class TfliteExport
{
    // Operator versions that the TFLite schema gives to the int8 forms.
    private const int ConvolutionVersion = 3;
    private const int PoolVersion = 2;
    private const int FullyConnectedVersion = 4;
    private const int SoftmaxVersion = 2;

    private readonly TfliteModelBuilder _builder = new("TinyAI GestureTrainer");
    private int _current;
    private int _named;

    private TfliteExport()
    {
    }

    public static byte[] Write(QuantisedNetwork network) => new TfliteExport().Build(network);

    private byte[] Build(QuantisedNetwork network)
    {
        int input = _current = Activation("input", [1, Recordings.Window, Recordings.Channels], network.Input);
        Affine affine = network.Input;
        Reshape("image", [1, 1, Recordings.Window, Recordings.Channels], affine);
        foreach (QuantisedLayer layer in network.Layers)
        {
            _named++;
            if (layer is QuantisedConvolution convolution)
                affine = Convolve(convolution);
            else if (layer is QuantisedMaxPool max)
                Pool(max, affine);
            else if (layer is QuantisedDense dense)
            {
                Reshape("row", [1, dense.FanIn], affine);
                affine = Connect(dense);
            }
        }

        int output = Activation("probabilities", [1, network.Classes], new Affine(1f / 256, -128));
        _builder.AddOperator(BuiltinOperator.SOFTMAX, [_current], [output], new SoftmaxOptions(), SoftmaxVersion);
        _builder.SetInputs(input).SetOutputs(output);
        return TfliteWriter.Write(_builder.Build());
    }

    private Affine Convolve(QuantisedConvolution layer)
    {
        int weights = Weights(layer, [layer.Outputs, 1, layer.Kernel, layer.InputChannels]);
        int bias = Bias(layer);
        int output = Activation($"conv{_named}", [1, 1, layer.OutputLength, layer.Outputs], layer.Output);
        Conv2DOptions options = new(
            TflitePadding.VALID, layer.Stride, 1, layer.Relu ? TfliteActivation.RELU : TfliteActivation.NONE);
        _builder.AddOperator(BuiltinOperator.CONV_2D, [_current, weights, bias], [output], options, ConvolutionVersion);
        _current = output;
        return layer.Output;
    }

    private Affine Connect(QuantisedDense layer)
    {
        int weights = Weights(layer, [layer.Outputs, layer.FanIn]);
        int bias = Bias(layer);
        int output = Activation("logits", [1, layer.Outputs], layer.Output);
        _builder.AddOperator(
            BuiltinOperator.FULLY_CONNECTED, [_current, weights, bias], [output], new FullyConnectedOptions(), FullyConnectedVersion);
        _current = output;
        return layer.Output;
    }

    private void Pool(QuantisedMaxPool layer, Affine affine)
    {
        int output = Activation($"pool{_named}", [1, 1, layer.OutputLength, layer.Channels], affine);
        Pool2DOptions options = new(TflitePadding.VALID, layer.Size, 1, layer.Size, 1);
        _builder.AddOperator(BuiltinOperator.MAX_POOL_2D, [_current], [output], options, PoolVersion);
        _current = output;
    }

    private void Reshape(string name, int[] shape, Affine affine)
    {
        int shapeTensor = _builder.AddConstant(name + "_shape", TfliteType.INT32, [shape.Length], shape);
        int output = Activation(name, shape, affine);
        _builder.AddOperator(BuiltinOperator.RESHAPE, [_current, shapeTensor], [output], new ReshapeOptions(shape));
        _current = output;
    }

    private int Activation(string name, int[] shape, Affine affine) =>
        _builder.AddTensor(name, TfliteType.INT8, shape, affine.Scale, affine.ZeroPoint);

    private int Weights(QuantisedWeighted layer, int[] shape) =>
        _builder.AddConstant($"weights{_named}", TfliteType.INT8, shape, layer.Weights, layer.WeightScales);

    private int Bias(QuantisedWeighted layer)
    {
        float[] scales = [.. layer.WeightScales.Select(s => layer.Input.Scale * s)];
        return _builder.AddConstant($"bias{_named}", TfliteType.INT32, [layer.Outputs], layer.Bias, scales);
    }
}

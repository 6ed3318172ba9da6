using System.Runtime.InteropServices;
using TinyAI.GestureTrainer.Quantisation;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.GestureTrainer;

/// <summary>Reads back what <see cref="TfliteExport"/> wrote, so that the checked-in file itself can be measured.</summary>
internal static class TfliteImport
{
    public static QuantisedNetwork Read(byte[] file) => Read(TfliteReader.Read(file));

    public static QuantisedNetwork Read(TfliteModel model)
    {
        TfliteSubgraph graph = model.Subgraphs[0];
        List<QuantisedLayer> layers = [];
        Affine logits = default;
        foreach (TfliteOperator op in graph.Operators)
        {
            TfliteTensor[] inputs = [.. op.Inputs.Select(i => graph.Tensors[i])];
            TfliteTensor output = graph.Tensors[op.Outputs[0]];
            BuiltinOperator code = model.CodeOf(op).BuiltinCode;
            switch (code)
            {
                case BuiltinOperator.RESHAPE:
                    break;
                case BuiltinOperator.CONV_2D:
                    layers.Add(ReadConvolution(model, inputs, output, (Conv2DOptions)op.BuiltinOptions!));
                    break;
                case BuiltinOperator.MAX_POOL_2D:
                    int size = ((Pool2DOptions)op.BuiltinOptions!).FilterWidth;
                    layers.Add(new QuantisedMaxPool(inputs[0].Shape[2], inputs[0].Shape[3], size));
                    break;
                case BuiltinOperator.FULLY_CONNECTED:
                    layers.Add(new QuantisedDense(
                        Values<sbyte>(model, inputs[1]), Values<int>(model, inputs[2]), inputs[1].Quantization!.Scale,
                        AffineOf(inputs[0]), AffineOf(output)));
                    break;
                case BuiltinOperator.SOFTMAX:
                    logits = AffineOf(inputs[0]);
                    break;
                default:
                    throw new NotSupportedException($"The gesture model holds no {code}; this file was not written by the trainer.");
            }
        }
        return new QuantisedNetwork(AffineOf(graph.Tensors[graph.Inputs[0]]), layers, logits);
    }

    private static QuantisedConvolution ReadConvolution(
        TfliteModel model, TfliteTensor[] inputs, TfliteTensor output, Conv2DOptions options)
    {
        TfliteTensor weights = inputs[1];
        return new QuantisedConvolution(
            inputs[0].Shape[2], weights.Shape[3], weights.Shape[2], options.StrideW,
            Values<sbyte>(model, weights), Values<int>(model, inputs[2]), weights.Quantization!.Scale,
            AffineOf(inputs[0]), AffineOf(output), options.Activation == TfliteActivation.RELU);
    }

    private static T[] Values<T>(TfliteModel model, TfliteTensor tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(model.DataOf(tensor).Span).ToArray();

    private static Affine AffineOf(TfliteTensor tensor) =>
        new(tensor.Quantization!.Scale[0], (int)tensor.Quantization.ZeroPointAt(0));
}

using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// What straightforward loops over a layer, as one writes them first, cost the interpreter in 32-bit additions: the measure of what
/// is fast. Costs of a product, of a place in the window with its address and bounds, of a row of the window and of an output, fitted
/// to what the bench counts in its plain form; a test holds both together.
/// </summary>
internal static class LoopCost
{
    /// <summary>A convolution's product, place of the window, place in the padding that is left out, row of the window, and output.</summary>
    private const double Product = 15.7, Place = 37, Padding = 9.6, Row = 11.3, Output = 100;

    /// <summary>A depthwise convolution's product with its place, and output.</summary>
    private const double DepthwisePlace = 39.2, DepthwiseOutput = 117;

    /// <summary>Product and output of a fully connected layer, of a product of two activations, and of a recurrent layer's matrices.</summary>
    private const double DenseProduct = 20, DenseOutput = 95.6, MatrixProduct = 27, MatrixOutput = 89, LstmProduct = 16.9, LstmOutput = 1270, SvdfProduct = 18.6, SvdfOutput = 182;

    /// <summary>An element of a pooling's window, and its output; a value that a mean reads, and one that it writes.</summary>
    private const double PoolElement = 34.5, PoolOutput = 20.5, MeanInput = 20.5, MeanOutput = 86;

    /// <summary>A value of a softmax, a sigmoid, a sum, any other; one that is copied in a run or alone.</summary>
    private const double Softmax = 880, Sigmoid = 664, Sum = 199, Other = 45, Copied = 1.45, Moved = 128;

    /// <summary>The cost of a layer.</summary>
    public static double Of(Layer layer)
    {
        int[] p = layer.Parameters;
        double outputs = layer.Output?.Bytes ?? 0, inputs = layer.Input?.Bytes ?? 0;
        switch (layer.Kind)
        {
            case PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D:
                return Convolution(layer, WindowGeometry.Of(layer)!, outputs);
            case PackFormat.KindFullyConnected:
                return DenseProduct * layer.Macs + DenseOutput * outputs;
            case PackFormat.KindBatchMatMul:
                return MatrixProduct * layer.Macs + MatrixOutput * outputs;
            case PackFormat.KindLstm:
                return LstmProduct * layer.Macs + LstmOutput * outputs;
            case PackFormat.KindSvdf:
                return SvdfProduct * layer.Macs + SvdfOutput * outputs;
            case PackFormat.KindMaxPool2D or PackFormat.KindAveragePool2D:
                return outputs * (PoolOutput + p[MaxPool2D.KernelHeight] * (Row + p[MaxPool2D.KernelWidth] * PoolElement));
            case PackFormat.KindMean:
                return MeanInput * inputs + MeanOutput * outputs;
            case PackFormat.KindSoftmax:
                return Softmax * outputs;
            case PackFormat.KindAdd:
                return Sum * outputs;
            case PackFormat.KindStridedCopy:
                return (layer.Origin.Operator == BuiltinOperator.TRANSPOSE ? Moved : Copied) * Math.Min(inputs, outputs);
            case PackFormat.KindLookup when layer.Origin.Operator == BuiltinOperator.LOGISTIC:
                return Sigmoid * outputs;
            default:
                return Other * inputs;
        }
    }

    private static double Convolution(Layer layer, WindowGeometry g, double outputs)
    {
        // Loops leave out what lies in the padding.
        double inside = g.Vertical.InsideShare * g.Horizontal.InsideShare, rows = outputs * g.Vertical.Kernel, places = rows * g.Horizontal.Kernel;
        double padding = (1 - inside) * places * Padding + rows * Row;
        return layer.Kind == PackFormat.KindDepthwiseConv2D
            ? inside * places * DepthwisePlace + padding + outputs * DepthwiseOutput
            : inside * (layer.Macs * Product + places * Place) + padding + outputs * Output;
    }
}

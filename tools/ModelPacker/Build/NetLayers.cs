using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Build;

/// <content>Dense and convolutional layers, norms, functions, and what moves elements.</content>
public sealed partial class Net
{
    /// <summary>x W + b over the last dimension.</summary>
    public Tensor Dense(Tensor x, int units, bool bias = true, TfliteActivation activation = TfliteActivation.NONE) => Add(
        BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptions(activation, KeepNumDims: true), [.. x.Shape[..^1], units],
        x, Glorot("weights", units, x.Shape[^1]), bias ? Normal("bias", 0.02, units) : null);

    /// <summary>A convolution of [batch, height, width, channels]; He's deviation. Standardised: each filter has mean 0 and the deviation of its size.</summary>
    public Tensor Conv(
        Tensor x, int channels, int kernel, int stride = 1, TfliteActivation activation = TfliteActivation.NONE, bool bias = true,
        TflitePadding padding = TflitePadding.SAME, bool standardised = false)
    {
        int taps = kernel * kernel * x.Shape[3];
        Tensor weights = Normal("filters", Math.Sqrt(2.0 / taps), channels, kernel, kernel, x.Shape[3]);
        if (standardised) Standardise(weights, taps);
        return Add(
            BuiltinOperator.CONV_2D, new Conv2DOptions(padding, stride, stride, activation), Window(x, kernel, stride, padding, channels), x, weights,
            bias ? Normal("bias", 0.02, channels) : null);
    }

    /// <summary>A depthwise convolution with one filter per channel.</summary>
    public Tensor Depthwise(Tensor x, int kernel, int stride = 1, TfliteActivation activation = TfliteActivation.NONE) => Add(
        BuiltinOperator.DEPTHWISE_CONV_2D, new DepthwiseConv2DOptions(TflitePadding.SAME, stride, stride, 1, activation), Window(x, kernel, stride, TflitePadding.SAME, x.Shape[3]),
        x, Normal("filters", Math.Sqrt(2.0 / (kernel * kernel)), 1, kernel, kernel, x.Shape[3]), Normal("bias", 0.02, x.Shape[3]));

    /// <summary>The largest value of each window.</summary>
    public Tensor MaxPool(Tensor x, int size, int stride) => Add(
        BuiltinOperator.MAX_POOL_2D, new Pool2DOptions(TflitePadding.SAME, stride, stride, size, size), Window(x, size, stride, TflitePadding.SAME, x.Shape[3]), x);

    /// <summary>LayerNorm over the last dimension; scale and bias a little off 1 and 0, as after some training.</summary>
    public Tensor LayerNorm(Tensor x) => Add(new LayerNormOptions(1e-5f), x.Shape, x, Around("scale", 1, x.Shape[^1]), Around("bias", 0, x.Shape[^1]));

    /// <summary>RMSNorm over the last dimension.</summary>
    public Tensor RmsNorm(Tensor x) => Add(new RmsNormOptions(1e-5f), x.Shape, x, Around("scale", 1, x.Shape[^1]));

    /// <summary>GroupNorm of [batch, …, channels].</summary>
    public Tensor GroupNorm(Tensor x, int groups) => Add(new GroupNormOptions(groups, 1e-5f), x.Shape, x, Around("scale", 1, x.Shape[^1]), Around("bias", 0, x.Shape[^1]));

    /// <summary>The sum of two tensors, one of which may be spread over the other.</summary>
    public Tensor Sum(Tensor a, Tensor b, TfliteActivation activation = TfliteActivation.NONE) =>
        Add(BuiltinOperator.ADD, new AddOptions(activation), a.Count >= b.Count ? a.Shape : b.Shape, a, b);

    /// <summary>The product, element by element; one may be spread over the other.</summary>
    public Tensor Times(Tensor a, Tensor b) => Add(BuiltinOperator.MUL, new MulOptions(), a.Count >= b.Count ? a.Shape : b.Shape, a, b);

    /// <summary>A product with one number.</summary>
    public Tensor Times(Tensor a, double factor) => Times(a, Constant("factor", [1], [factor]));

    /// <summary>max(x, 0).</summary>
    public Tensor Relu(Tensor x) => Add(BuiltinOperator.RELU, null, x.Shape, x);

    /// <summary>x * Phi(x).</summary>
    public Tensor Gelu(Tensor x) => Add(BuiltinOperator.GELU, new GeluOptions(), x.Shape, x);

    /// <summary>The tanh form of x * Phi(x), as GPT-2 has it.</summary>
    public Tensor GeluByTanh(Tensor x) => Add(BuiltinOperator.GELU, new GeluOptions(Approximate: true), x.Shape, x);

    /// <summary>x * sigmoid(x), also called swish.</summary>
    public Tensor Silu(Tensor x) => Add(new FunctionOptions(ScalarFunction.Silu), x.Shape, x);

    /// <summary>The logistic function.</summary>
    public Tensor Sigmoid(Tensor x) => Add(BuiltinOperator.LOGISTIC, null, x.Shape, x);

    /// <summary>Softmax over the last dimension of beta * x.</summary>
    public Tensor Softmax(Tensor x, double beta = 1) => Add(BuiltinOperator.SOFTMAX, new SoftmaxOptions((float)beta), x.Shape, x);

    /// <summary>Each row divided by its length.</summary>
    public Tensor Unit(Tensor x) => Add(BuiltinOperator.L2_NORMALIZATION, new L2NormOptions(), x.Shape, x);

    /// <summary>The mean over dimensions, which are kept with size 1 or not at all.</summary>
    public Tensor Mean(Tensor x, bool keep, params int[] axes) => Add(
        BuiltinOperator.MEAN, new ReducerOptions(keep),
        keep ? [.. x.Shape.Select((n, d) => axes.Contains(d) ? 1 : n)] : [.. x.Shape.Where((_, d) => !axes.Contains(d))], x, Int32(axes));

    /// <summary>The same elements in another shape.</summary>
    public Tensor Reshape(Tensor x, params int[] shape) => Add(BuiltinOperator.RESHAPE, new ReshapeOptions(shape), shape, x, Int32(shape));

    /// <summary>The dimensions in another order.</summary>
    public Tensor Transpose(Tensor x, params int[] order) => Add(BuiltinOperator.TRANSPOSE, null, [.. order.Select(d => x.Shape[d])], x, Int32(order));

    /// <summary>count indices of a dimension from first on.</summary>
    public Tensor Slice(Tensor x, int axis, int first, int count)
    {
        int[] begin = new int[x.Shape.Length], size = [.. x.Shape];
        (begin[axis], size[axis]) = (first, count);
        return Add(BuiltinOperator.SLICE, null, size, x, Int32(begin), Int32(size));
    }

    /// <summary>Tensors joined along a dimension; constants may be among them.</summary>
    public Tensor Join(int axis, params Tensor[] parts)
    {
        int[] shape = [.. parts[0].Shape];
        shape[axis] = parts.Sum(p => p.Shape[axis]);
        return Add(BuiltinOperator.CONCATENATION, new ConcatenationOptions(axis), shape, parts);
    }

    /// <summary>Rows of a table of so many, named by ids.</summary>
    public Tensor Embedding(Tensor ids, int rows, int width) =>
        Add(BuiltinOperator.GATHER, new GatherOptions(), [.. ids.Shape, width], Normal("embedding", 0.5, rows, width), ids);

    /// <summary>Squeeze-and-excitation (Hu et al. 2018): channels weighed by two small layers over their means.</summary>
    public Tensor SqueezeExcite(Tensor x, int squeezed)
    {
        Tensor mean = Mean(x, true, 1, 2);
        return Times(x, Sigmoid(Conv(Silu(Conv(mean, squeezed, 1)), x.Shape[3], 1)));
    }

    /// <summary>Numbers a little off one number.</summary>
    private Tensor Around(string constantName, double centre, int count) =>
        Weights(constantName, [count], () => centre + 0.1 * Gauss());

    private static int[] Window(Tensor x, int kernel, int stride, TflitePadding padding, int channels)
    {
        int Size(int n) => padding == TflitePadding.SAME ? (n + stride - 1) / stride : (n - kernel + stride) / stride;
        return [x.Shape[0], Size(x.Shape[1]), Size(x.Shape[2]), channels];
    }

    /// <summary>Weight standardisation (Qiao et al. 2019): each filter gets mean 0 and deviation sqrt(2 / taps).</summary>
    private static void Standardise(Tensor weights, int taps)
    {
        Span<float> values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(weights.Data.AsSpan());
        for (int at = 0; at < values.Length; at += taps)
        {
            Span<float> filter = values.Slice(at, taps);
            double mean = 0, squares = 0;
            foreach (float v in filter) mean += v / taps;
            foreach (float v in filter) squares += (v - mean) * (v - mean) / taps;
            for (int i = 0; i < taps; i++) filter[i] = (float)((filter[i] - mean) / Math.Sqrt(squares + 1e-10) * Math.Sqrt(2.0 / taps));
        }
    }
}

using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Tests.Operators;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>
/// Random small models in which a convolution, a depthwise convolution or a fully connected layer follows another, with
/// poolings between: shapes, strides, paddings, dilations, groups, weights and zero points at random, extremes often.
/// </summary>
internal sealed class RandomChain(Random random)
{
    private readonly Graph _graph = new() { Name = "chain" };

    /// <summary>What has been made so far.</summary>
    public Graph Graph => _graph;

    /// <summary>A packed model of one to three layers with weights.</summary>
    public static PackResult Make(Random random)
    {
        var chain = new RandomChain(random);
        Tensor x = chain.Activation("x", [random.Next(6) == 0 ? 2 : 1, random.Next(1, 9), random.Next(1, 9), random.Next(4) == 0 ? 1 : random.Next(1, 7)]);
        chain._graph.Inputs.Add(x);
        int layers = random.Next(1, 4);
        for (int i = 0; i < layers; i++) x = chain.Next(x, i);
        chain._graph.Outputs.Add(x);
        Assert.Empty(OperatorTable.Check(chain._graph));
        return Packer.Pack(Lowering.Run(chain._graph), new Metadata(), int.MaxValue);
    }

    /// <summary>Adds a layer, sometimes with a pooling behind it.</summary>
    public Tensor Next(Tensor x, int index) => random.Next(8) switch
    {
        < 4 => Pool(Convolution(x, index)),
        < 6 => Depthwise(x, index),
        _ => FullyConnected(x, index),
    };

    private Tensor Convolution(Tensor x, int index)
    {
        int groups = random.Next(4) == 0 && x.Shape[3] % 2 == 0 ? 2 : 1, channels = groups * random.Next(1, 9);
        (int[] kernel, int[] stride, int[] dilation, TflitePadding padding, int[] size) = Window(x);
        int[] shape = [channels, kernel[0], kernel[1], x.Shape[3] / groups];
        Tensor y = Activation($"conv{index}", [x.Shape[0], size[0], size[1], channels]);
        Add(BuiltinOperator.CONV_2D, new Conv2DOptions(padding, stride[1], stride[0], Activation(), dilation[1], dilation[0]), x, Weights(shape, channels, 0), channels, y);
        return y;
    }

    private Tensor Depthwise(Tensor x, int index)
    {
        int multiplier = random.Next(1, 5), channels = x.Shape[3] * multiplier;
        (int[] kernel, int[] stride, int[] dilation, TflitePadding padding, int[] size) = Window(x);
        Tensor y = Activation($"depthwise{index}", [x.Shape[0], size[0], size[1], channels]);
        var options = new DepthwiseConv2DOptions(padding, stride[1], stride[0], multiplier, Activation(), dilation[1], dilation[0]);
        Add(BuiltinOperator.DEPTHWISE_CONV_2D, options, x, Weights([1, kernel[0], kernel[1], channels], channels, 3), channels, y);
        return y;
    }

    private Tensor FullyConnected(Tensor x, int index)
    {
        int outputs = random.Next(1, 9), inputs = x.Count / x.Shape[0];
        Tensor y = Activation($"dense{index}", [x.Shape[0], 1, 1, outputs]);
        Tensor weights = Weights([outputs, inputs], outputs, 0);
        Add(BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptions(Activation()), x, weights, outputs, y);
        return y;
    }

    /// <summary>Adds a maximum pooling, or nothing.</summary>
    public Tensor Pool(Tensor x)
    {
        if (random.Next(3) == 0) return x;
        int height = random.Next(1, Math.Min(4, x.Shape[1] + 1)), width = random.Next(1, Math.Min(4, x.Shape[2] + 1));
        bool apart = random.Next(4) > 0, same = random.Next(3) == 0;
        int strideH = apart ? height : random.Next(1, 4), strideW = apart ? width : random.Next(1, 4);
        int Out(int size, int kernel, int stride) => same ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
        var y = new Tensor
        {
            Name = x.Name + " pooled", Type = TfliteType.INT8, Quantisation = x.Quantisation,
            Shape = [x.Shape[0], Out(x.Shape[1], height, strideH), Out(x.Shape[2], width, strideW), x.Shape[3]],
        };
        var options = new Pool2DOptions(same ? TflitePadding.SAME : TflitePadding.VALID, strideW, strideH, width, height, Activation());
        _graph.Nodes.Add(new Node { Operator = BuiltinOperator.MAX_POOL_2D, Options = options, Inputs = [x], Outputs = [y], Origin = _graph.Nodes.Count });
        return y;
    }

    private (int[] Kernel, int[] Stride, int[] Dilation, TflitePadding Padding, int[] Size) Window(Tensor x)
    {
        bool same = random.Next(2) == 0;
        int[] kernel = new int[2], stride = new int[2], dilation = new int[2], size = new int[2];
        for (int a = 0; a < 2; a++)
        {
            int input = x.Shape[1 + a];
            kernel[a] = random.Next(1, Math.Min(6, same ? 6 : input + 1));
            stride[a] = random.Next(1, 4);
            dilation[a] = random.Next(4) == 0 && (same || (kernel[a] - 1) * 2 + 1 <= input) ? 2 : 1;
            int extent = (kernel[a] - 1) * dilation[a] + 1;
            size[a] = same ? (input + stride[a] - 1) / stride[a] : (input - extent) / stride[a] + 1;
        }

        return (kernel, stride, dilation, same ? TflitePadding.SAME : TflitePadding.VALID, size);
    }

    private void Add(BuiltinOperator op, TfliteOptions options, Tensor x, Tensor weights, int channels, Tensor y)
    {
        var node = new Node { Operator = op, Options = options, Inputs = [x, weights], Outputs = [y], Origin = _graph.Nodes.Count };
        if (random.Next(4) > 0) node.Inputs.Add(SingleNode.Int32("b", [.. Enumerable.Range(0, channels).Select(_ => random.Next(-60000, 60000))]));
        _graph.Nodes.Add(node);
    }

    /// <summary>Weights of many kinds: all values, only extremes, mostly zero, small.</summary>
    private Tensor Weights(int[] shape, int channels, int axis)
    {
        int count = shape.Aggregate(1, (a, b) => a * b), kind = random.Next(4);
        sbyte[] values =
        [
            .. Enumerable.Range(0, count).Select(_ => (sbyte)(kind switch
            {
                0 => random.Next(-127, 128),
                1 => random.Next(2) * 254 - 127,
                2 => random.Next(4) == 0 ? random.Next(-127, 128) : 0,
                _ => random.Next(-5, 6),
            })),
        ];
        float[] scales = [.. Enumerable.Range(0, random.Next(2) == 0 ? 1 : channels).Select(_ => (float)Math.Pow(10, -4.5 + 3 * random.NextDouble()))];
        Tensor weights = SingleNode.Weights("w", shape, values, scales);
        weights.Quantisation = weights.Quantisation! with { Axis = axis };
        return weights;
    }

    private TfliteActivation Activation() => random.Next(4) switch { 0 => TfliteActivation.NONE, 1 => TfliteActivation.RELU6, _ => TfliteActivation.RELU };

    /// <summary>A tensor of random scale and zero point.</summary>
    public Tensor Activation(string name, int[] shape)
    {
        int zero = random.Next(4) switch { 0 => -128, 1 => 127, 2 => 0, _ => random.Next(-128, 128) };
        return SingleNode.Activation(name, shape, (float)(0.01 + 0.1 * random.NextDouble()), zero);
    }
}

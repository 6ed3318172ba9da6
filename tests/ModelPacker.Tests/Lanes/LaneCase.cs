using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;

namespace TinyAI.ModelPacker.Tests.Lanes;

/// <summary>A random weighted layer in its plain form and in every lane form, with inputs that go to the extremes.</summary>
internal sealed record LaneCase(Node Node)
{
    private static readonly int[] s_zeroPoints = [-128, 127, 0, -1, 37];

    /// <summary>The plain layer.</summary>
    public Layer Plain => SingleNode.Lower(Node).Layers[0];

    /// <summary>Its lane form, or why there is none.</summary>
    public (Layer? Layer, string Reason) Lanes => LaneForm.Of(Plain, -128, 127);

    /// <summary>A runner of the plain layer.</summary>
    public ModelRunner PlainRunner() => new(Packer.Pack(SingleNode.Lower(Node), new Metadata(), int.MaxValue).Pack);

    /// <summary>Runners of a lane form, in place and paged through the smallest window.</summary>
    public ModelRunner[] Runners(Layer lanes)
    {
        LoweredModel model = SingleNode.Lower(Node);
        model.Layers[0] = lanes with
        {
            Input = model.Layers[0].Input, Output = model.Layers[0].Output,
        };
        PackResult packed = Packer.Pack(model, new Metadata(), int.MaxValue);
        return [new ModelRunner(packed.Pack), new ModelRunner(new PagedSource(packed.Pack, packed.WindowBytes))];
    }

    /// <summary>Inputs: random, all at one end, all at the other, and a mixture of both ends.</summary>
    public IEnumerable<byte[]> Inputs(Random random)
    {
        int count = Node.Inputs[0]!.Count;
        yield return SingleNode.Bytes(SingleNode.Values(random, count));
        yield return [.. Enumerable.Repeat((byte)0x80, count)];
        yield return [.. Enumerable.Repeat((byte)0x7F, count)];
        yield return [.. Enumerable.Range(0, count).Select(_ => (byte)(random.Next(2) == 0 ? 0x80 : 0x7F))];
    }

    /// <summary>CONV_2D without groups.</summary>
    public static LaneCase Convolution(Random random)
    {
        int channels = random.Next(5) switch { 0 => 1, 1 => random.Next(2, 5), 2 => random.Next(5, 12), 3 => 40, _ => random.Next(1, 20) };
        int outputs = random.Next(1, 14);
        int[] x = [random.Next(1, 3), random.Next(1, 10), random.Next(1, 10), channels];
        if (random.Next(4) == 0) x[random.Next(1, 3)] = 1;
        return Windowed(random, x, depthwise: false, outputs);
    }

    /// <summary>DEPTHWISE_CONV_2D, once in a while of a single channel.</summary>
    public static LaneCase Depthwise(Random random)
    {
        int channels = random.Next(4) == 0 ? 1 : random.Next(2, 6);
        int[] x = [random.Next(1, 3), random.Next(3, 14), random.Next(1, 10), channels];
        if (random.Next(4) == 0) (x[1], x[2]) = (1, x[1]);
        return Windowed(random, x, depthwise: true, channels * random.Next(1, 4));
    }

    /// <summary>FULLY_CONNECTED with few or many rows.</summary>
    public static LaneCase FullyConnected(Random random)
    {
        int rows = random.Next(1, 8), inSize = random.Next(3) == 0 ? random.Next(100, 400) : random.Next(1, 40), outSize = random.Next(1, 14);
        return FullyConnected(random, rows, outSize, inSize, Weights(random, outSize * inSize));
    }

    /// <summary>FULLY_CONNECTED with these weights.</summary>
    public static LaneCase FullyConnected(Random random, int rows, int outSize, int inSize, sbyte[] weights)
    {
        Tensor x = SingleNode.Activation("x", [rows, inSize], 0.05f, Zero(random)), y = Output(random, [rows, outSize], inSize);
        Tensor w = SingleNode.Weights("w", [outSize, inSize], weights, Scales(random, outSize));
        return new LaneCase(SingleNode.Node(
            BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptions(Activation: Activation(random)), [x, w, Bias(random, outSize)], y));
    }

    private static LaneCase Windowed(Random random, int[] x, bool depthwise, int outputs)
    {
        bool same = random.Next(2) == 0;
        int dilationH = random.Next(3) == 0 ? 2 : 1, dilationW = random.Next(3) == 0 ? 2 : 1, strideH = random.Next(1, 4), strideW = random.Next(1, 4);
        int Kernel(int size, ref int dilation)
        {
            int kernel = random.Next(1, 5);
            if (!same && (kernel - 1) * dilation >= size) (kernel, dilation) = (Math.Min(kernel, size), 1);
            return kernel;
        }

        int kernelH = Kernel(x[1], ref dilationH), kernelW = Kernel(x[2], ref dilationW);
        static int Size(int size, int kernel, int stride, int dilation, bool same) =>
            same ? (size + stride - 1) / stride : (size - (kernel - 1) * dilation - 1) / stride + 1;
        int[] y = [x[0], Size(x[1], kernelH, strideH, dilationH, same), Size(x[2], kernelW, strideW, dilationW, same), outputs];
        int taps = kernelH * kernelW * (depthwise ? 1 : x[3]);
        Tensor input = SingleNode.Activation("x", x, 0.05f, Zero(random)), output = Output(random, y, taps);
        int[] shape = depthwise ? [1, kernelH, kernelW, outputs] : [outputs, kernelH, kernelW, x[3]];
        Tensor w = SingleNode.Weights("w", shape, Weights(random, outputs * taps), Scales(random, outputs));
        if (depthwise) w = new Tensor { Name = w.Name, Type = w.Type, Shape = w.Shape, Data = w.Data, Quantisation = new Quantisation(w.Quantisation!.Scales, w.Quantisation.ZeroPoints, 3) };
        TfliteActivation activation = Activation(random);
        TfliteOptions options = depthwise
            ? new DepthwiseConv2DOptions(same ? TflitePadding.SAME : TflitePadding.VALID, strideW, strideH, outputs / x[3], activation, dilationW, dilationH)
            : new Conv2DOptions(same ? TflitePadding.SAME : TflitePadding.VALID, strideW, strideH, activation, dilationW, dilationH);
        return new LaneCase(SingleNode.Node(
            depthwise ? BuiltinOperator.DEPTHWISE_CONV_2D : BuiltinOperator.CONV_2D, options, [input, w, Bias(random, outputs)], output));
    }

    private static int Zero(Random random) => s_zeroPoints[random.Next(s_zeroPoints.Length)];

    /// <summary>An output whose scale spreads the sums over all values, or makes most of them clamp; some are rounded once or down.</summary>
    private static Tensor Output(Random random, int[] shape, int taps)
    {
        Tensor output = SingleNode.Activation("y", shape, (float)(Math.Sqrt(taps) * 0.0002 * Math.Pow(10, random.NextDouble() * 3)), Zero(random));
        (output.RoundedOnce, output.RoundedDown) = (taps % 3 == 0, taps % 5 == 0);
        return output;
    }

    private static float[] Scales(Random random, int count) =>
        random.Next(2) == 0 ? [0.004f] : [.. Enumerable.Range(0, count).Select(_ => (float)(0.002 * Math.Pow(10, random.NextDouble() * 1.5)))];

    private static TfliteActivation Activation(Random random) =>
        random.Next(4) switch { 0 => TfliteActivation.RELU, 1 => TfliteActivation.RELU6, 2 => TfliteActivation.RELU_N1_TO_1, _ => TfliteActivation.NONE };

    private static Tensor? Bias(Random random, int count)
    {
        int size = random.Next(3) switch { 0 => 0, 1 => 2000, _ => 200_000 };
        return size == 0 ? null : SingleNode.Int32("bias", [.. Enumerable.Range(0, count).Select(_ => random.Next(-size, size + 1))]);
    }

    private static sbyte[] Weights(Random random, int count)
    {
        int style = random.Next(5);
        return [.. Enumerable.Range(0, count).Select(_ => (sbyte)(style switch
        {
            0 => 127, 1 => -128, 2 => random.Next(2) == 0 ? -128 : 127, 3 => random.Next(4) == 0 ? random.Next(-128, 128) : 0, _ => random.Next(-128, 128),
        }))];
    }
}

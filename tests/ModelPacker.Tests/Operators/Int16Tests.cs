using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Reference;
using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Fully connected layers, pooling and softmax on 16-bit activations, and what is refused there.</summary>
public class Int16Tests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_fully_connected_layer_equals_the_definition(int seed)
    {
        var random = new Random(seed);
        int rows = random.Next(1, 5), inSize = seed == 0 ? 3000 : random.Next(1, 40), outSize = random.Next(1, 9);
        bool wide = random.Next(2) == 0, perChannel = random.Next(2) == 0;
        const float inScale = 0.001f, outScale = 0.002f;
        float[] scales = [.. Enumerable.Range(0, perChannel ? outSize : 1).Select(_ => (float)(0.0005 + 0.02 * random.NextDouble()))];
        sbyte[] weights = SingleNode.Values(random, inSize * outSize);
        long[] bias = [.. Enumerable.Range(0, outSize).Select(_ => wide ? random.NextInt64(-1L << 36, 1L << 36) : random.Next(-99999, 99999))];
        Node node = SingleNode.Node(
            BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptions(),
            [
                SingleNode.Activation("x", [rows, inSize], inScale, 0, TfliteType.INT16), SingleNode.Weights("w", [outSize, inSize], weights, scales),
                new Tensor
                {
                    Name = "b", Type = wide ? TfliteType.INT64 : TfliteType.INT32, Shape = [outSize],
                    Data = [.. bias.SelectMany(b => wide ? BitConverter.GetBytes(b) : BitConverter.GetBytes((int)b))],
                },
            ],
            SingleNode.Activation("y", [rows, outSize], outScale, 0, TfliteType.INT16));
        short[] x = Values(random, rows * inSize);
        var expected = new short[rows * outSize];
        for (int i = 0; i < expected.Length; i++)
        {
            int o = i % outSize;
            long acc = bias[o];
            for (int k = 0; k < inSize; k++) acc += x[i / outSize * inSize + k] * weights[o * inSize + k];
            double real = perChannel ? (double)inScale * scales[o] / outScale : (double)(float)(inScale * scales[0]) / outScale;
            expected[i] = Clamp16(wide ? Mbqm64(acc, QuantizeMultiplier(real)) : Mbqm(unchecked((int)acc), QuantizeMultiplier(real)));
        }

        foreach (ModelRunner runner in SingleNode.Runners(node)) Assert.Equal(expected, Shorts(runner.Run([Bytes(x)])[0]));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Pooling_equals_the_definition_whole_and_in_parts(int seed)
    {
        var random = new Random(seed);
        bool average = seed % 2 == 0, same = random.Next(2) == 0;
        int[] x = [random.Next(1, 3), random.Next(3, 8), random.Next(3, 8), random.Next(1, 5)];
        int kernelH = random.Next(1, 4), kernelW = random.Next(1, 4), strideH = random.Next(1, 4), strideW = random.Next(1, 4);
        int outH = same ? (x[1] + strideH - 1) / strideH : (x[1] - kernelH) / strideH + 1, outW = same ? (x[2] + strideW - 1) / strideW : (x[2] - kernelW) / strideW + 1;
        int Pad(int output, int size, int kernel, int stride) => same ? Math.Max(0, (output - 1) * stride + kernel - size) / 2 : 0;
        int[] y = [x[0], outH, outW, x[3]];
        bool relu = random.Next(2) == 0;
        Node node = SingleNode.Node(
            average ? BuiltinOperator.AVERAGE_POOL_2D : BuiltinOperator.MAX_POOL_2D,
            new Pool2DOptions(same ? TflitePadding.SAME : TflitePadding.VALID, strideW, strideH, kernelW, kernelH, relu ? TfliteActivation.RELU : TfliteActivation.NONE),
            [SingleNode.Activation("x", x, 0.1f, 0, TfliteType.INT16)], SingleNode.Activation("y", y, 0.1f, 0, TfliteType.INT16));
        var form = new ConvolutionReference.Form(
            x, [1, kernelH, kernelW, 1], y, strideH, strideW, 1, 1, Pad(outH, x[1], kernelH, strideH), Pad(outW, x[2], kernelW, strideW));
        short[] input = Values(random, node.Input().Count), expected = ConvolutionReference.Pool(form, input, average, relu ? 0 : -32768, 32767);
        foreach (ModelRunner runner in SingleNode.Runners(node)) Assert.Equal(expected, Shorts(runner.Run([Bytes(input)])[0]));

        Layer layer = SingleNode.Lower(node).Layers[0];
        sbyte[] parts = new sbyte[2 * expected.Length + 1];
        foreach ((int from, int to) in SingleNode.Cuts(random, layer.Rows))
            Pool2DInt16.Run(layer.Parameters, [3, .. SingleNode.Signed(Bytes(input))], 1, parts, 1, from, to);
        Assert.Equal(expected, Shorts(SingleNode.Bytes(parts[1..])));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Softmax_equals_the_reference(int seed)
    {
        var random = new Random(seed);
        int depth = seed == 0 ? 1 : random.Next(1, 50);
        float scale = (float)Math.Pow(10, -5 + 3 * random.NextDouble()), beta = seed % 2 == 0 ? 1 : 0.7f;
        Node node = SingleNode.Node(
            BuiltinOperator.SOFTMAX, new SoftmaxOptions(beta), [SingleNode.Activation("x", [3, depth], scale, 0, TfliteType.INT16)],
            SingleNode.Activation("y", [3, depth], 1f / 32768, 0, TfliteType.INT16));
        foreach (ModelRunner runner in SingleNode.Runners(node))
        {
            for (int run = 0; run < 4; run++)
            {
                short[] x = Values(random, 3 * depth);
                Assert.Equal(ConvolutionReference.Softmax(x, depth, (double)scale * beta), Shorts(runner.Run([Bytes(x)])[0]));
            }
        }
    }

    [Fact]
    public void What_has_no_16_bit_form_is_refused()
    {
        Tensor x = SingleNode.Activation("x", [1, 4], 0.1f, 0, TfliteType.INT16), w = SingleNode.Weights("w", [2, 4], new sbyte[8], 0.1f);
        Node Fc(Tensor input, Tensor output, params Tensor?[] bias) =>
            SingleNode.Node(BuiltinOperator.FULLY_CONNECTED, null, [input, w, .. bias], output);
        Tensor y = SingleNode.Activation("y", [1, 2], 0.1f, 0, TfliteType.INT16);
        Assert.Contains("zero point outside 0..0", SingleNode.Refusal(Fc(SingleNode.Activation("x", [1, 4], 0.1f, 3, TfliteType.INT16), y)));
        Assert.Contains("not int16", SingleNode.Refusal(Fc(x, SingleNode.Activation("y", [1, 2], 0.1f, 0))));
        Assert.Contains("int64 or int32", SingleNode.Refusal(Fc(x, y, SingleNode.Weights("b", [2], new sbyte[2], 1))));
        Assert.Contains("more than 128", SingleNode.Refusal(Fc(x, SingleNode.Activation("y", [1, 2], 1e-6f, 0, TfliteType.INT16))));
        Assert.Contains("1/32768 is needed", SingleNode.Refusal(SingleNode.Node(BuiltinOperator.SOFTMAX, null, [x], SingleNode.Activation("y", [1, 4], 0.1f, 0, TfliteType.INT16))));
        Assert.Contains("does not rescale", SingleNode.Refusal(SingleNode.Node(
            BuiltinOperator.MAX_POOL_2D, new Pool2DOptions(), [SingleNode.Activation("x", [1, 2, 2, 1], 0.1f, 0, TfliteType.INT16)],
            SingleNode.Activation("y", [1, 2, 2, 1], 0.2f, 0, TfliteType.INT16))));
        Tensor image = SingleNode.Activation("x", [1, 2, 2, 1], 0.1f, 0, TfliteType.INT16);
        Assert.Contains("constants of int64,", SingleNode.Refusal(SingleNode.Node(
            BuiltinOperator.DEPTHWISE_CONV_2D, null, [image, SingleNode.Weights("w", [1, 1, 1, 1], [3], 0.1f), SingleNode.Int32("b", 1)],
            SingleNode.Activation("y", [1, 2, 2, 1], 0.2f, 0, TfliteType.INT16))));
        Node product = SingleNode.Node(BuiltinOperator.MUL, null, [x, x], SingleNode.Activation("y", [1, 4], 0.1f, 0, TfliteType.INT16));
        Assert.All(OperatorTable.Check(SingleNode.GraphOf(product)), reason => Assert.Contains("not int8", reason));
    }

    private static short[] Values(Random random, int count)
    {
        bool extreme = random.Next(3) == 0;
        return [.. Enumerable.Range(0, count).Select(_ => (short)(extreme ? random.Next(2) * 65535 - 32768 : random.Next(-32768, 32768)))];
    }

    private static byte[] Bytes(short[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static short[] Shorts(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length / 2).Select(i => BitConverter.ToInt16(bytes, 2 * i))];
}

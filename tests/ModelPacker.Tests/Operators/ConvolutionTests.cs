using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Reference;
using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>
/// CONV_2D and DEPTHWISE_CONV_2D with batches, groups, dilation and padding, on 8-bit and on 16-bit activations, against
/// the definition.
/// </summary>
public class ConvolutionTests
{
    public static TheoryData<int, bool, bool> Cases
    {
        get
        {
            var data = new TheoryData<int, bool, bool>();
            foreach (bool int16 in new[] { false, true })
                foreach (bool depthwise in new[] { false, true })
                    for (int seed = 0; seed < 25; seed++) data.Add(seed, depthwise, int16);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_convolution_equals_the_definition(int seed, bool depthwise, bool int16)
    {
        var random = new Random(seed);
        Case c = Case.Make(random, depthwise, int16);
        foreach (ModelRunner runner in SingleNode.Runners(c.Node))
        {
            byte[] x = c.Input(random);
            Assert.Equal(c.Expected(x), runner.Run([x])[0]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parts_of_rows_and_channels_give_the_same_as_the_whole(int seed, bool depthwise, bool int16)
    {
        var random = new Random(seed);
        Case c = Case.Make(random, depthwise, int16);
        Layer layer = SingleNode.Lower(c.Node).Layers[0];
        byte[] input = c.Input(random);
        sbyte[] x = [7, .. SingleNode.Signed(input)], y = new sbyte[c.Node.Output.Bytes + 2];
        foreach ((int rowFrom, int rowTo) in SingleNode.Cuts(random, layer.Rows))
        {
            foreach ((int from, int to) in SingleNode.Cuts(random, c.Node.Output.Shape[3]))
            {
                int w = from * layer.BlockBytes;
                if (int16) Conv2DInt16.Run(layer.Parameters, x, 1, y, 2, layer.Weights, w, from, to, rowFrom, rowTo);
                else if (depthwise) DepthwiseConv2D.Run(layer.Parameters, x, 1, y, 2, layer.Weights, w, from, to, rowFrom, rowTo);
                else Conv2D.Run(layer.Parameters, x, 1, y, 2, layer.Weights, w, from, to, rowFrom, rowTo);
            }
        }

        Assert.Equal(c.Expected(input), SingleNode.Bytes(y[2..]));
    }

    private sealed record Case(Node Node, ConvolutionReference.Form Form, sbyte[] Weights, long[]? Bias, float[] Scales, bool Int16, bool Wide)
    {
        private const float InScale = 0.05f, OutScale = 0.07f;

        public static Case Make(Random random, bool depthwise, bool int16)
        {
            int groups = random.Next(1, 4), groupIn = depthwise ? 1 : random.Next(1, 5), groupOut = random.Next(1, 4);
            // Once in a while one run of taps is longer than the 16-bit kernel sums up in 32 bits.
            if (!depthwise && random.Next(5) == 0) (groups, groupIn) = (1, 700);
            int[] x = [random.Next(1, 4), random.Next(1, 7), random.Next(1, 7), groups * groupIn];
            int kernelH = random.Next(1, Math.Min(4, x[1] + 1)), kernelW = random.Next(1, Math.Min(4, x[2] + 1)), strideH = random.Next(1, 3), strideW = random.Next(1, 3);
            bool same = random.Next(2) == 0;
            int dilationH = same ? random.Next(1, 3) : 1, dilationW = same ? random.Next(1, 3) : 1, channels = groups * groupOut;
            (int, int) Axis(int size, int kernel, int stride, int dilation)
            {
                int output = same ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
                return (output, same ? Math.Max(0, (output - 1) * stride + (kernel - 1) * dilation + 1 - size) / 2 : 0);
            }

            (int outH, int padTop) = Axis(x[1], kernelH, strideH, dilationH);
            (int outW, int padLeft) = Axis(x[2], kernelW, strideW, dilationW);
            int[] y = [x[0], outH, outW, channels], shape = [channels, kernelH, kernelW, groupIn];
            sbyte[] weights = SingleNode.Values(random, channels * kernelH * kernelW * groupIn);
            float[] scales = [.. Enumerable.Range(0, random.Next(2) == 0 ? 1 : channels).Select(_ => (float)(0.0005 + 0.02 * random.NextDouble()))];
            bool wide = int16 && (depthwise || random.Next(2) == 0);
            long[]? bias = random.Next(4) == 0 ? null : [.. Enumerable.Range(0, channels).Select(_ => wide ? random.NextInt64(-1L << 34, 1L << 34) : random.Next(-99999, 99999))];
            TfliteType type = int16 ? TfliteType.INT16 : TfliteType.INT8;
            TflitePadding padding = same ? TflitePadding.SAME : TflitePadding.VALID;
            TfliteActivation activation = random.Next(2) == 0 ? TfliteActivation.NONE : TfliteActivation.RELU;
            TfliteType biasType = wide ? TfliteType.INT64 : TfliteType.INT32;
            Tensor weightTensor = SingleNode.Weights("w", shape, weights, scales);
            if (depthwise)
            {
                int taps = kernelH * kernelW;
                sbyte[] stored = [.. Enumerable.Range(0, weights.Length).Select(i => weights[i % channels * taps + i / channels])];
                weightTensor = SingleNode.Weights("w", [1, kernelH, kernelW, channels], stored, scales);
                weightTensor.Quantisation = weightTensor.Quantisation! with { Axis = 3 };
            }

            Node node = SingleNode.Node(
                depthwise ? BuiltinOperator.DEPTHWISE_CONV_2D : BuiltinOperator.CONV_2D,
                depthwise
                    ? new DepthwiseConv2DOptions(padding, strideW, strideH, groupOut, activation, dilationW, dilationH)
                    : new Conv2DOptions(padding, strideW, strideH, activation, dilationW, dilationH, biasType),
                [SingleNode.Activation("x", x, InScale, int16 ? 0 : random.Next(-128, 128), type), weightTensor],
                SingleNode.Activation("y", y, OutScale, int16 ? 0 : random.Next(-128, 128), type));
            if (bias is not null)
            {
                node.Inputs.Add(new Tensor
                {
                    Name = "b", Type = biasType, Shape = [channels],
                    Data = [.. bias.SelectMany(b => wide ? BitConverter.GetBytes(b) : BitConverter.GetBytes((int)b))],
                });
            }

            var form = new ConvolutionReference.Form(x, shape, y, strideH, strideW, dilationH, dilationW, padTop, padLeft);
            return new Case(node, form, weights, bias, scales, int16, wide);
        }

        public byte[] Input(Random random) => SingleNode.Bytes(SingleNode.Values(random, Node.Input().Bytes));

        public byte[] Expected(byte[] x)
        {
            long[] sums = ConvolutionReference.Sums(
                Form, i => Int16 ? BitConverter.ToInt16(x, 2 * i) : (sbyte)x[i], i => Weights[i], Node.Input().ZeroPoint);
            bool relu = Node.Options is Conv2DOptions { Activation: TfliteActivation.RELU } or DepthwiseConv2DOptions { Activation: TfliteActivation.RELU };
            int zero = Node.Output.ZeroPoint, low = Int16 ? short.MinValue : -128, high = Int16 ? short.MaxValue : 127;
            var bytes = new List<byte>();
            for (int i = 0; i < sums.Length; i++)
            {
                int channel = i % Form.Out[3];
                var m = QuantizeMultiplier((double)InScale * (double)Scales[Scales.Length == 1 ? 0 : channel] / (double)OutScale);
                long acc = sums[i] + (Bias?[channel] ?? 0);
                int q = Math.Clamp((Wide ? Mbqm64(acc, m) : Mbqm((int)acc, m)) + zero, relu ? zero : low, high);
                bytes.Add((byte)q);
                if (Int16) bytes.Add((byte)(q >> 8));
            }

            return [.. bytes];
        }
    }
}

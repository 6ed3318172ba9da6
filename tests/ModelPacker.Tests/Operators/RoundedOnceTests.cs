using System.Numerics;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Outputs that are to be rounded once are the integers nearest to what the operator says in real numbers; rounded down, those below.</summary>
public class RoundedOnceTests
{
    public static TheoryData<BuiltinOperator> Rescaling =>
    [
        BuiltinOperator.CONV_2D, BuiltinOperator.DEPTHWISE_CONV_2D, BuiltinOperator.FULLY_CONNECTED, BuiltinOperator.TRANSPOSE_CONV, BuiltinOperator.BATCH_MATMUL,
        BuiltinOperator.MUL, BuiltinOperator.MEAN, BuiltinOperator.QUANTIZE,
    ];

    [Theory]
    [MemberData(nameof(Rescaling))]
    public void The_integers_are_those_nearest_to_the_real_results(BuiltinOperator op)
    {
        double farthestOnce = 0, farthestTwice = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            farthestOnce = Math.Max(farthestOnce, Farthest(op, seed, once: true));
            farthestTwice = Math.Max(farthestTwice, Farthest(op, seed, once: false));
        }

        Assert.InRange(farthestOnce, 0.4, 0.5005);
        Assert.True(farthestTwice > 0.5005, $"two roundings are never farther than {farthestTwice} steps, so this test says nothing");
    }

    [Fact]
    public void A_sum_is_what_onnx_says_for_all_pairs_of_inputs_but_one_in_a_million()
    {
        // The first are the scales of a public ResNet, where one pair lies a millionth of a step from the middle.
        var random = new Random(3);
        (float A, float B, float Y)[] scales =
        [
            (0.005277401f, 0.010436402f, 0.006316958f),
            .. Enumerable.Range(0, 20).Select(_ => ((float)(0.001 + random.NextDouble()), (float)(0.001 + random.NextDouble()), (float)(0.3 + random.NextDouble()))),
        ];
        int wrong = 0, pairs = 0;
        byte[] first = [.. Enumerable.Range(0, 65536).Select(i => (byte)(i >> 8))], second = [.. Enumerable.Range(0, 65536).Select(i => (byte)i)];
        foreach (BuiltinOperator op in new[] { BuiltinOperator.ADD, BuiltinOperator.SUB })
        {
            foreach ((float a, float b, float y) in scales)
            {
                int zeroA = random.Next(-128, 128), zeroB = random.Next(-128, 128), zeroY = random.Next(-128, 128);
                Node node = SingleNode.Node(
                    op, op == BuiltinOperator.ADD ? new AddOptions() : new SubOptions(),
                    [SingleNode.Activation("a", [65536], a, zeroA), SingleNode.Activation("b", [65536], b, zeroB)], SingleNode.Activation("y", [65536], y, zeroY));
                node.Output.RoundedOnce = true;
                byte[] actual = SingleNode.Runners(node)[0].Run([first, second])[0];
                for (int i = 0; i < actual.Length; i++)
                {
                    float x1 = a * ((sbyte)first[i] - zeroA), x2 = b * ((sbyte)second[i] - zeroB), sum = op == BuiltinOperator.ADD ? x1 + x2 : x1 - x2;
                    int expected = Math.Clamp((int)MathF.Round(sum / y, MidpointRounding.ToEven) + zeroY, -128, 127);
                    pairs++;
                    if (expected == (sbyte)actual[i]) continue;
                    wrong++;
                    Assert.Equal(1, Math.Abs(expected - (sbyte)actual[i]));
                    Assert.NotEqual(scales[0], (a, b, y));
                }
            }
        }

        Assert.True(wrong * 1_000_000L <= pairs, $"{wrong} of {pairs} pairs are wrong");
    }

    [Fact]
    public void One_rounding_is_that_of_the_whole_product()
    {
        var random = new Random(9);
        for (int n = 0; n < 100_000; n++)
        {
            int value = n % 10 == 0 ? (n % 20 == 0 ? int.MinValue : int.MaxValue) : random.Next(int.MinValue, int.MaxValue) >> random.Next(31);
            int multiplier = n % 7 == 0 ? int.MaxValue : random.Next(1 << 30, int.MaxValue), right = random.Next(1, 32);
            BigInteger product = (BigInteger)value * multiplier + (BigInteger.One << (30 + right)), divisor = BigInteger.One << (31 + right);
            var expected = (int)(product.Sign < 0 ? -((divisor - 1 - product) / divisor) : product / divisor);
            Assert.Equal(expected, FixedPoint.Requantise(value, multiplier, FixedPoint.Once - right));
        }
    }

    [Fact]
    public void Rounding_down_adds_the_fraction_and_cuts_the_product_off()
    {
        var random = new Random(10);
        for (int n = 0; n < 100_000; n++)
        {
            int value = n % 10 == 0 ? (n % 20 == 0 ? int.MinValue : int.MaxValue) : random.Next(int.MinValue, int.MaxValue) >> random.Next(31);
            int multiplier = n % 7 == 0 ? int.MaxValue : random.Next(1 << 30, int.MaxValue), right = random.Next(1, 32);
            int fraction = n % 3 == 0 ? 0 : n % 3 == 1 ? (1 << FixedPoint.FractionBits) - 1 : random.Next(1 << FixedPoint.FractionBits);
            BigInteger product = (BigInteger)value * multiplier + ((BigInteger)fraction * multiplier >> FixedPoint.FractionBits);
            Assert.Equal((int)(product >> (31 + right)), FixedPoint.Requantise(value, multiplier, FixedPoint.Down - right - 256 * fraction));
        }
    }

    /// <summary>The largest distance, in steps, of an output that is not clamped from the real result.</summary>
    private static double Farthest(BuiltinOperator op, int seed, bool once)
    {
        var random = new Random(seed);
        Node node = Make(op, random);
        node.Output.RoundedOnce = once;
        Graph graph = SingleNode.GraphOf(node);
        byte[][] inputs = [.. graph.Inputs.Select(t => SingleNode.Bytes([.. Enumerable.Range(0, t.Count).Select(_ => (sbyte)random.Next(-128, 128))]))];
        float[] real = FloatRunner.Run(graph, [.. graph.Inputs.Select((t, i) => RealNumbers.Of(t, inputs[i]))])[node.Output];
        if (op == BuiltinOperator.QUANTIZE) real = RealNumbers.Of(node.Input(), inputs[0]);
        double farthest = 0;
        foreach (ModelRunner runner in SingleNode.Runners(node))
        {
            byte[] actual = runner.Run(inputs)[0];
            for (int i = 0; i < actual.Length; i++)
            {
                if ((sbyte)actual[i] is var q && q is > -128 and < 127) farthest = Math.Max(farthest, Math.Abs(q - node.Output.ZeroPoint - (double)real[i] / node.Output.Scale));
            }
        }

        return farthest;
    }

    private static Node Make(BuiltinOperator op, Random random)
    {
        float Scale(double around) => (float)(around * (0.5 + random.NextDouble()));
        Tensor X(string name, params int[] shape) => SingleNode.Activation(name, shape, Scale(0.03), random.Next(-128, 128));
        Tensor Y(double scale, params int[] shape) => SingleNode.Activation("y", shape, Scale(scale), random.Next(-40, 40));
        Tensor Weights(int axis, params int[] shape)
        {
            Tensor w = SingleNode.Weights("w", shape, SingleNode.Values(random, shape.Aggregate((a, b) => a * b)), [.. Enumerable.Range(0, shape[axis]).Select(_ => Scale(0.01))]);
            w.Quantisation = w.Quantisation! with { Axis = axis };
            return w;
        }

        return op switch
        {
            BuiltinOperator.CONV_2D => SingleNode.Node(op, new Conv2DOptions(TflitePadding.SAME), [X("x", 1, 9, 9, 6), Weights(0, 8, 3, 3, 6)], Y(0.3, 1, 9, 9, 8)),
            BuiltinOperator.DEPTHWISE_CONV_2D => SingleNode.Node(op, new DepthwiseConv2DOptions(TflitePadding.SAME), [X("x", 1, 16, 16, 8), Weights(3, 1, 3, 3, 8)], Y(0.1, 1, 16, 16, 8)),
            BuiltinOperator.FULLY_CONNECTED => SingleNode.Node(op, new FullyConnectedOptions(), [X("x", 30, 20), Weights(0, 20, 20)], Y(0.2, 30, 20)),
            BuiltinOperator.TRANSPOSE_CONV => SingleNode.Node(
                op, new TransposeConvOptions(TflitePadding.SAME, 2, 2), [SingleNode.Int32("shape", 1, 12, 12, 6), Weights(0, 6, 3, 3, 5), X("x", 1, 6, 6, 5)], Y(0.2, 1, 12, 12, 6)),
            BuiltinOperator.BATCH_MATMUL => SingleNode.Node(op, new BatchMatMulOptions(), [X("x", 2, 20, 16), X("z", 2, 16, 20)], Y(0.4, 2, 20, 20)),
            BuiltinOperator.MUL => SingleNode.Node(op, new MulOptions(), [X("x", 3000), X("z", 3000)], Y(0.1, 3000)),
            BuiltinOperator.MEAN => SingleNode.Node(op, new ReducerOptions(false), [X("x", 1, 8, 8, 200), SingleNode.Int32("axes", 1, 2)], Y(0.008, 1, 200)),
            _ => SingleNode.Node(op, null, [X("x", 256)], Y(0.04, 256)),
        };
    }
}

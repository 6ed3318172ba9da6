using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Lanes;

/// <summary>Lane forms of single kinds against the plain form, on random shapes and inputs that go to the extremes.</summary>
public class LanePropertyTests
{
    private static readonly int[] s_zeroPoints = [-128, 127, 0, -1, 37];

    [Fact]
    public void A_product_of_activations_in_lanes_gives_the_bytes_of_the_plain_product()
    {
        int compared = 0;
        Seeds.ForAll(250, seed =>
        {
            var random = new Random(seed);
            Node node = Product(random);
            Layer plain = SingleNode.Lower(node).Layers[0];
            (Layer? lanes, string reason) = LaneProduct.Of(plain, (-128, 127), (-128, 127));
            Assert.Equal(lanes is null, reason.Length > 0);
            if (lanes is null) return;
            compared++;
            Compare(node, lanes, random, $"seed {seed}");
        });
        Assert.True(compared > 60, $"only {compared} products have a lane form");
    }

    [Fact]
    public void Depthwise_taps_in_lanes_give_the_bytes_of_the_plain_layer()
    {
        int compared = 0;
        Seeds.ForAll(250, seed =>
        {
            var random = new Random(seed);
            Node node = random.Next(2) == 0 ? Streaming(random) : LaneCase.Depthwise(random).Node;
            Layer plain = SingleNode.Lower(node).Layers[0];
            (Layer? lanes, string reason) = LaneTaps.Of(plain, plain.Parameters, -128, 127);
            Assert.Equal(lanes is null, reason.Length > 0);
            if (lanes is null) return;
            compared++;
            Compare(node, lanes with { Slot = 1 }, random, $"seed {seed}");
        });
        Assert.True(compared > 100, $"only {compared} layers have the form");
    }

    [Fact]
    public void Parts_of_the_rows_of_a_product_give_the_same_as_the_whole()
    {
        Seeds.ForAll(100, seed =>
        {
            var random = new Random(seed);
            Node node = Product(random);
            Layer plain = SingleNode.Lower(node).Layers[0];
            if (LaneProduct.Of(plain, (-128, 127), (-128, 127)).Layer is not { } lanes) return;
            sbyte[][] x = [.. node.Inputs.Select(t => SingleNode.Values(random, t!.Count))];
            byte[] expected = Runner(node, plain).Run([SingleNode.Bytes(x[0]), SingleNode.Bytes(x[1])])[0];
            var y = new sbyte[expected.Length + 5];
            var kernel = new LaneKernel(lanes);
            foreach ((int from, int to) in SingleNode.Cuts(random, lanes.Rows)) kernel.RunProduct([9, 9, .. x[0]], 2, [8, .. x[1]], 1, y, 4, from, to);
            Assert.True(expected.AsSpan().SequenceEqual(SingleNode.Bytes(y[4..^1])), $"seed {seed}");
            Assert.True(y[..4].All(v => v == 0) && y[^1] == 0, $"seed {seed}: the kernel wrote outside its output");
        });
    }

    [Fact]
    public void A_maximum_pool_drawn_into_a_convolution_gives_the_bytes_of_both()
    {
        int pooled = 0, drawn = 0;
        Seeds.ForAll(200, seed =>
        {
            var random = new Random(seed);
            Graph graph = Pooled(random);
            PackResult plain = Packer.Pack(Lowering.Run(graph), new Metadata(), int.MaxValue), lanes = Packer.Pack(Lowering.Run(graph), new Metadata(), int.MaxValue, LanePolicy.Always);
            pooled++;
            if (lanes.Model.Layers.Count < plain.Model.Layers.Count) drawn++;
            ModelRunner[] runners = [new ModelRunner(lanes.Pack), new ModelRunner(new PagedSource(lanes.Pack, lanes.WindowBytes))];
            var reference = new ModelRunner(plain.Pack);
            for (int round = 0; round < 5; round++)
            {
                byte[] input = Values(random, graph.Inputs[0].Count, round), expected = reference.Run([input])[0];
                foreach (ModelRunner runner in runners) Assert.True(expected.AsSpan().SequenceEqual(runner.Run([input])[0]), $"seed {seed}, round {round} differs");
            }
        });
        Assert.True(drawn > pooled / 3, $"only {drawn} of {pooled} pools were drawn into the convolution");
        Assert.True(drawn < pooled, "windows of three positions cannot be");
    }

    [Fact]
    public void A_product_whose_sums_need_more_than_21_bits_has_no_lane_form()
    {
        // Zero points at one end: products from 0 to 255 * 255, of which 32 are below 2^21 and 33 are not.
        foreach ((int depth, bool fits) in new[] { (32, true), (33, false) })
        {
            Node node = Product(2, depth, 4, -128, -128, new Random(1));
            Assert.Equal(fits, LaneProduct.Of(SingleNode.Lower(node).Layers[0], (-128, 127), (-128, 127)).Layer is not null);
        }
    }

    /// <summary>Runs both forms, in place and paged, on random inputs, both ends, and mixtures of both ends.</summary>
    private static void Compare(Node node, Layer lanes, Random random, string what)
    {
        ModelRunner plain = Runner(node, SingleNode.Lower(node).Layers[0]);
        PackResult packed = Packed(node, lanes);
        ModelRunner[] runners = [new ModelRunner(packed.Pack), new ModelRunner(new PagedSource(packed.Pack, packed.WindowBytes))];
        for (int round = 0; round < 6; round++)
        {
            byte[][] inputs = [.. node.Inputs.Where(t => t is { IsConstant: false }).Select(t => Values(random, t!.Count, round))];
            byte[] expected = plain.Run(inputs)[0];
            foreach (ModelRunner runner in runners) Assert.True(expected.AsSpan().SequenceEqual(runner.Run(inputs)[0]), $"{what}, round {round} differs");
        }
    }

    private static byte[] Values(Random random, int count, int round) => round switch
    {
        0 => [.. Enumerable.Repeat((byte)0x80, count)],
        1 => [.. Enumerable.Repeat((byte)0x7F, count)],
        2 => [.. Enumerable.Repeat((byte)(random.Next(2) == 0 ? 0x80 : 0x7F), count)],
        3 => [.. Enumerable.Range(0, count).Select(_ => (byte)(random.Next(2) == 0 ? 0x80 : 0x7F))],
        _ => SingleNode.Bytes(SingleNode.Values(random, count)),
    };

    private static ModelRunner Runner(Node node, Layer layer) => new(Packed(node, layer).Pack);

    private static PackResult Packed(Node node, Layer layer)
    {
        LoweredModel model = SingleNode.Lower(node);
        model.Layers[0] = layer with { Input = model.Layers[0].Input, Input2 = model.Layers[0].Input2, Output = model.Layers[0].Output };
        return Packer.Pack(model, new Metadata(), int.MaxValue);
    }

    /// <summary>A convolution of one dimension, either way round, and a maximum pool of two to four positions.</summary>
    private static Graph Pooled(Random random)
    {
        bool down = random.Next(2) == 0, same = random.Next(2) == 0;
        int batch = random.Next(1, 3), channels = random.Next(1, 9), outputs = random.Next(1, 12), kernel = random.Next(1, 5), stride = random.Next(1, 3), window = random.Next(2, 5);
        int length = kernel + stride * random.Next(8, 60), positions = same ? (length + stride - 1) / stride : (length - kernel) / stride + 1;
        int[] Shape(int n, int c) => down ? [batch, n, 1, c] : [batch, 1, n, c];
        Tensor x = SingleNode.Activation("x", Shape(length, channels), 0.05f, s_zeroPoints[random.Next(5)]);
        int zero = s_zeroPoints[random.Next(5)];
        float scale = (float)(Math.Sqrt(kernel * channels) * 0.0003 * Math.Pow(10, random.NextDouble() * 2));
        Tensor y = SingleNode.Activation("y", Shape(positions, outputs), scale, zero), z = SingleNode.Activation("z", Shape(positions / window, outputs), scale, zero);
        float[] scales = [.. Enumerable.Range(0, outputs).Select(_ => (float)(0.002 * Math.Pow(10, random.NextDouble())))];
        Tensor w = SingleNode.Weights("w", down ? [outputs, kernel, 1, channels] : [outputs, 1, kernel, channels], SingleNode.Values(random, outputs * kernel * channels), scales);
        Tensor? bias = random.Next(2) == 0 ? null : SingleNode.Int32("bias", [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-20_000, 20_001))]);
        (int strideW, int strideH) = down ? (1, stride) : (stride, 1);
        Node convolution = SingleNode.Node(
            BuiltinOperator.CONV_2D, new Conv2DOptions(same ? TflitePadding.SAME : TflitePadding.VALID, strideW, strideH, random.Next(2) == 0 ? TfliteActivation.RELU : TfliteActivation.NONE, 1, 1),
            [x, w, bias], y);
        Node pool = SingleNode.Node(
            BuiltinOperator.MAX_POOL_2D, new Pool2DOptions(TflitePadding.VALID, down ? 1 : window, down ? window : 1, down ? 1 : window, down ? window : 1, TfliteActivation.NONE), [y], z);
        var graph = new Graph { Name = "pooled" };
        graph.Nodes.AddRange([convolution, pool]);
        graph.Inputs.Add(x);
        graph.Outputs.Add(z);
        Assert.Empty(TinyAI.ModelPacker.Operators.OperatorTable.Check(graph));
        return graph;
    }

    private static Node Product(Random random) =>
        Product(random.Next(1, 10), random.Next(3) == 0 ? random.Next(20, 70) : random.Next(1, 20), random.Next(1, 14),
            s_zeroPoints[random.Next(5)], s_zeroPoints[random.Next(5)], random);

    private static Node Product(int rows, int depth, int columns, int zeroA, int zeroB, Random random)
    {
        bool adjY = random.Next(2) == 0;
        int[] batches = [.. Enumerable.Range(0, random.Next(0, 3)).Select(_ => random.Next(1, 4))];
        int[] Cast() => [.. batches.Select(s => random.Next(3) == 0 ? 1 : s)];
        int[] batchA = Cast(), batchB = Cast();
        int[] b = [.. batchB, .. adjY ? new[] { columns, depth } : [depth, columns]];
        float scale = (float)(Math.Sqrt(depth) * 0.01 * Math.Pow(10, random.NextDouble() * 2));
        return SingleNode.Node(
            BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(false, adjY),
            [SingleNode.Activation("a", [.. batchA, rows, depth], 0.031f, zeroA), SingleNode.Activation("b", b, 0.017f, zeroB)],
            SingleNode.Activation("y", [.. batchA.Zip(batchB, Math.Max), rows, columns], scale, s_zeroPoints[random.Next(5)]));
    }

    /// <summary>A depthwise layer as streaming models have them: a column of time steps, one or few positions.</summary>
    private static Node Streaming(Random random)
    {
        int channels = random.Next(1, 7), multiplier = random.Next(3) == 0 ? 2 : 1, taps = random.Next(1, 30), extra = random.Next(3), outputs = channels * multiplier;
        bool down = random.Next(2) == 0;
        int[] x = down ? [1, taps + extra, 1, channels] : [1, 1, taps + extra, channels], y = down ? [1, extra + 1, 1, outputs] : [1, 1, extra + 1, outputs];
        int style = random.Next(4);
        sbyte[] weights = [.. Enumerable.Range(0, outputs * taps).Select(_ => (sbyte)(style switch { 0 => 127, 1 => -127, 2 => random.Next(2) * 254 - 127, _ => random.Next(-127, 128) }))];
        float[] scales = [.. Enumerable.Range(0, outputs).Select(_ => (float)(0.002 * Math.Pow(10, random.NextDouble())))];
        var w = new Tensor
        {
            Name = "w", Type = TfliteType.INT8, Shape = down ? [1, taps, 1, outputs] : [1, 1, taps, outputs], Data = SingleNode.Bytes(weights),
            Quantisation = new Quantisation(scales, new long[outputs], 3),
        };
        Tensor? bias = random.Next(2) == 0 ? null : SingleNode.Int32("bias", [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-20_000, 20_001))]);
        var options = new DepthwiseConv2DOptions(TflitePadding.VALID, 1, 1, multiplier, random.Next(2) == 0 ? TfliteActivation.RELU : TfliteActivation.NONE, 1, 1);
        return SingleNode.Node(
            BuiltinOperator.DEPTHWISE_CONV_2D, options, [SingleNode.Activation("x", x, 0.05f, s_zeroPoints[random.Next(5)]), w, bias],
            SingleNode.Activation("y", y, (float)(Math.Sqrt(taps) * 0.0003 * Math.Pow(10, random.NextDouble() * 3)), s_zeroPoints[random.Next(5)]));
    }
}

using System.Runtime.InteropServices;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Quantise.Measure;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Quantise;

/// <summary>What is done to a float graph before it is quantised, and the grids that integers keep.</summary>
public sealed class PreparationTests
{
    private const int Size = 6;

    /// <summary>
    /// clip(trunc(trunc(k (W x) + l) * 5 / 1000), 0, 255) with factors k and summands l per channel: integers as NEMO imitates them in
    /// exported models. The summands are no multiples of the factors, so that no bias of whole numbers holds them.
    /// </summary>
    [Fact]
    public void Imitated_integers_come_out_of_the_device_as_they_are()
    {
        Tensor input = Float("x", 1, Size), sums = Float("sums", 1, Size), scaled = Float("scaled", 1, Size), moved = Float("moved", 1, Size);
        Tensor whole = Integer("whole"), product = Integer("product"), quotient = Integer("quotient"), real = Float("real", 1, Size), output = Float("y", 1, Size);
        var random = new Random(5);
        Tensor weights = Constant("w", [Size, Size], [.. Enumerable.Range(0, Size * Size).Select(_ => (float)random.Next(-127, 128))]);
        Graph graph = Of([input], [output],
            Node(BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptions(), [input, weights], sums),
            Node(BuiltinOperator.MUL, new MulOptions(), [sums, Constant("k", [Size], [1, 2, 3, 5, 7, 9])], scaled),
            Node(BuiltinOperator.ADD, new AddOptions(), [scaled, Constant("l", [Size], [100, -301, 5, 1, 11, 904])], moved),
            Node(BuiltinOperator.CAST, null, [moved], whole), Node(BuiltinOperator.MUL, new MulOptions(), [whole, Whole(5)], product),
            Node(BuiltinOperator.DIV, new DivOptions(), [product, Whole(1000)], quotient), Node(BuiltinOperator.CAST, null, [quotient], real),
            Node(BuiltinOperator.CUSTOM, new FunctionOptions(ScalarFunction.Clip, 0, 255), [real], output));
        float[][][] cases = [.. Enumerable.Range(0, 1000).Select(_ => (float[][])[[.. Enumerable.Range(0, Size).Select(_ => (float)random.Next(256))]])];
        Assert.All(FloatRunner.Run(graph, cases[0])[whole], v => Assert.Equal(MathF.Truncate(v), v));
        ShootOutResult result = ShootOut.Run(graph, cases, null, [new MinMaxCalibrator()]);
        Assert.Equal(double.PositiveInfinity, result.Chosen.Measured.Output);

        // A .tflite cannot say that a layer rounds down; half a step in the bias comes near to it.
        var device = new ModelRunner(Packer.Pack(TfliteExport.Write(result.Chosen.Quantised.Graph), "imitated").Pack);
        int different = 0;
        foreach (float[][] x in cases)
        {
            float[] expected = FloatRunner.Run(graph, x)[output], actual = RealNumbers.Of(output, device.Run([RealNumbers.Bytes(x[0], TfliteType.FLOAT32)])[0]);
            for (int i = 0; i < Size; i++)
            {
                Assert.InRange(actual[i] - expected[i], -1, 1);
                if (actual[i] != expected[i]) different++;
            }
        }

        Assert.InRange(different, 1, cases.Length * Size / 50);
    }

    [Fact]
    public void Weights_that_are_multiples_of_a_step_are_not_rounded()
    {
        float[] values = [.. Enumerable.Range(-10, 21).Select(i => i * 0.37f)];
        Tensor weights = Constant("w", [1, values.Length], values);
        Assert.Equal(values, RealNumbers.Of(Affine.Constant(weights, Affine.Weights(weights, 0, 1, null))).Select(v => MathF.Round(v, 4)), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void A_bias_that_its_scale_cannot_hold_makes_the_scale_larger()
    {
        Tensor weights = Constant("w", [1, 2], [1e-7f, -1e-7f]);
        Quantisation q = Affine.Weights(weights, 0, 0.01f, [5000]);
        Assert.InRange(5000 / (0.01 * q.Scale), 0, (1 << 30) * 1.001);
    }

    [Fact]
    public void Nothing_is_spent_on_what_a_RELU_throws_away()
    {
        Tensor input = Float("x", 1, 4), between = Float("t", 1, 4), output = Float("y", 1, 4);
        Graph graph = Of([input], [output],
            Node(BuiltinOperator.MUL, new MulOptions(), [input, Constant("m", [1, 4], [1, 2, 3, 4])], between),
            Node(BuiltinOperator.RELU, null, [between], output));
        QuantisedGraph quantised = Quantiser.Run(graph, t => t == between ? new ValueRange(-50, 5) : t == output ? new ValueRange(0, 5) : new ValueRange(-1, 1));
        Quantisation q = quantised.Integers[between].Quantisation!;
        Assert.Equal(-128, q.ZeroPoint);
        Assert.Equal(5f / 255, q.Scale, 1e-5f);
    }

    /// <summary>x * sigmoid(1.702 x) in three operators is one table, and as exact as one.</summary>
    [Fact]
    public void A_function_in_pieces_becomes_one_table()
    {
        Tensor input = Float("x", 1, 64), scaled = Float("s", 1, 64), gate = Float("g", 1, 64), output = Float("y", 1, 64);
        Graph graph = Of([input], [output],
            Node(BuiltinOperator.MUL, new MulOptions(), [input, Constant("m", [], [1.702f])], scaled), Node(BuiltinOperator.LOGISTIC, null, [scaled], gate),
            Node(BuiltinOperator.MUL, new MulOptions(), [input, gate], output));
        float[][][] cases = [.. RandomFloatModel.Inputs([64], 20, 3).Select(v => (float[][])[v])];
        ShootOutResult result = ShootOut.Run(graph, cases, null, [new MinMaxCalibrator()]);
        Assert.True(result.Chosen.Measured.Output > 38, $"{result.Chosen.Measured.Output:F1} dB");
        byte[] file = TfliteExport.Write(result.Chosen.Quantised.Graph);
        Assert.Equal(["Lookup"], Packer.Pack(file, "swish").Model.Layers.Select(l => l.Name));
    }

    [Theory]
    [InlineData(ScalarFunction.Clip, -0.7f, 0.9f)]
    [InlineData(ScalarFunction.HardSigmoid, 0.2f, 0.5f)]
    [InlineData(ScalarFunction.Silu, 0, 0)]
    [InlineData(ScalarFunction.Softplus, 0, 0)]
    public void A_function_that_the_file_format_lacks_is_written_in_those_that_it_has(ScalarFunction function, float alpha, float beta)
    {
        Tensor input = Float("x", 1, 64), output = Float("y", 1, 64);
        Graph graph = Of([input], [output], Node(BuiltinOperator.CUSTOM, new FunctionOptions(function, alpha, beta), [input], output));
        Graph quantised = Quantiser.Run(graph, t => t == input ? new ValueRange(-3, 3) : new ValueRange(-1, 3)).Graph;
        PackResult packed = Packer.Pack(TfliteExport.Write(quantised), "function");
        Assert.Equal(["Lookup"], packed.Model.Layers.Select(l => l.Name));
        float[] values = [.. Enumerable.Range(0, 64).Select(i => (i - 32) / 11f)];
        byte[] result = new ModelRunner(packed.Pack).Run([RealNumbers.Bytes(values, TfliteType.FLOAT32)])[0];
        float[] expected = FloatRunner.Run(graph, [values])[output], actual = RealNumbers.Of(output, result);
        for (int i = 0; i < 64; i++) Assert.Equal(expected[i], actual[i], 0.025f);
    }

    [Fact]
    public void Joined_tensors_keep_their_own_scale_where_something_else_reads_them()
    {
        Tensor a = Float("a", 1, 4), b = Float("b", 1, 4), both = Float("both", 1, 8), sum = Float("sum", 1, 4);
        Graph graph = Of([a, b], [both, sum], Node(BuiltinOperator.CONCATENATION, new ConcatenationOptions(1), [a, b], both), Node(BuiltinOperator.ADD, new AddOptions(), [a, a], sum));
        QuantisedGraph quantised = Quantiser.Run(graph, t => t == a ? new ValueRange(-0.01f, 0.01f) : new ValueRange(-10, 10));
        Assert.Equal(0.02f / 255, quantised.Integers[a].Scale, 1e-6f);
        Assert.True(quantised.Integers[b].Quantisation!.SameAs(quantised.Integers[both].Quantisation));
        Node join = quantised.Graph.Nodes.Single(n => n.Operator == BuiltinOperator.CONCATENATION);
        Assert.All(join.Inputs, t => Assert.True(t!.Quantisation!.SameAs(join.Output.Quantisation)));
    }

    [Fact]
    public void The_logarithm_of_a_softmax_is_put_together_from_pieces()
    {
        Tensor input = Float("x", 2, 10), output = Float("y", 2, 10);
        Graph graph = Of([input], [output], Node(BuiltinOperator.LOG_SOFTMAX, null, [input], output));
        float[][][] cases = [.. RandomFloatModel.Inputs([20], 20, 9).Select(v => (float[][])[[.. v.Select(x => 3 * x)]])];
        var signal = new SignalToNoise();
        Graph prepared = ShootOut.Prepare(graph);
        foreach (float[][] inputs in cases) signal.Add(FloatRunner.Run(graph, inputs)[output], FloatRunner.Run(prepared, inputs)[prepared.Outputs[0]]);
        Assert.True(signal.Decibels > 100);
        Assert.True(ShootOut.Run(graph, cases, null, [new MinMaxCalibrator()]).Chosen.Measured.Output > 35);
    }

    private static Tensor Float(string name, params int[] shape) => new() { Name = name, Type = TfliteType.FLOAT32, Shape = shape };

    private static Tensor Integer(string name) => new() { Name = name, Type = TfliteType.INT32, Shape = [1, Size] };

    private static Tensor Whole(int value) => new() { Name = $"{value}", Type = TfliteType.INT32, Shape = [], Data = BitConverter.GetBytes(value) };

    private static Tensor Constant(string name, int[] shape, float[] values) =>
        new() { Name = name, Type = TfliteType.FLOAT32, Shape = shape, Data = MemoryMarshal.AsBytes<float>(values).ToArray() };

    private static Node Node(BuiltinOperator op, TfliteOptions? options, Tensor?[] inputs, Tensor output) =>
        new() { Operator = op, Options = options, Inputs = [.. inputs], Outputs = [output], Origin = 0 };

    private static Graph Of(Tensor[] inputs, Tensor[] outputs, params Node[] nodes)
    {
        var graph = new Graph { Name = "test" };
        graph.Inputs.AddRange(inputs);
        graph.Nodes.AddRange(nodes);
        graph.Outputs.AddRange(outputs);
        return graph;
    }
}

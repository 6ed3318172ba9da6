using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;

namespace TinyAI.ModelPacker.Tests.Passes;

/// <summary>Float chains that become tables, activations that fuse, operators that go: the bytes must stay what they were.</summary>
public class IslandAndNoOpTests
{
    private static readonly sbyte[] s_all = [.. Enumerable.Range(-128, 256).Select(q => (sbyte)q)];

    [Fact]
    public void A_float_chain_between_integers_becomes_one_table_with_the_values_of_the_float_kernels()
    {
        // q -> 2 - tanh(-x) * x: two computed operands, a constant on the left, a reshape between.
        Tensor x = Int8("x", [2, 128], 0.03f, -9), o = Int8("o", [256], 0.05f, 11);
        Tensor real = Float("r", [2, 128]), negative = Float("n", [2, 128]), tanh = Float("t", [2, 128]), product = Float("p", [2, 128]);
        Tensor flat = Float("f", [256]), two = Constant(2), result = Float("s", [256]);
        Graph graph = Of([x], [o],
            Node(BuiltinOperator.DEQUANTIZE, real, x), Node(BuiltinOperator.NEG, negative, real), Node(BuiltinOperator.TANH, tanh, negative),
            Node(BuiltinOperator.MUL, product, tanh, real), Node(BuiltinOperator.RESHAPE, flat, product),
            Node(BuiltinOperator.SUB, result, two, flat), Node(BuiltinOperator.QUANTIZE, o, result));
        FoldFloatIslands.Run(graph);
        Assert.Single(graph.Nodes);
        byte[] actual = Execute(graph, SingleNode.Bytes(s_all));
        for (int i = 0; i < 256; i++)
        {
            float value = (float)((double)0.03f * (s_all[i] + 9)), folded = 2f - MathF.Tanh(-value) * value;
            int expected = Math.Clamp((int)MathF.Round(folded / 0.05f, MidpointRounding.AwayFromZero) + 11, -128, 127);
            Assert.Equal(expected, (sbyte)actual[i]);
        }
    }

    [Fact]
    public void A_float_tensor_that_something_else_reads_keeps_its_operators()
    {
        Tensor x = Int8("x", [4], 0.1f, 0), real = Float("r", [4]), negative = Float("n", [4]), o = Int8("o", [4], 0.1f, 0);
        Graph graph = Of([x], [o, real], Node(BuiltinOperator.DEQUANTIZE, real, x), Node(BuiltinOperator.NEG, negative, real), Node(BuiltinOperator.QUANTIZE, o, negative));
        FoldFloatIslands.Run(graph);
        Assert.Equal([BuiltinOperator.DEQUANTIZE, BuiltinOperator.CUSTOM], graph.Nodes.Select(n => n.Operator));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Arithmetic_that_mixes_elements_or_sources_is_left_alone(bool twoSources)
    {
        Tensor x = Int8("x", [4], 0.1f, 0), y = Int8("y", [4], 0.1f, 0), a = Float("a", [4]), b = Float("b", [4]), s = Float("s", [4]), o = Int8("o", [4], 0.1f, 0);
        Graph graph = twoSources
            ? Of([x, y], [o], Node(BuiltinOperator.DEQUANTIZE, a, x), Node(BuiltinOperator.DEQUANTIZE, b, y), Node(BuiltinOperator.ADD, s, a, b), Node(BuiltinOperator.QUANTIZE, o, s))
            : Of([x], [o], Node(BuiltinOperator.DEQUANTIZE, a, x), Node(BuiltinOperator.SOFTMAX, s, a), Node(BuiltinOperator.QUANTIZE, o, s));
        int before = graph.Nodes.Count;
        FoldFloatIslands.Run(graph);
        Assert.Equal(before, graph.Nodes.Count);
        Assert.NotEmpty(OperatorTable.Check(graph));
    }

    [Theory]
    [InlineData(BuiltinOperator.RELU)]
    [InlineData(BuiltinOperator.RELU6)]
    [InlineData(BuiltinOperator.RELU_N1_TO_1)]
    public void An_activation_right_after_an_operator_that_clamps_fuses_and_changes_no_byte(BuiltinOperator activation)
    {
        Graph Build(bool activated = true)
        {
            Tensor x = Int8("x", [256], 0.1f, -20), y = Int8("y", [256], 0.08f, 5), sum = Int8("s", [256], 0.1f, 3), o = Int8("o", [256], 0.1f, 3);
            Node add = Node(BuiltinOperator.ADD, sum, x, y);
            return activated ? Of([x, y], [o], add, Node(activation, o, sum)) : Of([x, y], [sum], add);
        }

        Graph plain = Build(), fused = Build();
        FuseActivation.Run(fused);
        Assert.Equal(2, plain.Nodes.Count);
        Assert.Single(fused.Nodes);
        byte[] x = SingleNode.Bytes(s_all), y = [.. x.Select(v => (byte)(v * 77))];
        byte[] expected = Execute(plain, x, y);
        Assert.Equal(expected, Execute(fused, x, y));
        Assert.NotEqual(expected, Execute(Build(activated: false), x, y));
    }

    [Theory]
    [InlineData(true, 0.1f)]
    [InlineData(false, 0.2f)]
    public void An_activation_stays_where_its_input_has_another_reader_or_another_scale(bool secondReader, float outScale)
    {
        Tensor x = Int8("x", [4], 0.1f, 0), sum = Int8("s", [4], 0.1f, 0), o = Int8("o", [4], outScale, 0);
        Graph graph = Of([x], secondReader ? [o, sum] : [o], Node(BuiltinOperator.ADD, sum, x, x), Node(BuiltinOperator.RELU, o, sum));
        FuseActivation.Run(graph);
        Assert.Equal(2, graph.Nodes.Count);
    }

    [Fact]
    public void Operators_that_change_no_bit_are_removed()
    {
        Tensor x = Int8("x", [1, 8, 1], 0.1f, -128), a = Int8("a", [1, 8, 1], 0.1f, -128), b = Int8("b", [1, 8, 1], 0.1f, -128);
        Tensor c = Int8("c", [1, 8, 1], 0.1f, -128), d = Int8("d", [1, 8], 0.1f, -128), o = Int8("o", [1, 8], 0.1f, -128);
        Tensor one = Int8("one", [], 0.5f, 0), nothing = Int8("nothing", [1], 0.05f, 7);
        one.Data = [2];
        nothing.Data = [7];
        Graph graph = Of([x], [o],
            Node(BuiltinOperator.RELU, a, x), Node(BuiltinOperator.MUL, b, a, one), Node(BuiltinOperator.ADD, c, nothing, b),
            Node(BuiltinOperator.MEAN, d, c, SingleNode.Int32("axes", 2)), Node(BuiltinOperator.QUANTIZE, o, d));
        RemoveNoOps.Run(graph);
        Assert.Equal(BuiltinOperator.RESHAPE, Assert.Single(graph.Nodes).Operator);
        Assert.Equal([x], graph.Nodes[0].Inputs);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 128], Execute(graph, [1, 2, 3, 4, 5, 6, 7, 128]));
    }

    [Theory]
    [InlineData(BuiltinOperator.RELU, 0)]
    [InlineData(BuiltinOperator.QUANTIZE, -127)]
    public void Operators_that_change_something_stay(BuiltinOperator op, int outZero)
    {
        Tensor x = Int8("x", [4], 0.1f, outZero == 0 ? 0 : -128), o = Int8("o", [4], 0.1f, outZero);
        Graph graph = Of([x], [o], Node(op, o, x));
        RemoveNoOps.Run(graph);
        Assert.Single(graph.Nodes);
    }

    private static byte[] Execute(Graph graph, params byte[][] inputs)
    {
        Assert.Empty(OperatorTable.Check(graph));
        return new ModelRunner(Packer.Pack(Lowering.Run(graph), new Metadata(), int.MaxValue).Pack).Run(inputs)[0];
    }

    private static Graph Of(IEnumerable<Tensor> inputs, IEnumerable<Tensor> outputs, params Node[] nodes)
    {
        var graph = new Graph { Name = "passes" };
        graph.Inputs.AddRange(inputs);
        graph.Outputs.AddRange(outputs);
        graph.Nodes.AddRange(nodes);
        return graph;
    }

    private static Node Node(BuiltinOperator op, Tensor output, params Tensor?[] inputs) => SingleNode.Node(op, null, [.. inputs], output);

    private static Tensor Int8(string name, int[] shape, float scale, int zero) => SingleNode.Activation(name, shape, scale, zero);

    private static Tensor Float(string name, int[] shape) => new() { Name = name, Type = TfliteType.FLOAT32, Shape = shape };

    private static Tensor Constant(float value) => new() { Name = "constant", Type = TfliteType.FLOAT32, Shape = [], Data = BitConverter.GetBytes(value) };
}

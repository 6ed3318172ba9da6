using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Reference;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>BATCH_MATMUL, and FULLY_CONNECTED with computed weights, against the definition.</summary>
public class MatrixProductTests
{
    private const float ScaleA = 0.031f, ScaleB = 0.017f;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_product_with_broadcasting_and_transposition_equals_the_definition(int seed)
    {
        var random = new Random(seed);
        Case c = Case.Make(random);
        foreach (ModelRunner runner in SingleNode.Runners(c.Node))
        {
            for (int run = 0; run < 3; run++)
            {
                sbyte[] a = SingleNode.Values(random, c.A.Count), b = SingleNode.Values(random, c.B.Count);
                Assert.Equal(c.Expected(a, b), SingleNode.Signed(runner.Run([SingleNode.Bytes(a), SingleNode.Bytes(b)])[0]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_constant_operand_equals_the_definition_whatever_kernel_it_becomes(int seed)
    {
        var random = new Random(seed);
        Case c = Case.Make(random, zeroB: seed % 2 == 0 ? 0 : 3);
        sbyte[] b = SingleNode.Values(random, c.B.Count);
        c.B.Data = SingleNode.Bytes(b);
        foreach (ModelRunner runner in SingleNode.Runners(c.Node))
        {
            sbyte[] a = SingleNode.Values(random, c.A.Count);
            Assert.Equal(c.Expected(a, b), SingleNode.Signed(runner.Run([SingleNode.Bytes(a)])[0]));
        }
    }

    [Fact]
    public void A_constant_matrix_stays_in_the_pack()
    {
        Tensor b = SingleNode.Weights("b", [6, 4], new sbyte[24], ScaleB);
        Node node = SingleNode.Node(
            BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(), [SingleNode.Activation("a", [2, 3, 6], ScaleA, 1), b],
            SingleNode.Activation("y", [2, 3, 4], 0.1f, 0));
        Layer layer = Assert.Single(SingleNode.Lower(node).Layers);
        Assert.Equal(PackFormat.KindFullyConnected, layer.Kind);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Parts_of_rows_give_the_same_as_the_whole(int seed)
    {
        var random = new Random(seed);
        Case c = Case.Make(random);
        Layer layer = SingleNode.Lower(c.Node).Layers[0];
        sbyte[] a = SingleNode.Values(random, c.A.Count), b = SingleNode.Values(random, c.B.Count), y = new sbyte[c.Node.Output.Count + 2];
        foreach ((int from, int to) in SingleNode.Cuts(random, layer.Rows))
            BatchMatMul.Run(layer.Parameters, [5, .. a], 1, [6, 7, 8, .. b], 3, y, 2, from, to);
        Assert.Equal(c.Expected(a, b), y[2..]);
    }

    [Theory]
    [InlineData(TfliteActivation.NONE, 0)]
    [InlineData(TfliteActivation.RELU, -7)]
    public void A_fully_connected_layer_takes_computed_weights(TfliteActivation activation, int zeroB)
    {
        var random = new Random(3);
        Tensor a = SingleNode.Activation("a", [1, 5, 8], ScaleA, -3), b = SingleNode.Activation("b", [6, 8], ScaleB, zeroB);
        Node node = SingleNode.Node(
            BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptions(activation), [a, b, null], SingleNode.Activation("y", [1, 5, 6], 0.09f, -20));
        ModelRunner runner = SingleNode.Runners(node)[1];
        for (int run = 0; run < 10; run++)
        {
            sbyte[] x = SingleNode.Values(random, a.Count), w = SingleNode.Values(random, b.Count);
            sbyte[] expected = MatrixReference.BatchMatMul(
                x, [5, 8], false, -3, w, [6, 8], true, zeroB, (double)(float)(ScaleA * ScaleB) / 0.09f, [5, 6], -20);
            if (activation == TfliteActivation.RELU) expected = [.. expected.Select(v => Math.Max(v, (sbyte)-20))];
            Assert.Equal(expected, SingleNode.Signed(runner.Run([SingleNode.Bytes(x), SingleNode.Bytes(w)])[0]));
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        string Refusal(int[] a, int[] b, int[] y, BatchMatMulOptions? options = null) => SingleNode.Refusal(SingleNode.Node(
            BuiltinOperator.BATCH_MATMUL, options,
            [SingleNode.Activation("a", a, ScaleA, 0), SingleNode.Activation("b", b, ScaleB, 0)], SingleNode.Activation("y", y, 1, 0)));
        Assert.Contains("do not fit", Refusal([2, 3], [2, 3], [2, 3]));
        Assert.Contains("cannot be broadcast", Refusal([2, 2, 3], [3, 3, 4], [3, 2, 4]));
        Assert.Contains("not matrices", Refusal([3], [3, 4], [4]));
        Assert.Contains("has shape", Refusal([2, 3], [3, 4], [2, 5]));
        Assert.Contains("has shape", Refusal([2, 3], [3, 4], [1, 2, 4]));
        Assert.Contains("only one of both", SingleNode.Refusal(SingleNode.Node(
            BuiltinOperator.FULLY_CONNECTED, null,
            [SingleNode.Activation("a", [2, 3], ScaleA, 0), SingleNode.Activation("b", [4, 3], ScaleB, 0), SingleNode.Int32("c", new int[4])],
            SingleNode.Activation("y", [2, 4], 1, 0))));
    }

    private sealed record Case(Node Node, Tensor A, Tensor B, int[] ShapeA, int[] ShapeB, int[] ShapeOut, bool AdjX, bool AdjY, float Scale)
    {
        public static Case Make(Random random, int? zeroB = null)
        {
            int batches = random.Next(0, 4), rows = random.Next(1, 6), depth = random.Next(1, 9), columns = random.Next(1, 6);
            bool adjX = random.Next(2) == 0, adjY = random.Next(2) == 0;
            int[] sizes = [.. Enumerable.Range(0, batches).Select(_ => random.Next(1, 4))];
            int[] Cast() => [.. sizes.Select(s => random.Next(3) == 0 ? 1 : s)];
            int[] batchA = Cast(), batchB = Cast();
            int[] shapeA = [.. batchA, .. adjX ? new[] { depth, rows } : [rows, depth]];
            int[] shapeB = [.. batchB, .. adjY ? new[] { columns, depth } : [depth, columns]];
            int[] shapeOut = [.. batchA.Zip(batchB, Math.Max), rows, columns];
            // Leading ones may be left out of one shape.
            int cut = 0;
            while (cut < batches && batchB[cut] == 1 && random.Next(2) == 0) cut++;
            float scale = (float)(0.01 + 0.2 * random.NextDouble());
            Tensor a = SingleNode.Activation("a", shapeA, ScaleA, random.Next(3) == 0 ? 0 : random.Next(-128, 128));
            Tensor b = SingleNode.Activation("b", shapeB[cut..], ScaleB, zeroB ?? (random.Next(3) == 0 ? 0 : random.Next(-128, 128)));
            Node node = SingleNode.Node(
                BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(adjX, adjY), [a, b],
                SingleNode.Activation("y", shapeOut, scale, random.Next(-128, 128)));
            return new Case(node, a, b, shapeA, shapeB, shapeOut, adjX, adjY, scale);
        }

        public sbyte[] Expected(sbyte[] a, sbyte[] b) => MatrixReference.BatchMatMul(
            a, ShapeA, AdjX, A.ZeroPoint, b, ShapeB, AdjY, B.ZeroPoint, (double)(float)(ScaleA * ScaleB) / Scale, ShapeOut, Node.Output.ZeroPoint);
    }
}

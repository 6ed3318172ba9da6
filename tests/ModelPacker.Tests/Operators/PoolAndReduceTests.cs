using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Reference;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Pooling and reductions against their literal reference.</summary>
public class PoolAndReduceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pooling_gives_the_bytes_of_its_definition(bool average)
    {
        var random = new Random(average ? 1 : 2);
        for (int round = 0; round < 200; round++)
        {
            int[] shape = [random.Next(1, 3), random.Next(1, 9), random.Next(1, 9), random.Next(1, 5)];
            bool same = random.Next(2) == 0;
            int kernelH = random.Next(1, same ? 6 : shape[1] + 1), kernelW = random.Next(1, same ? 6 : shape[2] + 1);
            (int strideH, int strideW) = (random.Next(1, 5), random.Next(1, 5));
            Q q = ElementwiseTests.RandomQ(random);
            var activation = (TfliteActivation)random.Next(4);
            int At(float real) => Math.Clamp(q.Zero + (int)MathF.Round(real / q.Scale, MidpointRounding.AwayFromZero), -128, 127);
            (int min, int max) = activation switch
            {
                TfliteActivation.RELU => (At(0), 127), TfliteActivation.RELU6 => (At(0), At(6)), TfliteActivation.RELU_N1_TO_1 => (At(-1), At(1)), _ => (-128, 127),
            };
            sbyte[] x = Values(random, shape.Aggregate(1, (a, b) => a * b));
            sbyte[] expected = ReductionReference.Pool(x, shape, average, kernelH, kernelW, strideH, strideW, same, min, max, out int[] outShape);
            Node node = Node(
                average ? BuiltinOperator.AVERAGE_POOL_2D : BuiltinOperator.MAX_POOL_2D,
                new Pool2DOptions(same ? TflitePadding.SAME : TflitePadding.VALID, strideW, strideH, kernelW, kernelH, activation),
                [Activation("x", shape, q.Scale, q.Zero)], Activation("o", outShape, q.Scale, q.Zero));
            Assert.Equal(expected, Signed(KernelPieces.Run(node, random, Bytes(x))));
        }
    }

    [Theory]
    [InlineData("MEAN")]
    [InlineData("SUM")]
    [InlineData("REDUCE_MAX")]
    [InlineData("REDUCE_MIN")]
    public void A_reduction_over_any_dimensions_gives_the_bytes_of_its_definition(string name)
    {
        var op = Enum.Parse<BuiltinOperator>(name);
        var random = new Random(name.Length);
        for (int round = 0; round < 200; round++)
        {
            int[] shape = [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => random.Next(1, 6))];
            bool[] reduced = [.. shape.Select(_ => random.Next(2) == 0)];
            int[] axes = [.. Enumerable.Range(0, shape.Length).Where(d => reduced[d]).Select(d => random.Next(2) == 0 ? d : d - shape.Length)];
            if (axes.Length > 0 && random.Next(4) == 0) axes = [.. axes, axes[0]];
            bool keep = random.Next(2) == 0;
            int[] outShape = [.. shape.Select((size, d) => (size, d)).Where(s => keep || !reduced[s.d]).Select(s => reduced[s.d] ? 1 : s.size)];
            Q input = ElementwiseTests.RandomQ(random), output = op is BuiltinOperator.MEAN or BuiltinOperator.SUM ? ElementwiseTests.RandomQ(random) : input;
            sbyte[] x = Values(random, shape.Aggregate(1, (a, b) => a * b));
            sbyte[] expected = op switch
            {
                BuiltinOperator.REDUCE_MAX => ReductionReference.Reduce(x, shape, reduced, Math.Max, -128, (a, _) => a),
                BuiltinOperator.REDUCE_MIN => ReductionReference.Reduce(x, shape, reduced, Math.Min, 127, (a, _) => a),
                _ => ReductionReference.Reduce(
                    x, shape, reduced, (a, b) => a + b, 0, (a, n) => ReductionReference.FinishMean(a, n, input, output, op == BuiltinOperator.MEAN)),
            };
            Node node = Node(
                op, new ReducerOptions(keep), [Activation("x", shape, input.Scale, input.Zero), Int32("axes", axes)],
                Activation("o", outShape, output.Scale, output.Zero));
            Assert.Equal(expected, Signed(KernelPieces.Run(node, random, Bytes(x))));
        }
    }

    [Fact]
    public void Pooling_between_different_scales_is_refused_in_words()
    {
        Node node = Node(BuiltinOperator.MAX_POOL_2D, new Pool2DOptions(), [Activation("x", [1, 2, 2, 1], 1, 0)], Activation("o", [1, 2, 2, 1], 2, 0));
        Assert.Contains("pooling does not rescale", Refusal(node));
    }

    [Fact]
    public void A_reduction_over_a_dimension_that_is_not_there_is_refused_in_words()
    {
        Node node = Node(BuiltinOperator.MEAN, null, [Activation("x", [2, 2], 1, 0), Int32("axes", 2)], Activation("o", [2], 1, 0));
        Assert.Contains("reduces dimensions [2]", Refusal(node));
    }
}

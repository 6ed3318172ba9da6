using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Reference;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>L2_NORMALIZATION against the literal form.</summary>
public class L2NormaliseTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 20)];

    [Fact]
    public void The_inverse_root_equals_the_reference_for_small_large_and_random_sums()
    {
        var random = new Random(1);
        int[] values = [.. Enumerable.Range(0, 70000), int.MaxValue, (1 << 29) - 1, 1 << 29, (1 << 27) - 1, 1 << 27, .. Enumerable.Range(0, 20000).Select(_ => random.Next() >> random.Next(31))];
        foreach (int value in values)
        {
            (int multiplier, int shift) = MatrixReference.InverseRoot(value);
            int right = L2Normalise.InverseRootShift(value);
            Assert.Equal(multiplier, L2Normalise.InverseRoot(value, right));
            Assert.Equal(shift, -Math.Max(right, 0));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rows_equal_the_reference(int seed)
    {
        var random = new Random(seed);
        int depth = seed == 0 ? 32768 : random.Next(1, 40), zero = random.Next(-128, 128);
        Node node = SingleNode.Node(
            BuiltinOperator.L2_NORMALIZATION, null, [SingleNode.Activation("x", [2, 3, depth], 0.1f, zero)],
            SingleNode.Activation("y", [2, 3, depth], 1f / 128, 0));
        foreach (ModelRunner runner in SingleNode.Runners(node))
        {
            sbyte[] x = SingleNode.Values(random, 6 * depth);
            if (seed % 3 == 0) Array.Fill(x, (sbyte)zero, 0, depth);
            Assert.Equal(MatrixReference.L2Normalise(x, zero, depth), SingleNode.Signed(runner.Run([SingleNode.Bytes(x)])[0]));
        }
    }

    [Fact]
    public void Parts_of_rows_can_be_computed_in_place()
    {
        sbyte[] x = SingleNode.Values(new Random(8), 50), expected = MatrixReference.L2Normalise(x, 4, 10);
        foreach ((int from, int to) in SingleNode.Cuts(new Random(8), 5)) L2Normalise.Run([10, 4], x, 0, x, 0, from, to);
        Assert.Equal(expected, x);
    }

    [Fact]
    public void Other_output_scales_and_fused_activations_are_refused()
    {
        Node Of(float scale, int zero, TfliteOptions? options) => SingleNode.Node(
            BuiltinOperator.L2_NORMALIZATION, options, [SingleNode.Activation("x", [2, 3], 0.1f, 0)], SingleNode.Activation("y", [2, 3], scale, zero));
        Assert.Contains("1/128 and 0 are needed", SingleNode.Refusal(Of(0.01f, 0, null)));
        Assert.Contains("1/128 and 0 are needed", SingleNode.Refusal(Of(1f / 128, 1, null)));
        Assert.Contains("RELU is not supported", SingleNode.Refusal(Of(1f / 128, 0, new L2NormOptions(TfliteActivation.RELU))));
    }
}

using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Tests.Reference;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Masked softmax is the literal softmax of what is visible; long rows are compared with real numbers.</summary>
public class CausalSoftmaxTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 5, 5)]
    [InlineData(3, 4, 9)]
    [InlineData(2, 33, 150)]
    public void The_visible_keys_get_the_bytes_of_the_literal_softmax_and_the_others_nothing(int heads, int queries, int keys)
    {
        var random = new Random(heads * queries * keys);
        for (int round = 0; round < 30; round++)
        {
            float scale = (float)Math.Pow(2, random.NextDouble() * 10 - 9), beta = (float)(random.NextDouble() + 0.2);
            int offset = random.Next(-2, keys);
            int[] shape = [2, heads, queries, keys];
            int[][] masks = [[keys], [2, 1, 1, keys], [queries, keys], [2, heads, queries, keys]];
            Tensor? mask = round % 3 == 0 ? null : new Tensor { Name = "m", Type = TfliteType.BOOL, Shape = masks[random.Next(4)] };
            bool given = round % 2 == 0;
            Node node = BlockNode.Of(
                new CausalSoftmaxOptions(beta, given ? 0 : offset), [Activation("x", shape, scale, random.Next(-128, 128)), given ? BlockNode.Ids("p", 1) : null, mask],
                Activation("y", shape, 1f / 256, -128));
            sbyte[] x = Values(random, node.Input().Count);
            byte[] sees = [.. Enumerable.Range(0, mask?.Count ?? 0).Select(_ => (byte)random.Next(2))];
            byte[][] inputs = [Bytes(x), .. given ? [BlockNode.Words(offset)] : Array.Empty<byte[]>(), .. mask is null ? Array.Empty<byte[]>() : [sees]];
            Assert.Equal(Expected(x, shape, scale, beta, offset, mask?.Shape, sees), Signed(BlockNode.Run(node, inputs)));
        }
    }

    [Fact]
    public void A_mask_that_was_float_hides_the_keys_at_its_zero_point()
    {
        Node node = BlockNode.Of(
            new CausalSoftmaxOptions(Offset: 4), [Activation("x", [1, 4], 0.1f, 0), null, Activation("m", [4], 1f / 255, -128)], Activation("y", [1, 4], 1f / 256, -128));
        Assert.Equal<sbyte>([0, -128, -128, 0], Signed(BlockNode.Run(node, [5, 99, 5, 5], Bytes([127, -128, -128, 127]))));
    }

    [Theory]
    [InlineData(1f / 255, -128, 127)]
    [InlineData(1f, 5, 6)]
    public void A_mask_that_names_what_is_hidden_hides_the_keys_at_its_one(float scale, int zero, int one)
    {
        Node node = BlockNode.Of(
            new CausalSoftmaxOptions(Offset: 4, Hides: true), [Activation("x", [1, 4], 0.1f, 0), null, Activation("m", [4], scale, zero)], Activation("y", [1, 4], 1f / 256, -128));
        Assert.Equal<sbyte>([-128, 0, 0, -128], Signed(BlockNode.Run(node, [5, 99, 99, 5], Bytes([(sbyte)one, (sbyte)zero, (sbyte)zero, (sbyte)one]))));
    }

    [Fact]
    public void Rows_of_keys_that_all_are_masked_get_no_weight()
    {
        Node node = BlockNode.Of(
            new CausalSoftmaxOptions(), [Activation("x", [3, 4], 0.1f, 0), null, new Tensor { Name = "m", Type = TfliteType.INT8, Shape = [4] }],
            Activation("y", [3, 4], 1f / 256, -128));
        Assert.All(Signed(BlockNode.Run(node, new byte[12], new byte[4])), v => Assert.Equal(-128, v));
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(5000)]
    [InlineData(70000)]
    public void Rows_that_the_plain_softmax_cannot_sum_come_within_a_step_of_real_numbers(int keys)
    {
        var random = new Random(keys);
        for (int round = 0; round < 4; round++)
        {
            float scale = round == 0 ? 0.001f : 0.15f;
            Node node = Node(BuiltinOperator.SOFTMAX, null, [Activation("x", [1, keys], scale, 0)], Activation("y", [1, keys], 1f / 256, -128));
            sbyte[] x = round == 1 ? [.. Enumerable.Repeat((sbyte)127, keys)] : [.. Enumerable.Range(0, keys).Select(_ => (sbyte)random.Next(-128, 20))];
            if (round == 2) x[keys / 2] = 127;
            sbyte[] actual = Signed(BlockNode.Run(node, Bytes(x)));
            double max = x.Max(), sum = x.Sum(v => Math.Exp(scale * (v - max)));
            for (int i = 0; i < keys; i++)
            {
                double real = Math.Min(256 * Math.Exp(scale * (x[i] - max)) / sum - 128, 127);
                Assert.True(Math.Abs(real - actual[i]) < 0.6, $"{i}: {actual[i]} for {real}");
            }
        }
    }

    [Fact]
    public void Parts_of_rows_can_be_computed_in_place()
    {
        var random = new Random(4);
        Node node = BlockNode.Of(new CausalSoftmaxOptions(Offset: 1), [Activation("x", [2, 6, 8], 0.05f, 0)], Activation("y", [2, 6, 8], 1f / 256, -128));
        Layer layer = SingleNode.Lower(node).Layers[0];
        sbyte[] x = Values(random, 96), expected = Signed(BlockNode.Run(node, Bytes(x)));
        foreach ((int from, int to) in Cuts(random, 12)) CausalSoftmax.Run(layer.Parameters, x, 0, null, 0, x, 0, null, 0, layer.Weights, 0, from, to);
        Assert.Equal(expected, x);
    }

    [Fact]
    public void What_cannot_run_is_refused_in_words()
    {
        Node Of(Tensor? first, Tensor? mask) => BlockNode.Of(
            new CausalSoftmaxOptions(), [Activation("x", [2, 3, 4], 0.1f, 0), first, mask], Activation("y", [2, 3, 4], 1f / 256, -128));
        Assert.Contains("one int32", Refusal(Of(BlockNode.Ids("p", 2), null)));
        Assert.Contains("does not spread", Refusal(Of(null, new Tensor { Name = "m", Type = TfliteType.BOOL, Shape = [3, 5] })));
        Assert.Contains("bool or int8", Refusal(Of(null, BlockNode.Ids("m", 4))));
    }

    private static sbyte[] Expected(sbyte[] x, int[] shape, float scale, float beta, int offset, int[]? mask, byte[] sees)
    {
        int keys = shape[^1];
        var result = new sbyte[x.Length];
        Array.Fill(result, (sbyte)-128);
        for (int row = 0; row < x.Length / keys; row++)
        {
            int[] index = [row / shape[2] / shape[1], row / shape[2] % shape[1], row % shape[2]];
            bool Visible(int k)
            {
                if (k > index[2] + offset) return false;
                if (mask is null) return true;
                int at = 0;
                for (int d = 0; d < mask.Length - 1; d++)
                {
                    int full = index[d + 4 - mask.Length];
                    at = at * mask[d] + (mask[d] == 1 ? 0 : full);
                }

                return sees[at * keys + k] != 0;
            }

            int[] visible = [.. Enumerable.Range(0, keys).Where(Visible)];
            if (visible.Length == 0) continue;
            int[] shares = ReductionReference.Softmax([.. visible.Select(k => x[row * keys + k])], visible.Length, scale, beta, 8);
            for (int i = 0; i < visible.Length; i++) result[row * keys + visible[i]] = (sbyte)shares[i];
        }

        return result;
    }
}

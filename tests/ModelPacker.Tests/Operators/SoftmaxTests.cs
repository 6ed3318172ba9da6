using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Reference;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Softmax, plain and with the table of exponentials, against its literal reference.</summary>
public class SoftmaxTests
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 5)]
    [InlineData(4, 137)]
    [InlineData(2, 500)]
    public void Softmax_gives_the_bytes_of_its_definition(int rows, int length)
    {
        var random = new Random(rows * length);
        for (int round = 0; round < 60; round++)
        {
            float scale = (float)Math.Pow(2, random.NextDouble() * 14 - 12), beta = random.Next(2) == 0 ? 1 : (float)(random.NextDouble() + 0.2);
            bool wide = round % 3 == 0;
            Tensor output = wide
                ? Activation("o", [rows, length], 1f / 65536, -32768, TfliteType.INT16) : Activation("o", [rows, length], 1f / 256, -128);
            Node node = Node(BuiltinOperator.SOFTMAX, new SoftmaxOptions(beta), [Activation("x", [rows, length], scale, random.Next(-128, 128))], output);
            sbyte[] x = round % 5 == 0 ? [.. Enumerable.Repeat((sbyte)-128, rows * length)] : Values(random, rows * length);
            int[] expected = ReductionReference.Softmax(x, length, scale, beta, wide ? 16 : 8);
            byte[] actual = KernelPieces.Run(node, random, Bytes(x));
            int[] values = wide
                ? [.. Enumerable.Range(0, rows * length).Select(i => (int)BitConverter.ToInt16(actual, 2 * i))] : [.. actual.Select(v => (int)(sbyte)v)];
            Assert.Equal(expected, values);
        }
    }

    [Fact]
    public void The_table_form_gives_the_bytes_of_the_plain_form()
    {
        var random = new Random(77);
        int tables = 0;
        for (int round = 0; round < 100; round++)
        {
            int length = random.Next(1, 4096), rows = Math.Max(1, 600 / length);
            Node node = Node(
                BuiltinOperator.SOFTMAX, null, [Activation("x", [rows, length], (float)Math.Pow(2, random.NextDouble() * 12 - 9), 0)],
                Activation("o", [rows, length], 1f / 256, -128));
            var layer = SingleNode.Lower(node).Layers[0];
            if (layer.Weights.Length == 0) continue;
            tables++;
            sbyte[] x = Values(random, rows * length), plain = new sbyte[x.Length], table = new sbyte[x.Length];
            Softmax.Run(layer.Parameters, x, 0, plain, 0, 0, rows);
            Softmax.RunTable(layer.Parameters, x, 0, table, 0, layer.Weights, 0, 0, rows);
            Assert.Equal(plain, table);
        }

        Assert.True(tables > 50);
    }

    [Fact]
    public void A_wrong_output_scale_and_a_row_that_is_too_long_are_refused_in_words()
    {
        Assert.Contains("scale 1/256", Refusal(Node(BuiltinOperator.SOFTMAX, null, [Activation("x", [4], 1, 0)], Activation("o", [4], 0.01f, -128))));
        Assert.Contains("1048576", Refusal(Node(BuiltinOperator.SOFTMAX, null, [Activation("x", [2000000], 1, 0)], Activation("o", [2000000], 1f / 256, -128))));
        Tensor wide = Activation("o", [4096], 1f / 65536, -32768, TfliteType.INT16);
        Assert.Contains("4095", Refusal(Node(BuiltinOperator.SOFTMAX, null, [Activation("x", [4096], 1, 0)], wide)));
    }
}

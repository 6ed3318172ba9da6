using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Tests.Reference;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Rotary positions against the literal sum of products, and against real numbers.</summary>
public class RotaryTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void A_pair_is_turned_by_the_angle_of_its_position(bool interleaved, bool given)
    {
        var random = new Random(interleaved ? 1 : 2);
        for (int round = 0; round < 30; round++)
        {
            int heads = random.Next(1, 4), steps = random.Next(1, 6), pairs = random.Next(1, 9), rows = steps + random.Next(4);
            float scale = (float)Math.Pow(2, random.NextDouble() * 4 - 6), outScale = scale * (float)Math.Pow(2, random.NextDouble() * 2 - 1);
            int zero = random.Next(-128, 128), outZero = random.Next(-128, 128), position = given ? random.Next(-2, rows + 2) : 0;
            double[] angles = [.. Enumerable.Range(0, rows * pairs).Select(_ => random.NextDouble() * 7)];
            int[] shape = [2, heads, steps, 2 * pairs];
            Node node = BlockNode.Of(
                new RotaryOptions(interleaved),
                [
                    Activation("x", shape, scale, zero), BlockNode.Reals("c", [rows, pairs], angles.Select(Math.Cos)), BlockNode.Reals("s", [rows, pairs], angles.Select(Math.Sin)),
                    given ? BlockNode.Ids("p", 1) : null,
                ],
                Activation("y", shape, outScale, outZero));
            sbyte[] x = Values(random, node.Input().Count);
            sbyte[] actual = Signed(BlockNode.Run(node, given ? [Bytes(x), BlockNode.Words(position)] : [Bytes(x)]));
            var requantise = LiteralFixedPoint.QuantizeMultiplier((double)scale / outScale / 16384);
            for (int i = 0; i < x.Length; i += 2)
            {
                int row = i / (2 * pairs), pair = i % (2 * pairs) / 2, angle = Math.Clamp(position + row % steps, 0, rows - 1) * pairs + pair;
                int a = row * 2 * pairs + (interleaved ? 2 * pair : pair), b = a + (interleaved ? 1 : pairs);
                int cos = (int)Math.Round((float)Math.Cos(angles[angle]) * 16384.0), sin = (int)Math.Round((float)Math.Sin(angles[angle]) * 16384.0);
                int first = (x[a] - zero) * cos - (x[b] - zero) * sin, second = (x[a] - zero) * sin + (x[b] - zero) * cos;
                Assert.Equal(LiteralFixedPoint.Clamp8(LiteralFixedPoint.Mbqm(first, requantise) + outZero), actual[a]);
                Assert.Equal(LiteralFixedPoint.Clamp8(LiteralFixedPoint.Mbqm(second, requantise) + outZero), actual[b]);
                double real = scale * ((x[a] - zero) * Math.Cos(angles[angle]) - (x[b] - zero) * Math.Sin(angles[angle])) / outScale + outZero;
                Assert.True(Math.Abs(Math.Clamp(real, -128, 127) - actual[a]) < 0.55, $"{actual[a]} for {real}");
            }
        }
    }

    [Fact]
    public void What_cannot_run_is_refused_in_words()
    {
        Tensor X() => Activation("x", [3, 4], 0.1f, 0);
        Node Of(Tensor table, Tensor? position = null) => BlockNode.Of(new RotaryOptions(true), [X(), table, table, position], X());
        Assert.Contains("fewer positions", Refusal(Of(BlockNode.Reals("c", [2, 2], [1, 1, 1, 1]))));
        Assert.Contains("beyond 1", Refusal(Of(BlockNode.Reals("c", [3, 2], [1, 1, 1, 1, 1, 2]))));
        Assert.Contains("one int32", Refusal(Of(BlockNode.Reals("c", [3, 2], new double[6]), BlockNode.Ids("p", 2))));
    }
}

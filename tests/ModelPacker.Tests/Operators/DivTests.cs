using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>DIV against the literal form of TFLite reference div.h, for every pair of values.</summary>
public class DivTests
{
    [Theory]
    [InlineData(0.05f, 3, 0.02f, -7, 0.1f, 5, TfliteActivation.NONE)]
    [InlineData(0.004f, -128, 0.004f, -128, 0.0039f, -128, TfliteActivation.RELU6)]
    [InlineData(0.9f, 127, 0.001f, 127, 0.7f, 0, TfliteActivation.NONE)]
    public void Every_pair_of_values_gives_the_reference_quotient(float s1, int z1, float s2, int z2, float so, int zo, TfliteActivation activation)
    {
        Node node = SingleNode.Node(
            BuiltinOperator.DIV, new DivOptions(activation),
            [SingleNode.Activation("a", [256, 1], s1, z1), SingleNode.Activation("b", [1, 256], s2, z2)], SingleNode.Activation("y", [256, 256], so, zo));
        sbyte[] all = [.. Enumerable.Range(-128, 256).Select(v => (sbyte)v)];
        int min = activation == TfliteActivation.RELU6 ? zo : -128;
        int max = activation == TfliteActivation.RELU6 ? (int)Math.Min(127, zo + MathF.Round(6 / so)) : 127;
        var multiplier = QuantizeMultiplier((double)(float)(s1 / (float)(s2 * so)));
        foreach (ModelRunner runner in SingleNode.Runners(node))
        {
            sbyte[] y = SingleNode.Signed(runner.Run([SingleNode.Bytes(all), SingleNode.Bytes(all)])[0]);
            for (int i = 0; i < y.Length; i++)
            {
                int v1 = all[i / 256] - z1, v2 = all[i % 256] - z2;
                int expected = v2 == 0 ? (v1 > 0 ? max : v1 < 0 ? min : Math.Clamp(zo, min, max)) : Math.Clamp(zo + Quotient(v1, v2, multiplier), min, max);
                Assert.True(expected == y[i], $"{v1} / {v2}: {y[i]} instead of {expected}");
            }
        }
    }

    [Fact]
    public void A_constant_divisor_with_zeros_is_refused()
    {
        Tensor b = SingleNode.Weights("b", [2], [5, 0], 0.1f);
        Node node = SingleNode.Node(BuiltinOperator.DIV, null, [SingleNode.Activation("a", [2], 0.1f, 0), b], SingleNode.Activation("y", [2], 0.1f, 0));
        Assert.Contains("divides by b", SingleNode.Refusal(node));
    }

    private static int Quotient(int v1, int v2, (int Multiplier, int Shift) m)
    {
        if (v1 == 0) return 0;
        if (v2 < 0) (v1, v2) = (-v1, -v2);
        int headroomPlusOne = System.Numerics.BitOperations.LeadingZeroCount((uint)v2), over = 31 - headroomPlusOne;
        int inverse = OneOverOnePlus((int)(((uint)v2 << headroomPlusOne) - (1u << 31)));
        int headroom = System.Numerics.BitOperations.LeadingZeroCount((uint)(v1 < 0 ? ~v1 : v1)) - 1;
        int unscaled = Srdhm(v1 * (1 << headroom), inverse);
        int right = headroom + over - m.Shift;
        return right > 31 ? 0 : Rdbpot(Srdhm(unscaled, m.Multiplier), right);
    }

    /// <summary>gemmlowp one_over_one_plus_x_for_x_in_0_1.</summary>
    private static int OneOverOnePlus(int a)
    {
        long sum = (long)a + int.MaxValue;
        int half = (int)((sum + (sum >= 0 ? 1 : -1)) / 2), x = 1515870810 + Srdhm(half, -1010580540);
        for (int i = 0; i < 3; i++) x += Satshl(Srdhm(x, (1 << 29) - Srdhm(half, x)), 2);
        return Satshl(x, 1);
    }
}

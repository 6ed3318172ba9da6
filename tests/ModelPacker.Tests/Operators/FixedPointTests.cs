using TinyAI.Kernels;
using TinyAI.ModelPacker.Tests.Reference;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>The exponential and the quotients, which are written without calls, against gemmlowp's definitions.</summary>
public class FixedPointTests
{
    [Fact]
    public void The_exponential_gives_the_bits_of_its_definition()
    {
        var random = new Random(31);
        int[] special = [0, -1, -2, int.MinValue, int.MinValue + 1, -(1 << 24), -(1 << 24) - 1, -(1 << 24) + 1, -(1 << 29)];
        for (int i = 0; i < 2_000_000; i++)
        {
            int a = i < special.Length ? special[i] : i % 5 == 0 ? -(random.Next(1, 128) << random.Next(25)) + random.Next(-1, 1) : random.Next(int.MinValue, 1);
            int bits = 3 + i % 3;
            Assert.True(FixedPoint.ExpOnNegative(a, bits) == LiteralExponential.ExpOnNegativeValues(a, bits), $"{a} with {bits} integer bits");
        }
    }

    [Fact]
    public void The_quotients_give_the_bits_of_their_definitions()
    {
        var random = new Random(32);
        for (int i = 0; i < 500_000; i++)
        {
            int a = i < 40 ? i : i < 80 ? int.MaxValue - (i - 40) : random.Next();
            Assert.True(FixedPoint.OneOverOnePlus(a) == LiteralExponential.OneOverOnePlusX(a), $"1 / (1 + {a})");
            Assert.True(FixedPoint.OneMinusOverOnePlus(a) == LiteralExponential.OneMinusXOverOnePlusX(a), $"(1 - {a}) / (1 + {a})");
        }
    }
}

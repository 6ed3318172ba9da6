using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Reference;

/// <summary>gemmlowp's exponential and quotients as fixedpoint.h defines them, the bits one by one.</summary>
internal static class LiteralExponential
{
    private static readonly (int Exponent, int Value)[] s_factors =
        [(-2, 1672461947), (-1, 1302514674), (0, 790015084), (1, 290630308), (2, 39332535), (3, 720401), (4, 242)];

    public static int ExpOnNegativeValues(int a, int integerBits)
    {
        int fractionBits = 31 - integerBits, quarter = 1 << (fractionBits - 2), mask = quarter - 1;
        int modulo = (a & mask) - quarter;
        int x = unchecked(modulo * (1 << integerBits)) + (1 << 28);
        int x2 = Srdhm(x, x), x3 = Srdhm(x2, x), x4 = Srdhm(x2, x2);
        int quartic = Rdbpot(Srdhm(Rdbpot(x4, 2) + x3, 715827883) + x2, 1);
        int result = 1895147668 + Srdhm(1895147668, x + quartic);
        foreach ((int exponent, int value) in s_factors)
        {
            if (integerBits > exponent && ((modulo - a) & (1 << (fractionBits + exponent))) != 0) result = Srdhm(result, value);
        }

        return a == 0 ? int.MaxValue : result;
    }

    public static int OneOverOnePlusX(int a) => Satshl(Newton(a), 1);

    public static int OneMinusXOverOnePlusX(int a) => Satshl(Newton(a) - (1 << 29), 2);

    private static int Newton(int a)
    {
        long sum = (long)a + int.MaxValue;
        int half = (int)((sum + (sum >= 0 ? 1 : -1)) / 2);
        int x = 1515870810 + Srdhm(half, -1010580540);
        for (int i = 0; i < 3; i++) x += Satshl(Srdhm(x, (1 << 29) - Srdhm(half, x)), 2);
        return x;
    }
}

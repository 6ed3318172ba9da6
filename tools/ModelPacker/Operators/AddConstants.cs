using TinyAI.Kernels;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// Constants of <see cref="Add"/> by which sums come out as ONNX defines them: a float sum of float products, divided by the output's
/// scale in float, rounded half to even. Each input is brought to 2^-K steps of the output, so that what is left is one rounding shift
/// by K. There are 65,536 pairs of inputs: multipliers next to the nearest ones are tried until all pairs are right, or the best are kept.
/// </summary>
internal static class AddConstants
{
    private const int LeftShift = 20;
    private static readonly int[] s_near = [0, 3, -3, 6, -6, 11, -11];

    /// <summary>Takes the place of constants that are there already where fewer pairs are wrong then.</summary>
    public static void Improve(int[] p, Quantisation a, Quantisation b, Quantisation output)
    {
        double largest = Math.Max(a.Scale, b.Scale) / (double)output.Scale;
        int bits = LeftShift - 1 - Math.ILogB(largest);
        if (bits is < 1 or > 30) return;
        sbyte[] wanted = Wanted(p, a, b, output);
        int[] best = p.ToArray();
        int fewest = Wrong(best, wanted);
        foreach (int first in s_near)
        {
            foreach (int second in s_near)
            {
                if (fewest == 0) break;
                var tried = p.ToArray();
                tried[Add.Multiplier1] = Multiplier(a.Scale, first);
                tried[Add.Multiplier2] = Multiplier(b.Scale, second);
                tried[Add.Right1] = tried[Add.Right2] = tried[Add.OutRight] = 0;
                tried[Add.OutMultiplier] = 1 << (31 - bits);
                if (Wrong(tried, wanted) is var wrong && wrong < fewest) (best, fewest) = (tried, wrong);
            }
        }

        best.CopyTo(p, 0);

        int Multiplier(float scale, int change) =>
            (int)Math.Clamp(Math.Round(Math.ScaleB(scale / (double)output.Scale, bits - LeftShift + 31)) + change, 0, int.MaxValue);
    }

    /// <summary>The outputs of all pairs, the second input's values for each of the first.</summary>
    private static sbyte[] Wanted(int[] p, Quantisation a, Quantisation b, Quantisation output)
    {
        var wanted = new sbyte[256 * 256];
        for (int i = 0; i < wanted.Length; i++)
        {
            float x = (float)((double)a.Scale * ((i >> 8) - 128 - a.ZeroPoint)), y = (float)((double)b.Scale * ((i & 255) - 128 - b.ZeroPoint));
            float sum = p[Add.Sign] < 0 ? x - y : x + y;
            wanted[i] = (sbyte)RealNumbers.Quantise(sum, output.Scale, output.ZeroPoint, p[Add.OutMin], p[Add.OutMax], halfToEven: true);
        }

        return wanted;
    }

    private static int Wrong(int[] p, sbyte[] wanted)
    {
        int[] all = p.ToArray();
        (all[Broadcast.Inner], all[Broadcast.InnerStride1], all[Broadcast.InnerStride2], all[Broadcast.OuterRank]) = (256, 0, 1, 0);
        sbyte[] values = [.. Enumerable.Range(-128, 256).Select(q => (sbyte)q)], row = new sbyte[256];
        int wrong = 0;
        for (int q = 0; q < 256; q++)
        {
            Add.Run(all, values, q, values, 0, row, 0, 0, 1);
            for (int i = 0; i < row.Length; i++)
            {
                if (row[i] != wanted[q * 256 + i]) wrong++;
            }
        }

        return wrong;
    }
}

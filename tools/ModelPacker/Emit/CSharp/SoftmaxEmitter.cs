using TinyAI.Kernels;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Writes a softmax over short rows to int8. The exponential of every difference to the largest value is a constant of a
/// switch, each is looked up once, and the two roundings of a share become one (nested floors join). The sum of a row has
/// its largest exponential in it, so its leading zeros are searched for in a few steps.
/// </summary>
internal static class SoftmaxEmitter
{
    /// <summary>The CLR counts the cases of a switch in one byte. A multiple of the cases on a line.</summary>
    private const int MostCases = 252;

    /// <summary>Longer rows could need more than 64 bits for a share.</summary>
    private const int LongestRow = 64;

    /// <summary>Longer rows are loops that look exponentials up twice.</summary>
    private const int LongestStraightRow = 16;

    /// <summary>What a value costs the kernel and this code, in additions; the bytes of one exponential.</summary>
    private const double KernelAdds = 420, OwnAdds = 45, StraightAdds = 32, RowAdds = 140;

    /// <summary>Whether a layer can be written so, and whether its time is worth the flash.</summary>
    public static bool Takes(Layer layer, CodeWorth worth)
    {
        int[] p = layer.Parameters;
        return layer.Kind == PackFormat.KindSoftmax && p[Softmax.OutBytes] == 1 && p[Softmax.RowLength] <= LongestRow
            && worth.Pays((KernelAdds - OwnAdds) * p[Softmax.RowLength] * layer.Rows, 600 + 10 * Exponentials(p).Length);
    }

    /// <summary>Writes a layer.</summary>
    public static LayerCode Write(Layer layer, int index)
    {
        int[] p = layer.Parameters, exponentials = Exponentials(p);
        int length = p[Softmax.RowLength];
        string name = $"Layer{index}_0", exponential = $"Exponential{index}";
        var code = new CodeText(2);
        bool straight = layer.Rows == 1 && length <= LongestStraightRow;
        if (straight) Straight(code, name, exponential, length, Names.StartOf(layer.Input!.Value), Names.StartOf(layer.Output!.Value));
        else Loops(code, name, exponential, length, layer.Rows);
        code.Line();
        Table(code, exponential, exponentials);
        var method = new CodeMethod(name, code.ToString(), code.IlBytes, Methods: 2);
        string places = straight ? $"({Names.BlockOf(layer.Input!.Value)}, {Names.BlockOf(layer.Output!.Value)})" : $"({Names.Of(layer.Input)}, {Names.Of(layer.Output)})";
        return new LayerCode(index, [$"{exponentials.Length} exponentials as constants."], [method], [], [new CodeCall(method, places, Names.CallIl)])
        {
            Adds = layer.Rows * (RowAdds + length * (straight ? StraightAdds : OwnAdds)),
        };
    }

    /// <summary>The exponentials of the differences 0, -1, -2, … up to the last that is not 0.</summary>
    private static int[] Exponentials(int[] p)
    {
        int[] all = [.. Enumerable.Range(0, 256).Select(k => Softmax.Exponential(p, -k))];
        return all[..(Array.FindLastIndex(all, e => e != 0) + 1)];
    }

    private static void Straight(CodeText code, string name, string exponential, int length, int x, int y)
    {
        code.Open($"public static void {name}(sbyte[] x, sbyte[] y)", 1);
        code.Line($"int {string.Join(", ", Enumerable.Range(0, length).Select(i => $"v{i} = x[{x + i}]"))};", 8 * length);
        code.Line("int max = v0;", 3);
        for (int i = 1; i < length; i++) code.Line($"if (v{i} > max) max = v{i};", 8);
        code.Line($"int {string.Join(", ", Enumerable.Range(0, length).Select(i => $"e{i} = {exponential}(max - v{i})"))};", 12 * length);
        code.Sum("int sum = ", [.. Enumerable.Range(0, length).Select(i => $"(((e{i} >> 11) + 1) >> 1)")], 9 * length);
        Scale(code, length);
        for (int i = 0; i < length; i++) Share(code, $"e{i}", $"{y + i}", 5);
        code.Close();
    }

    private static void Loops(CodeText code, string name, string exponential, int length, int rows)
    {
        code.Open($"public static void {name}(sbyte[] x, int xAt, sbyte[] y, int yAt)", 1);
        code.Open($"for (int row = 0; row < {rows}; row++)", 14);
        code.Line("int max = -128, sum = 0;", 5);
        code.Open($"for (int i = xAt; i < xAt + {length}; i++)", 14);
        code.Line("if (x[i] > max) max = x[i];", 10);
        code.Close();
        code.Open($"for (int i = xAt; i < xAt + {length}; i++)", 14);
        code.Line($"sum += ((({exponential}(max - x[i]) >> 11) + 1) >> 1);", 20);
        code.Close();
        Scale(code, length);
        code.Open($"for (int i = 0; i < {length}; i++)", 14);
        Share(code, $"{exponential}(max - x[xAt + i])", "yAt + i", 14);
        code.Close();
        code.Line($"xAt += {length};", 5);
        code.Line($"yAt += {length};", 5);
        code.Close();
        code.Close();
    }

    /// <summary>1 / sum as factor, addend and shift of the shares; one exponential is at most 2^19 in the sum.</summary>
    private static void Scale(CodeText code, int length)
    {
        code.Line($"int headroom = {System.Numerics.BitOperations.LeadingZeroCount((uint)length << 19)};", 3);
        code.Line("while (sum << headroom >= 0) headroom++;", 15);
        code.Line("long scale = TinyAI.Kernels.FixedPoint.OneOverOnePlus((sum << headroom) & 0x7FFFFFFF);", 17);
        code.Line("long half = 0x40000000L + (1L << (65 - headroom));", 16);
        code.Line("int shift = 66 - headroom, q;", 5);
    }

    private static void Share(CodeText code, string exponential, string at, int il)
    {
        code.Line($"q = (int)((scale * {exponential} + half) >> shift);", 12 + il);
        code.Line("if (q > 255) q = 255;", 15);
        code.Line($"y[{at}] = (sbyte)(q ^ 128);", 14);
    }

    private static void Table(CodeText code, string name, int[] exponentials)
    {
        code.Line("// e to the power of a difference to the largest value, in Q0.31.");
        code.Open($"private static int {name}(int difference)", 6);
        code.Open("switch (difference)", 6);
        for (int i = 0; i < exponentials.Length; i += 6)
        {
            if (i == MostCases)
            {
                code.Close();
                code.Open("switch (difference)", 6);
            }

            code.Line(string.Join(' ', Enumerable.Range(i, Math.Min(6, exponentials.Length - i)).Select(k => $"case {k}: return {exponentials[k]};")),
                Enumerable.Range(i, Math.Min(6, exponentials.Length - i)).Sum(k => 5 + CodeText.IntBytes(exponentials[k])));
        }

        code.Line("default: return 0;", 2);
        code.Close();
        code.Close();
    }
}

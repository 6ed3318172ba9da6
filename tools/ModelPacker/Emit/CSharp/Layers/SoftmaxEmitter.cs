using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes a softmax over short rows to int8. Every exponential of a row is taken once and waits in a local: computed by the
/// kernels' arithmetic, or, where the time is worth the flash, a constant of a switch over all differences to the largest value. The two
/// roundings of a share become one (nested floors join). The sum of a row has its largest exponential in it, so its leading
/// zeros are searched for in a few steps.
/// </summary>
internal static class SoftmaxEmitter
{
    /// <summary>The CLR counts the cases of a switch in one byte. A multiple of the cases on a line.</summary>
    private const int MostCases = 252;

    /// <summary>Longer rows could need more than 64 bits for a share.</summary>
    private const int LongestRow = 64;

    /// <summary>Longer rows are loops that look exponentials up twice, which is no gain where they are computed.</summary>
    private const int LongestStraightRow = 16;

    /// <summary>What a value costs the kernel, and this code beside its exponential; a row; an exponential from a switch or computed: in additions.</summary>
    private const double KernelAdds = 200, OwnAdds = 27, StraightAdds = 21.5, MovingAdds = 3, RowAdds = 105, LookupAdds = 9, ComputedAdds = 57;

    /// <summary>IL of a row, of a value beside its exponential, of an exponential computed, looked up, and in the switch; what a call of the kernel takes with its parameters.</summary>
    private const int RowBytes = 115, ValueBytes = 62, ComputedBytes = 22, LookupBytes = 12, CaseBytes = 10, KernelBytes = 64;

    /// <summary>Writes a layer, or returns null where it has another form or the kernel's time is not worth the flash.</summary>
    public static LayerCode? Write(Layer layer, int index, CodeWorth worth)
    {
        int[] p = layer.Parameters;
        if (layer.Kind != PackFormat.KindSoftmax || p[Softmax.OutBytes] != 1 || p[Softmax.RowLength] > LongestRow) return null;
        int length = p[Softmax.RowLength];
        bool straight = length <= LongestStraightRow, one = straight && layer.Rows == 1;
        int[] exponentials = Exponentials(p);
        double values = (double)length * layer.Rows, best = KernelAdds * values, own = RowAdds * layer.Rows + (straight ? StraightAdds + (one ? 0 : MovingAdds) : OwnAdds) * values;
        int bytes = KernelBytes, ownBytes = RowBytes + ValueBytes * (straight ? length : 2);
        bool? looksUp = null;
        void Consider(bool table, double adds, int size)
        {
            if (worth.Pays(best - adds, size - bytes)) (looksUp, best, bytes) = (table, adds, size);
        }

        if (straight) Consider(false, own + ComputedAdds * values, ownBytes + ComputedBytes * length);
        Consider(true, own + LookupAdds * values * (straight ? 1 : 2), ownBytes + LookupBytes * length + CaseBytes * exponentials.Length);
        if (looksUp is not { } table) return null;

        string name = $"Layer{index}_0", exponential = $"Exponential{index}";
        Func<string, string> power = table ? v => $"{exponential}(max - {v})" : v => Computed(p, v);
        var code = new CodeText(2);
        if (straight)
        {
            code.Open(one ? $"public static void {name}(sbyte[] x, sbyte[] y)" : $"public static void {name}(sbyte[] x, int xAt, sbyte[] y, int yAt)", 1);
            if (!table) code.Line($"long factor = {CodeText.Long((long)p[Softmax.Multiplier] << p[Softmax.LeftShift])}, up = 1073741824L;", 17);
            Straight(code, power, table, Saturates(length, exponentials), length, layer.Rows, one ? Names.StartOf(layer.Input!.Value) : null, one ? Names.StartOf(layer.Output!.Value) : null);
            code.Close();
        }
        else
        {
            Loops(code, name, exponential, length, layer.Rows);
        }

        if (table)
        {
            code.Line();
            Table(code, exponential, exponentials);
        }

        var method = new CodeMethod(name, code.ToString(), code.IlBytes, Methods: table ? 2 : 1);
        string places = one ? $"({Names.BlockOf(layer.Input!.Value)}, {Names.BlockOf(layer.Output!.Value)})" : $"({Names.Of(layer.Input)}, {Names.Of(layer.Output)})";
        string remark = table ? $"{exponentials.Length} exponentials as constants." : "Exponentials are computed, each once.";
        return new LayerCode(index, [remark], [method], [], [new CodeCall(method, places, Names.CallIl)]) { Adds = best };
    }

    /// <summary>The exponential of a value's difference to the largest, as <see cref="Softmax.Exponential"/> computes it.</summary>
    private static string Computed(int[] p, string value)
    {
        string computed = $"TinyAI.Kernels.FixedPoint.ExpOnNegative((int)((({value} - max) * factor + up) >> 31), 5)";
        return p[Softmax.DifferenceMin] <= -255 ? computed : $"max - {value} > {-p[Softmax.DifferenceMin]} ? 0 : {computed}";
    }

    /// <summary>The exponentials of the differences 0, -1, -2, … up to the last that is not 0.</summary>
    private static int[] Exponentials(int[] p)
    {
        int[] all = [.. Enumerable.Range(0, 256).Select(k => Softmax.Exponential(p, -k))];
        return all[..(Array.FindLastIndex(all, e => e != 0) + 1)];
    }

    /// <summary>Rows whose values and exponentials are locals; xAt and yAt are where they begin, null where that is an argument.</summary>
    private static void Straight(CodeText code, Func<string, string> power, bool table, bool saturates, int length, int rows, int? xAt, int? yAt)
    {
        string At(string argument, int? start, int i) => start is { } s ? $"{s + i}" : CodeText.At(argument, i);
        code.Line($"int max, sum, {string.Join(", ", Enumerable.Range(0, length).Select(i => $"v{i}, e{i}"))};");
        if (rows > 1) code.Open($"for (int row = 0; row < {rows}; row++)", 14);
        code.Line($"max = v0 = x[{At("xAt", xAt, 0)}];", 9);
        for (int i = 1; i < length; i++)
        {
            code.Line($"v{i} = x[{At("xAt", xAt, i)}];", 8);
            code.Line($"if (v{i} > max) max = v{i};", 8);
        }

        for (int i = 0; i < length; i++) code.Line($"e{i} = {power($"v{i}")};", table ? LookupBytes : ComputedBytes);
        code.Sum("sum = ", [.. Enumerable.Range(0, length).Select(i => $"(((e{i} >> 11) + 1) >> 1)")], 9 * length);
        Scale(code, length);
        for (int i = 0; i < length; i++) Share(code, $"e{i}", saturates, At("yAt", yAt, i), xAt is null ? 8 : 5);
        if (rows == 1) return;
        code.Line($"xAt += {length};", 5);
        code.Line($"yAt += {length};", 5);
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
        Share(code, $"{exponential}(max - x[xAt + i])", true, "yAt + i", 14);
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
        code.Line("int shift = 66 - headroom, q;", 5);
        code.Line("long half = 0x40000000L + (1L << (shift - 1));", 16);
    }

    /// <summary>Whether a share can be rounded to 1: not where the other values of a row, as small as they can be, have enough of the sum.</summary>
    private static bool Saturates(int length, int[] exponentials) =>
        256 / (1 + (length - 1) * (double)(exponentials.Length == 256 ? exponentials[^1] : 0) / exponentials[0]) > 255.4;

    private static void Share(CodeText code, string exponential, bool saturates, string at, int il)
    {
        code.Line($"q = (int)((scale * {exponential} + half) >> shift);", 12 + il);
        if (saturates) code.Line("if (q > 255) q = 255;", 15);
        code.Line($"y[{at}] = (sbyte)(q ^ 128);", 12);
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

using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes the method that turns the packed sums of up to three units into their new cells and hidden values, as <see cref="Lstm"/>
/// defines them. Sigmoid and tanh are a straight line between entries of one table (<see cref="TableMaker"/>): entry t holds the
/// line's value B at its start in bits 0-35 and its slope S above, so that t * (f + 2^36) has B + f * S from bit 36 on. Its
/// argument, in steps of 1/512 of an entry, is taken from bits 0-17 of v; what a factor with 2^40 leaves above is cut off. Tests for
/// values out of range are written where the weights make such values possible.
/// </summary>
internal sealed class LstmUnits(Layer layer, LstmPart[] parts, string name)
{
    /// <summary>Entries of the table below zero and from zero on: a multiple of 3, so that a gate's number can be moved before it is tripled.</summary>
    private const int Half = 258;

    /// <summary>Table index 0 as a gate's number, for the logistic function and for tanh, which has its argument doubled.</summary>
    private const int LogisticZero = Half * 512 / 3, TanhZero = Half * 512 / 6;

    private const string Mark = "68719476736L", Fraction = "68719477247L";

    private readonly int[] _p = layer.Parameters;

    /// <summary>Cost of a unit in additions, where nothing is out of range.</summary>
    public const double UnitAdds = 182;

    /// <summary>A method that makes the table of lines.</summary>
    public static CodeMethod TableMaker(string name)
    {
        var code = new CodeText(2);
        code.Line("// Lines of the logistic function, as multiples of 1/24 from -258/24 on: its value, rounded as the kernels do, and the slope.");
        code.Open($"public static long[] {name}()", 1);
        code.Line($"long[] lines = new long[{2 * Half}];", 11);
        code.Open($"for (int i = 0; i < {Half}; i++)", 14);
        code.Line("int from = TinyAI.Kernels.SigmoidTable.Entry(i < 255 ? i : 255), to = TinyAI.Kernels.SigmoidTable.Entry(i < 254 ? i + 1 : 255);", 38);
        code.Line($"lines[{Half} + i] = ((from + 1L) << 9) + ((long)(to - from) << 36);", 26);
        code.Line($"lines[{Half - 1} - i] = ((65537L - to) << 9) - 1L + ((long)(to - from) << 36);", 32);
        code.Close();
        code.Line("return lines;", 2);
        code.Close();
        return new CodeMethod(name, code.ToString(), code.IlBytes);
    }

    /// <summary>Bytes of heap that the table takes.</summary>
    public static int TableBytes => Accounts.HeapModel.Array(2 * Half, 8);

    /// <summary>Name of the method.</summary>
    public string Name => name;

    /// <summary>Number of sums that the method takes.</summary>
    public int Sums => 4 * parts.Sum(p => p.Segments.Length);

    /// <summary>Writes the method: units one after the other as straight code, or in a loop, which is shorter.</summary>
    public void Write(CodeText code, bool straight, int units)
    {
        IEnumerable<string> sums = Enumerable.Range(0, Sums).Select(i => $"long a{i}");
        code.Line();
        code.Line($"// Cells and hidden values of {(straight ? "up to three units" : "units, the last of them in the lane that is moved by last")}; a0 and on: sums gate by gate (forget, input, cell, output).");
        code.List($"private static void {name}(sbyte[] hidden, int[] cells, int cell, long[] t, int unit, int last", sums, ")", 1);
        code.Brace();
        code.Line("long u, v, c, i;");
        if (straight)
        {
            int over = units % LstmPart.Lanes;
            for (int l = 0; l < LstmPart.Lanes; l++)
            {
                bool top = l == LstmPart.Lanes - 1;
                Unit(code, a => (top ? $"({a} >>> {l * LstmPart.LaneBits})" : $"(({a} << {Last(l + 1)}) >>> {64 - LstmPart.LaneBits})", top ? 5 : 7), l == 0 ? "" : $" + {l}");
                if (over == l + 1) code.Line($"if (last == {Last(over)}) return;", 6);
            }
        }
        else
        {
            code.Line("int up = 43;", 3);
            code.Open("while (true)", 2);
            Unit(code, a => ($"(({a} << up) >>> {64 - LstmPart.LaneBits})", 10), "");
            code.Line("if (up == last) return;", 5);
            code.Line($"up -= {LstmPart.LaneBits};", 5);
            code.Line("cell++;", 5);
            code.Line("unit++;", 5);
            code.Close();
        }

        code.Close();
    }

    /// <summary>What the method's argument last is for so many units.</summary>
    public static int Last(int units) => 64 - units * LstmPart.LaneBits;

    private void Unit(CodeText code, Func<string, (string Text, int Il)> lane, string next)
    {
        int il = next.Length == 0 ? 0 : 2;
        RoundedScale forget = Scale(Lstm.ForgetScale, -32768L * 32767, 32767L * 32767, 0), input = Scale(Lstm.InputScale, -32767L * 32767, 32767L * 32767, 0);
        code.Line($"c = cells[cell{next}];", 6 + il);
        Argument(code, 0, lane);
        Assign(code, "c", forget, $"(({Line} >> 46) * c)", 26);
        Argument(code, 1, lane);
        code.Line($"i = {Line} >> 46;", 26);
        Argument(code, 2, lane);
        Assign(code, "u", input, $"(({Tanh} >> 45) * i)", 37);
        code.Line("c = c + u;", 4);
        Argument(code, 3, lane);
        code.Line($"i = {Line} >> 46;", 26);
        Cell(code, Clamped(forget.Low) + Clamped(input.Low), Clamped(forget.High) + Clamped(input.High));
        code.Line($"cells[cell{next}] = (int)c;", 6 + il);

        int zero = _p[Lstm.OutZeroPoint];
        RoundedScale output = Scale(Lstm.OutScale, -32767L * 32767, 32767L * 32767, 128 + zero);
        code.Line($"u = {output.Text($"(({Tanh} >> 45) * i)")};", 38 + output.IlBytes);
        if (output.Low + zero < sbyte.MinValue || output.High + zero > sbyte.MaxValue) code.Line("if ((u >> 8) != 0) u = (~u >> 63) & 255;", 17);
        code.Line($"hidden[unit{next}] = (sbyte)(u ^ {CodeText.Long((1L << 40) + 128)});", 15 + il);
    }

    /// <summary>B + f * S of the line that v is on, from bit 36 on; the same with what tanh takes off, before it is shifted by 45.</summary>
    private static string Line => $"(t[(ushort)(v >> 9)] * ((v | {Mark}) & {Fraction}))";

    /// <inheritdoc cref="Line"/>
    private static string Tanh => $"({Line} - {CodeText.Long((1L << 44) + (1L << 60))})";

    private RoundedScale Scale(int at, long low, long high, int added) =>
        RoundedScale.Of(new Requantisation(_p[at], _p[at + 1]), low, high, 0, added) ?? throw Wraps();

    private UnsupportedModelException Wraps() =>
        new([$"The sums of {layer.Origin} can leave 32 bits, where the reference wraps: a kernel must compute it."]);

    /// <summary>Writes v, the place of a gate's number in the table.</summary>
    private void Argument(CodeText code, int gate, Func<string, (string Text, int Il)> lane)
    {
        bool tanh = gate == 2;
        int zero = tanh ? TanhZero : LogisticZero, low = 0, high = 0;
        for (int part = 0; part < 2; part++)
        {
            (long least, long most) = parts[part].Range(gate);
            RoundedScale scale = RoundedScale.Of(parts[part].Scale(gate), least, most, parts[part].Offset(gate), part == 0 ? zero : 0) ?? throw Wraps();
            (string Text, int Il)[] sums = [.. Enumerable.Range(0, parts[part].Segments.Length).Select(s => lane($"a{Number(parts, gate, part, s)}"))];
            string sum = sums.Length == 1 ? sums[0].Text : $"({string.Join(" + ", sums.Select(s => s.Text))})";
            bool clamps = scale.Low < short.MinValue || scale.High > short.MaxValue;
            int il = sums.Sum(s => s.Il) + sums.Length - 1 + scale.IlBytes;
            if (part == 0 || clamps) code.Line($"{(part == 0 ? "u" : "v")} = {scale.Text(sum)};", il + 1);
            int from = part == 0 ? zero : 0;
            if (clamps) Test(code, part == 0 ? "u" : "v", short.MinValue + from, short.MaxValue + from, from);
            if (part == 1) code.Line(clamps ? "u = u + v;" : $"u = u + {scale.Text(sum)};", clamps ? 4 : il + 3);
            low += Clamped(scale.Low);
            high += Clamped(scale.High);
        }

        if (!tanh && (low < short.MinValue || high > short.MaxValue)) Test(code, "u", short.MinValue + zero, short.MaxValue + zero, zero);
        code.Line($"v = u * {CodeText.Long((1L << 40) + (tanh ? 6 : 3))};", 12);
        if (tanh && (low < -TanhZero || high >= TanhZero)) code.Line($"if ({IsOutside}) {Saturated("u", zero)}", 38);
    }

    /// <summary>Writes v for the tanh of the cell, and the clamp of the cell, which only matters where tanh is flat if it is not narrower.</summary>
    private void Cell(CodeText code, int low, int high)
    {
        int clip = _p[Lstm.CellClip], least = clip > 0 ? -clip : short.MinValue, most = clip > 0 ? clip : short.MaxValue;
        int right = _p[Lstm.TanhShift], factor = _p[Lstm.TanhMultiplier];
        bool clamps = low < least || high > most, late = ((long)-Math.Max(least, -most) * factor >> right) * 2 > Half * 512;
        if (clamps && !late) Test(code, "c", least, most, 0);
        if (right == 0) code.Line($"v = c * {CodeText.Long((1L << 40) + 2 * factor)} + {CodeText.Long(Half * 512)};", 19);
        else code.Line($"v = (((c * {CodeText.Long(factor)} + {CodeText.Long(1L << (right - 1))}) >> {right}) << 1) + {CodeText.Long(Half * 512)};", 22);
        if (((32768L * factor) >> right) * 2 + 2 < Half * 512) return;
        if (!clamps || !late)
        {
            code.Line($"if ({IsOutside}) {Saturated("c", 0)}", 38);
            return;
        }

        code.Open($"if ({IsOutside})", 25);
        code.Line(Saturated("c", 0), 13);
        code.Line(Bounds("c", least, most), 34);
        code.Close();
    }

    /// <summary>Whether v lies beyond 256 entries from the middle of the table, where tanh is flat.</summary>
    private static string IsOutside => Outside("v", 512 * (Half - 256), 18);

    /// <summary>Whether a value lies outside of from..from+2^bits-1. The constants have more than 32 bits.</summary>
    private static string Outside(string value, int from, int bits) =>
        $"(({value} + {CodeText.Long((1L << 50) - from)}) & {CodeText.Long((1L << 40) - (1L << bits))}) != 0";

    private static string Saturated(string from, int zero) => $"v = {from} < {CodeText.Long(zero)} ? 0L : {CodeText.Long((2 * Half - 1) * 512)};";

    private static string Bounds(string value, int least, int most) =>
        $"{value} = {value} < {CodeText.Long(least)} ? {CodeText.Long(least)} : {value} > {CodeText.Long(most)} ? {CodeText.Long(most)} : {value};";

    private static void Assign(CodeText code, string target, RoundedScale scale, string product, int il)
    {
        code.Line($"{target} = {scale.Text(product)};", il + 3 + scale.IlBytes);
        if (scale.Low < short.MinValue || scale.High > short.MaxValue) Test(code, target, short.MinValue, short.MaxValue, 0);
    }

    /// <summary>Writes a clamp, with one test for the largest range about a middle that needs none.</summary>
    private static void Test(CodeText code, string value, int least, int most, int middle)
    {
        int bits = int.Log2(Math.Max(1, Math.Min(middle - least, most - middle + 1)));
        code.Line($"if ({Outside(value, middle - (1 << bits), bits + 1)}) {Bounds(value, least, most)}", 60);
    }

    private static int Clamped(int value) => Math.Clamp(value, short.MinValue, short.MaxValue);

    /// <summary>Number of a sum among the method's arguments.</summary>
    public static int Number(LstmPart[] parts, int gate, int part, int segment) =>
        gate * parts.Sum(p => p.Segments.Length) + (part == 0 ? 0 : parts[0].Segments.Length) + segment;
}

using System.Globalization;
using System.Text;
using TinyAI.NanoInterpreter;

namespace TinyAI.Bench.Nano;

/// <summary>
/// Measures what operations cost the interpreter that NANO_SDK names, as a table for boards/costs. Each operation is
/// repeated in straight code; the time of what stands around it (loads, stores) is measured likewise and taken off.
/// Arithmetic stands in long chains, as in the sums of a model: there each operation waits for the one before, which makes
/// it a fifth dearer on a desktop processor than where it stands alone.
/// </summary>
internal static class HostProbe
{
    private const int Turns = 200, Copies = 50, Links = 16, Locals = 20;

    /// <summary>A class, a statement that holds it Count times, the classes beside each of them, and those once beside all.</summary>
    private sealed record Probe(string Class, string Statement, string[] Beside, int Count = 1, params string[] Once);

    private static readonly Probe[] s_probes =
    [
        new("ldloc", "a = b;", ["stloc"]), new("ldc", "a = 12345;", ["stloc"]),
        Chain("add.i4", "a = b", " + c", "ldloc"), Chain("mul.i4", "a = b", " * c", "ldloc"), Chain("div.i4", "a = b", " / c", "ldloc"),
        Chain("and.i4", "a = b", " & c", "ldloc"), Chain("shift.i4", "a = b", " << 3", "ldc"),
        Chain("add.i8", "m = n", " + o", "ldloc"), Chain("mul.i8", "m = n", " * o", "ldloc"), Chain("ldc.i8", "m = n", " + 0x123456789ABL", "add.i8"),
        Chain("and.i8", "m = n", " & o", "ldloc"), Chain("shift.i8", "m = n", " >> 3", "ldc"),
        new("conv.i1", "a = (sbyte)b;", ["ldloc", "stloc"]), new("conv.i4", "a = (int)n;", ["ldloc", "stloc"]), new("conv.i8", "m = b;", ["ldloc", "stloc"]),
        new("ldelem.i1", "a = s[c];", ["ldloc", "ldloc", "stloc"]), new("ldelem.i2", "a = h[c];", ["ldloc", "ldloc", "stloc"]),
        new("ldelem.i4", "a = w[c];", ["ldloc", "ldloc", "stloc"]), new("ldelem.i8", "m = l[c];", ["ldloc", "ldloc", "stloc"]),
        new("stelem.i1", "s[c] = t;", ["ldloc", "ldloc", "ldloc"]), new("stelem.i4", "w[c] = b;", ["ldloc", "ldloc", "ldloc"]),
        new("compare-branch", "if (b > c) a = c;", ["ldloc", "ldloc"]), new("branch.if", "if (f) a = c;", ["ldloc"]),
        new("ldsfld", "a = S;", ["stloc"]), new("stsfld", "S = b;", ["ldloc"]), new("ldfld", "a = k.F;", ["ldloc", "stloc"]), new("stfld", "k.F = b;", ["ldloc", "ldloc"]),
        new("call.static", "Nothing();", []), new("call.instance", "k.Own();", ["ldloc"]), new("call.virtual", "k.Virtual();", ["ldloc"]),
        new("call.local", "Prepared(f);", [], Locals, "call.static", "ldloc", "ldloc", "branch.if"),
        new("call.external", "System.Array.Copy(s, 0, s, 4, 2);", ["ldloc", "ldloc", "ldc", "ldc", "ldc"]),
        new("newobj", "k = new K();", ["stloc"]),
    ];

    private static Probe Chain(string name, string start, string link, string operand) =>
        new(name, start + string.Concat(Enumerable.Repeat(link, Links)) + ";", [operand], Links, "ldloc", "stloc");

    private const string Source = """
        public class K
        {
            public int F;
            public void Own() { }
            public virtual void Virtual() { }
        }

        public static class Work
        {
            public static int S = 3;
            private static sbyte[] s_bytes = new sbyte[16];

            public static void Setup(byte[] blob) { }

            private static void Nothing() { }

            private static void Prepared(bool f)
            {
                if (f)
                {
        LOCALS
                }
            }

            public static int Work0(int a, int b, int c)
            {
                long m = a, n = b * 77L, o = c;
                bool f = a > b;
                sbyte[] s = s_bytes;
                short[] h = new short[8];
                int[] w = new int[8];
                long[] l = new long[8];
                sbyte t = (sbyte)b;
                K k = new K();
                for (int i = 0; i < TURNS; i++)
                {
        BODY
                }
                return a + (int)m + (f ? 1 : 0) + s[c] + h[c] + w[c] + (int)l[c] + t + k.F + (int)(n + o);
            }

            public static void Run()
            {
                S = Work0(1, 2, 3);
            }
        }
        """;

    /// <summary>The table as JSON of the schema of boards/costs.</summary>
    public static string Measure(NanoSdk sdk)
    {
        var nanoseconds = new Dictionary<string, double>();
        double empty = Time(sdk, "");
        foreach (Probe probe in s_probes)
        {
            double statement = (Time(sdk, probe.Statement) - empty) / (Turns * Copies);
            double each = (statement - probe.Once.Sum(o => nanoseconds[o])) / probe.Count;
            if (probe.Class == "ldloc") nanoseconds["stloc"] = nanoseconds["ldloc"] = each / 2;
            else nanoseconds[probe.Class] = Math.Max(0.1, each - probe.Beside.Sum(b => nanoseconds[b]));
            Console.Error.WriteLine($"{probe.Class,-16} {nanoseconds[probe.Class]:0.00} ns");
        }

        double unit = nanoseconds["add.i4"];
        var json = new StringBuilder("{\n  \"board\": \"host-probed\",\n");
        json.Append("  \"source\": \"bench --probe: every operation measured on the nanoFramework v1 interpreter's host build, processor time on a shared machine\",\n");
        json.Append(CultureInfo.InvariantCulture, $"  \"nsPerAdd\": {unit:0.00},\n  \"costs\": {{\n");
        json.Append(string.Join(",\n", nanoseconds.Select(n => string.Create(CultureInfo.InvariantCulture, $"    \"{n.Key}\": {n.Value / unit:0.00}"))));
        return json.Append("\n  }\n}").ToString();
    }

    private static double Time(NanoSdk sdk, string statement)
    {
        string body = string.Join("\n", Enumerable.Repeat("            " + statement, Copies));
        // Each local is written and then read twice, or the compiler would keep it on the stack.
        string locals = string.Concat(Enumerable.Range(0, Locals).Select(i => $"long l{i} = S;")) + string.Concat(Enumerable.Range(0, Locals).Select(i => $"S = (int)(l{i} * l{i});"));
        string source = Source.Replace("BODY", body, StringComparison.Ordinal).Replace("LOCALS", locals, StringComparison.Ordinal).Replace("TURNS", Turns.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var application = new NanoApplication([(source, "Work.cs")], new byte[1], []);
        return NanoTiming.Measure(sdk, application, predictedNanoseconds: 750_000);
    }
}

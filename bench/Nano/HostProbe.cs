using System.Globalization;
using System.Text;
using TinyAI.NanoInterpreter;

namespace TinyAI.Bench.Nano;

/// <summary>
/// Measures what operations cost the interpreter that NANO_SDK names, as a table for boards/costs. Each operation is
/// repeated in straight code; the time of what stands around it (loads, stores) is measured likewise and taken off.
/// </summary>
internal static class HostProbe
{
    private const int Turns = 200, Copies = 50;

    /// <summary>A class, a statement with it, and the classes that the statement has beside it.</summary>
    private static readonly (string Class, string Statement, string[] Beside)[] s_probes =
    [
        ("ldloc", "a = b;", ["stloc"]),
        ("ldc", "a = 12345;", ["stloc"]), ("ldc.i8", "m = 0x123456789ABL;", ["stloc"]),
        ("add.i4", "a = b + c;", ["ldloc", "ldloc", "stloc"]), ("mul.i4", "a = b * c;", ["ldloc", "ldloc", "stloc"]),
        ("div.i4", "a = b / c;", ["ldloc", "ldloc", "stloc"]), ("and.i4", "a = b & c;", ["ldloc", "ldloc", "stloc"]),
        ("shift.i4", "a = b << 3;", ["ldloc", "ldc", "stloc"]),
        ("add.i8", "m = n + o;", ["ldloc", "ldloc", "stloc"]), ("mul.i8", "m = n * o;", ["ldloc", "ldloc", "stloc"]),
        ("and.i8", "m = n & o;", ["ldloc", "ldloc", "stloc"]), ("shift.i8", "m = n >> 3;", ["ldloc", "ldc", "stloc"]),
        ("conv.i1", "a = (sbyte)b;", ["ldloc", "stloc"]), ("conv.i4", "a = (int)n;", ["ldloc", "stloc"]), ("conv.i8", "m = b;", ["ldloc", "stloc"]),
        ("ldelem.i1", "a = s[c];", ["ldloc", "ldloc", "stloc"]), ("ldelem.i2", "a = h[c];", ["ldloc", "ldloc", "stloc"]),
        ("ldelem.i4", "a = w[c];", ["ldloc", "ldloc", "stloc"]), ("ldelem.i8", "m = l[c];", ["ldloc", "ldloc", "stloc"]),
        ("stelem.i1", "s[c] = t;", ["ldloc", "ldloc", "ldloc"]), ("stelem.i4", "w[c] = b;", ["ldloc", "ldloc", "ldloc"]),
        ("compare-branch", "if (b > c) a = c;", ["ldloc", "ldloc"]), ("branch.if", "if (f) a = c;", ["ldloc"]),
        ("ldsfld", "a = S;", ["stloc"]), ("stsfld", "S = b;", ["ldloc"]), ("ldfld", "a = k.F;", ["ldloc", "stloc"]), ("stfld", "k.F = b;", ["ldloc", "ldloc"]),
        ("call.static", "Nothing();", []), ("call.instance", "k.Own();", ["ldloc"]), ("call.virtual", "k.Virtual();", ["ldloc"]),
        ("call.external", "System.Array.Copy(s, 0, s, 4, 2);", ["ldloc", "ldloc", "ldc", "ldc", "ldc"]),
        ("newobj", "k = new K();", ["stloc"]),
    ];

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
        foreach ((string name, string statement, string[] beside) in s_probes)
        {
            double each = (Time(sdk, statement) - empty) / (Turns * Copies);
            if (name == "ldloc") nanoseconds["stloc"] = nanoseconds["ldloc"] = each / 2;
            else nanoseconds[name] = Math.Max(0.1, each - beside.Sum(b => nanoseconds[b]));
            Console.Error.WriteLine($"{name,-16} {nanoseconds[name]:0.00} ns");
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
        string source = Source.Replace("BODY", body, StringComparison.Ordinal).Replace("TURNS", Turns.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var application = new NanoApplication([(source, "Work.cs")], new byte[1], []);
        // The middle of three: the machine has other work.
        return Enumerable.Range(0, 3).Select(_ => NanoTiming.Measure(sdk, application, predictedNanoseconds: 750_000)).Order().ElementAt(1);
    }
}

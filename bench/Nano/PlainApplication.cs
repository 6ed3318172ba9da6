using System.Text;
using TinyAI.Bench.Baseline;
using TinyAI.DeviceGate;

namespace TinyAI.Bench.Nano;

/// <summary>Writes the calls of the plain baseline as C#, its arrays filled from the application's blob.</summary>
internal static class PlainApplication
{
    /// <summary>The application of a model in plain form.</summary>
    public static NanoApplication Write(PlainModel model)
    {
        var blob = new MemoryStream();
        var names = new Dictionary<Array, string>(ReferenceEqualityComparer.Instance);
        var fields = new StringBuilder();
        var setup = new StringBuilder();
        var run = new StringBuilder();
        foreach (PlainStep step in model.Steps)
            run.Append($"        TinyAI.Bench.Plain.{step.Type}.{step.Method}({string.Join(", ", step.Arguments.Select(Argument))});\n");

        string Argument(object? value) => value switch
        {
            null => "null",
            Array array => Name(array),
            bool b => b ? "true" : "false",
            _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
        };

        string Name(Array array)
        {
            if (names.TryGetValue(array, out string? name)) return name;
            names[array] = name = "a" + names.Count;
            string type = TypeName(array.GetType());
            fields.Append($"    private static {type} {name};\n");
            if (array.GetType().GetElementType()!.IsArray)
            {
                string inner = string.Join(", ", array.Cast<Array>().Select(Name));
                setup.Append($"        {name} = new {type} {{ {inner} }};\n");
                return name;
            }

            byte[] bytes = PlainArrays.ToBytes(array);
            setup.Append($"        {name} = Read_{type[..^2]}(blob, {blob.Length}, {array.Length});\n");
            blob.Write(bytes);
            return name;
        }

        string text = $"public static class Work\n{{\n{fields}    public static void Setup(byte[] blob)\n    {{\n{setup}    }}\n"
            + $"    public static void Run()\n    {{\n{run}    }}\n{Readers}}}\n";
        string folder = Path.Combine(NanoProject.Repository, "bench", "Plain");
        var sources = Directory.GetFiles(folder, "*.cs").Order(StringComparer.Ordinal).Select(p => (File.ReadAllText(p), p));
        return new NanoApplication([(text, "Work.cs"), .. sources], blob.ToArray(), []);
    }

    private static string TypeName(Type type) => type == typeof(sbyte[]) ? "sbyte[]" : type == typeof(byte[]) ? "byte[]" : type == typeof(short[]) ? "short[]"
        : type == typeof(int[]) ? "int[]" : TypeName(type.GetElementType()!) + "[]";

    private const string Readers = """
            private static sbyte[] Read_sbyte(byte[] blob, int at, int count)
            {
                sbyte[] values = new sbyte[count];
                for (int i = 0; i < count; i++)
                    values[i] = (sbyte)blob[at + i];
                return values;
            }
            private static byte[] Read_byte(byte[] blob, int at, int count)
            {
                byte[] values = new byte[count];
                for (int i = 0; i < count; i++)
                    values[i] = blob[at + i];
                return values;
            }
            private static short[] Read_short(byte[] blob, int at, int count)
            {
                short[] values = new short[count];
                for (int i = 0; i < count; i++)
                    values[i] = (short)(blob[at + 2 * i] | (blob[at + 2 * i + 1] << 8));
                return values;
            }
            private static int[] Read_int(byte[] blob, int at, int count)
            {
                int[] values = new int[count];
                for (int i = 0; i < count; i++)
                    values[i] = blob[at + 4 * i] | (blob[at + 4 * i + 1] << 8) | (blob[at + 4 * i + 2] << 16) | (blob[at + 4 * i + 3] << 24);
                return values;
            }

        """;
}

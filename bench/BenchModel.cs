using System.Text.Json;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;

namespace TinyAI.Bench;

/// <summary>A model to be measured: its file, inputs, the outputs expected of them where they are known, and its pack.</summary>
internal sealed class BenchModel
{
    private BenchModel(string name, byte[] file, List<byte[][]> inputs, List<byte[][]> goldens, bool stateful)
    {
        (Name, File, Inputs, Goldens, IsStateful) = (name, file, inputs, goldens, stateful);
        try
        {
            Packed = Packer.Pack(file, name);
        }
        catch (Exception e) when (e is UnsupportedModelException or ModelFormatException)
        {
            Refusal = e is UnsupportedModelException u ? u.Reasons[0] : e.Message;
        }
    }

    /// <summary>Name of the model.</summary>
    public string Name { get; }

    /// <summary>The .tflite file.</summary>
    public byte[] File { get; }

    /// <summary>Inputs of each case, raw in the model's own types. Costs are those of the first case.</summary>
    public List<byte[][]> Inputs { get; }

    /// <summary>Outputs of each case; empty where nobody but ourselves could say what they are.</summary>
    public List<byte[][]> Goldens { get; }

    /// <summary>Whether the cases are successive runs of one session.</summary>
    public bool IsStateful { get; }

    /// <summary>The pack, or null where it is refused.</summary>
    public PackResult? Packed { get; }

    /// <summary>Why it is refused.</summary>
    public string? Refusal { get; }

    /// <summary>The graph fresh from the file, before any pass.</summary>
    public Graph Graph() => TfliteImporter.Import(File, Name);

    /// <summary>A model of the zoo with its golden cases.</summary>
    public static BenchModel FromZoo(string zoo, string name)
    {
        string folder = Path.Combine(zoo, "golden", name);
        byte[] file = System.IO.File.ReadAllBytes(Path.Combine(zoo, "models", name + ".tflite"));
        using JsonDocument meta = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(folder, "meta.json")));
        bool stateful = meta.RootElement.TryGetProperty("stateful_sequence", out JsonElement s) && s.ValueKind == JsonValueKind.True;
        int inputs = meta.RootElement.GetProperty("inputs").GetArrayLength(), outputs = meta.RootElement.GetProperty("outputs").GetArrayLength();
        string[] cases = Batch.Cases(folder);
        byte[][] Read(string number, string kind, int count) =>
            [.. Enumerable.Range(0, count).Select(i => System.IO.File.ReadAllBytes(Batch.TensorPath(folder, number, kind, i, count)))];
        return new BenchModel(name, file, [.. cases.Select(c => Read(c, "in", inputs))], [.. cases.Select(c => Read(c, "out", outputs))], stateful);
    }

    /// <summary>A model without goldens, run on fixed noise.</summary>
    public static BenchModel FromFile(string path)
    {
        byte[] file = System.IO.File.ReadAllBytes(path);
        string name = Path.GetFileNameWithoutExtension(path);
        var random = new Random(1);
        Graph graph = TfliteImporter.Import(file, name);
        byte[][] inputs = [.. graph.Inputs.Select(t => Noise(random, t))];
        return new BenchModel(name, file, [inputs], [], false);
    }

    private static byte[] Noise(Random random, Tensor tensor)
    {
        var bytes = new byte[tensor.Bytes];
        if (tensor.Type != TfliteType.FLOAT32)
        {
            random.NextBytes(bytes);
            return bytes;
        }

        for (int i = 0; i < tensor.Count; i++) BitConverter.TryWriteBytes(bytes.AsSpan(4 * i), (float)random.NextDouble());
        return bytes;
    }

    /// <summary>An input as the session takes it: quantised where the model's own type is float.</summary>
    public static byte[] ToSession(Border border, byte[] raw)
    {
        if (border.Tensor.ModelType != TfliteType.FLOAT32) return raw;
        var floats = new float[border.Tensor.Count];
        Baseline.PlainArrays.FromBytes(raw, floats);
        Array array = Baseline.PlainArrays.Create(border.Tensor);
        Baseline.PlainArrays.Quantise(floats, array, border.Tensor);
        return Baseline.PlainArrays.ToBytes(array);
    }

    /// <summary>An output as the model gives it.</summary>
    public static byte[] FromSession(Border border, byte[] bytes)
    {
        if (border.Tensor.ModelType != TfliteType.FLOAT32) return bytes;
        Array array = Baseline.PlainArrays.Create(border.Tensor);
        Baseline.PlainArrays.FromBytes(bytes, array);
        var floats = new float[border.Tensor.Count];
        Baseline.PlainArrays.Dequantise(array, border.Tensor, floats);
        return Baseline.PlainArrays.ToBytes(floats);
    }
}

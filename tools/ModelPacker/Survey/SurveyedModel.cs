using System.Text.Json;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Survey;

/// <summary>
/// A model of a folder like the shared ONNX models: the file, the shapes that its goldens were made with, and the goldens
/// of another runtime.
/// </summary>
public sealed class SurveyedModel
{
    private readonly string _folder;
    private readonly JsonElement _meta;

    /// <summary>Opens a model of a folder with models/NAME.onnx and golden/NAME.</summary>
    public SurveyedModel(string root, string name)
    {
        Name = name;
        Path = System.IO.Path.Combine(root, "models", name + ".onnx");
        _folder = System.IO.Path.Combine(root, "golden", name);
        _meta = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(_folder, "meta.json"))).RootElement;
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>The model's file.</summary>
    public string Path { get; }

    /// <summary>The letter of its kind: a quantised QDQ … f decoder.</summary>
    public string Kind => _meta.GetProperty("kind").GetString() ?? "";

    /// <summary>The models of a folder, by name.</summary>
    public static IEnumerable<SurveyedModel> In(string root) =>
        Directory.GetFiles(System.IO.Path.Combine(root, "models"), "*.onnx").Select(System.IO.Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal).Select(n => new SurveyedModel(root, n!));

    /// <summary>What --shape would say: the shapes that the goldens have, for inputs whose own are open.</summary>
    public Dictionary<string, int[]> Shapes => _meta.GetProperty("inputs").EnumerateArray()
        .Where(i => i.TryGetProperty("declared", out JsonElement declared) && declared.EnumerateArray().Any(d => d.ValueKind != JsonValueKind.Number || d.GetInt64() < 1))
        .ToDictionary(i => i.GetProperty("name").GetString()!, i => i.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()).ToArray());

    /// <summary>Imports the model.</summary>
    public Graph Import() => ModelImporter.Import(File.ReadAllBytes(Path), Name, new ImportOptions(Shapes, System.IO.Path.GetDirectoryName(Path)));

    /// <summary>The golden cases: tensors in the model's own types.</summary>
    public IEnumerable<(byte[][] Inputs, byte[][] Outputs)> Cases()
    {
        for (int i = 0; File.Exists(FileOf(i, "in", 0)); i++) yield return (Tensors(i, "in"), Tensors(i, "out"));
    }

    private byte[][] Tensors(int index, string kind)
    {
        var tensors = new List<byte[]>();
        while (File.Exists(FileOf(index, kind, tensors.Count))) tensors.Add(File.ReadAllBytes(FileOf(index, kind, tensors.Count)));
        return [.. tensors];
    }

    private string FileOf(int index, string kind, int tensor) => System.IO.Path.Combine(_folder, $"{index:D3}.{kind}{tensor}.bin");

    /// <summary>The real numbers behind a tensor of the model's border.</summary>
    public static float[] Reals(Tensor tensor, byte[] data) => RealNumbers.Of(tensor, tensor.ModelType ?? tensor.Type, data);
}

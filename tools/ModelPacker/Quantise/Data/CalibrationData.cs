using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Quantise.Data;

/// <summary>
/// Inputs for calibration from a folder: NNN.in.bin or NNN.inK.bin tensors in the model's own types, or recordings as .csv or
/// .npy, cut into windows. Labels come from a file, a column, the folder a recording lies in, or its name.
/// </summary>
public sealed record CalibrationData(IReadOnlyList<float[][]> Cases, IReadOnlyList<int>? Labels, IReadOnlyList<string> Notes)
{
    /// <summary>Reads a folder for a model.</summary>
    /// <exception cref="ModelFormatException">There is nothing that fits the model.</exception>
    public static CalibrationData Load(string folder, Graph graph, Metadata metadata, string? labelFile)
    {
        if (File.Exists(folder)) throw new ModelFormatException($"{folder} is a file: give the folder that holds it.");
        if (!Directory.Exists(folder)) throw new ModelFormatException($"The folder {folder} does not exist: check the path.");
        CalibrationData data = Directory.EnumerateFiles(folder, "*.in*.bin").Any() ? Tensors(folder, graph) : new Recordings(graph, metadata).Load(folder);
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            if (Sharing.IsActivation(graph.Inputs[i]) && data.Cases.All(c => c[i].All(v => v == 0)))
                throw new ModelFormatException($"Input {graph.Inputs[i].Name} is 0 in all {data.Cases.Count} cases of {folder}, which says nothing about its range: give recorded data.");
        }

        return labelFile is null ? data : data with { Labels = ReadLabels(labelFile, data.Cases.Count, metadata) };
    }

    /// <summary>The class of a label: its place among the metadata's labels, or the number that it is.</summary>
    internal static int? ClassOf(string label, Metadata metadata)
    {
        int at = Array.FindIndex(metadata.Labels, l => l.Equals(label.Trim(), StringComparison.OrdinalIgnoreCase));
        return at >= 0 ? at : int.TryParse(label, out int number) && number >= 0 ? number : null;
    }

    private static CalibrationData Tensors(string folder, Graph graph)
    {
        string[] names = Batch.Cases(folder);
        var cases = new List<float[][]>();
        foreach (string name in names)
        {
            var inputs = new float[graph.Inputs.Count][];
            for (int i = 0; i < inputs.Length; i++)
            {
                Tensor input = graph.Inputs[i];
                string path = Batch.TensorPath(folder, name, "in", i, inputs.Length);
                if (!File.Exists(path)) throw new ModelFormatException($"Case {name} has no file {Path.GetFileName(path)}; the model takes {inputs.Length} inputs.");
                Import.Tflite.TfliteType type = input.ModelType ?? input.Type;
                byte[] bytes = Batch.Tensor(path, input.Count * Import.Tflite.TfliteTypes.BitsPerElement(type) / 8, $"input {i} of the model, {input.Name} {input}, takes");
                inputs[i] = RealNumbers.Of(input, type, bytes);
                if (!inputs[i].All(float.IsFinite)) throw new ModelFormatException($"{Path.GetFileName(path)} holds a value that is not a finite number: correct or remove that case.");
            }

            cases.Add(inputs);
        }

        return new CalibrationData(cases, null, []);
    }

    private static int[] ReadLabels(string path, int cases, Metadata metadata)
    {
        InputFile.Require(path);
        string[] lines = [.. File.ReadLines(path).Where(l => l.Trim().Length > 0)];
        if (lines.Length != cases) throw new ModelFormatException($"{path} has {lines.Length} labels for {cases} cases: give one a line, in the order of the cases.");
        return [.. lines.Select((line, i) =>
            ClassOf(line.Split(',')[^1], metadata) ?? throw new ModelFormatException($"Label {i + 1} of {path}, {line.Trim()}, is neither a number nor one of the metadata's labels."))];
    }
}

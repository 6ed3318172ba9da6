using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Power;

/// <summary>One input: its name, its bytes as the device takes them, and the class it belongs to, where that is known.</summary>
public sealed record PowerInput(string Name, byte[] Bytes, int? Label);

/// <summary>The inputs of a power run.</summary>
public static class PowerInputs
{
    /// <summary>Inputs that the rules of the benchmark ask for.</summary>
    public const int Count = 5;

    /// <summary>The first cases of a folder, with the classes of its labels.csv where that is there.</summary>
    /// <exception cref="ModelFormatException">There are fewer, or they do not fit the model.</exception>
    public static PowerInput[] From(string folder, ModelRunner runner)
    {
        string[] cases = Batch.Cases(folder);
        if (cases.Length < Count) throw new ModelFormatException($"The folder {folder} holds {cases.Length} inputs; the rules ask for {Count}.");
        Dictionary<string, int> labels = Labels(Path.Combine(folder, "labels.csv"), runner.Model);
        return [.. cases.Take(Count).Select(name =>
        {
            byte[][] inputs = Batch.Inputs(folder, name, runner);
            byte[] bytes = [.. inputs.SelectMany((input, i) => ModelRunner.ToSession(runner.Model.Input(i), input))];
            return new PowerInput(name, bytes, labels.TryGetValue(name, out int label) ? label : null);
        })];
    }

    /// <summary>
    /// Inputs that need no files: simulated gestures with their classes for a model of these gestures, else the same noise
    /// each time.
    /// </summary>
    public static PowerInput[] Default(ModelRunner runner)
    {
        Model model = runner.Model;
        string[] labels = [.. Enumerable.Range(0, model.LabelCount).Select(model.Label)];
        if (labels.SequenceEqual(WandSimulator.Labels) && model.InputCount == 1 && model.Input(0).Size == WandSimulator.Window * WandSimulator.Channels
            && model.Word(PackFormat.NormalisationChannelsAt) == WandSimulator.Channels)
        {
            var normalisation = new Normalisation(model);
            return [.. Enumerable.Range(0, Count).Select(i =>
            {
                short[] counts = new WandSimulator(100 + i).Gesture(i % labels.Length);
                var values = new sbyte[counts.Length];
                normalisation.Apply(counts, 0, values, 0, values.Length);
                return new PowerInput($"simulated {labels[i % labels.Length]}", [.. values.Select(v => (byte)v)], i % labels.Length);
            })];
        }

        var random = new Random(1);
        int bytes = Enumerable.Range(0, model.InputCount).Sum(i => model.Input(i).Size);
        return [.. Enumerable.Range(0, Count).Select(i =>
        {
            var noise = new byte[bytes];
            random.NextBytes(noise);
            return new PowerInput($"noise {i}", noise, null);
        })];
    }

    private static Dictionary<string, int> Labels(string path, Model model)
    {
        var labels = new Dictionary<string, int>();
        if (!File.Exists(path)) return labels;
        string[] names = [.. Enumerable.Range(0, model.LabelCount).Select(model.Label)];
        int line = 0;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            if (text.Trim().Length == 0 || text.StartsWith('#')) continue;
            string[] cells = text.Split(',', StringSplitOptions.TrimEntries);
            int label = cells.Length < 2 ? -1 : int.TryParse(cells[1], out int number) ? number : Array.IndexOf(names, cells[1]);
            if (label < 0) throw new ModelFormatException($"Line {line} of {path} is not CASE,CLASS with a number or a label of the model: correct it.");
            labels[cells[0]] = label;
        }

        return labels;
    }
}

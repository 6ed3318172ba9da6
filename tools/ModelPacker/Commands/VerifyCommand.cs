using System.CommandLine;
using System.Text.Json;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Commands;

/// <summary>verify MODEL_OR_PACK GOLDEN_DIR: runs all cases and compares every element.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL_OR_PACK") { Description = "A .tflite or .onnx model, or a pack." };
        var golden = new Argument<string>("GOLDEN_DIR") { Description = "Folder of NNN.in.bin and NNN.out.bin; a meta.json with stateful_sequence true keeps state between cases." };
        var stateful = new Option<bool>("--stateful") { Description = "Keep the state of streaming models between cases." };
        Option<string[]> shapes = ModelFile.ShapeOption();
        var command = new Command("verify", "Compares the device runtime with golden outputs, element by element.") { model, golden, stateful, shapes };
        command.SetAction(parse => CommandGuard.Run(() =>
            Verify(ModelFile.RunnerOf(parse.GetRequiredValue(model), parse.GetValue(shapes)), parse.GetRequiredValue(golden), parse.GetValue(stateful))));
        return command;
    }

    private static int Verify(IModelRunner runner, string folder, bool stateful)
    {
        stateful |= IsStateful(Path.Combine(folder, "meta.json"));
        string[] cases = Batch.Cases(folder);
        long elements = 0, differing = 0;
        string? first = null;
        Progress.Over(cases, "verifying", name =>
        {
            if (!stateful) runner.Reset();
            byte[][] outputs = runner.Run(Batch.Inputs(folder, name, runner));
            for (int i = 0; i < outputs.Length; i++)
            {
                string path = Batch.TensorPath(folder, name, "out", i, outputs.Length);
                if (!File.Exists(path)) throw new ModelFormatException($"Case {name} has no golden {Path.GetFileName(path)}.");
                byte[] expected = Batch.Tensor(path, outputs[i].Length, $"output {i} of the model gives");
                int width = runner.OutputElementBytes(i);
                for (int e = 0; e < expected.Length; e += width)
                {
                    elements++;
                    if (outputs[i].AsSpan(e, width).SequenceEqual(expected.AsSpan(e, width))) continue;
                    differing++;
                    first ??= $"case {name}, output {i}, element {e / width}: got {Convert.ToHexString(outputs[i].AsSpan(e, width))}, golden {Convert.ToHexString(expected.AsSpan(e, width))}; "
                        + $"output {i} is written by {runner.WriterOf(i)}";
                }
            }
        });
        Console.WriteLine($"{cases.Length} cases, {elements} elements, {differing} differ");
        if (first is not null) Console.WriteLine("first difference: " + first);
        return differing == 0 ? CommandGuard.Ok : CommandGuard.Difference;
    }

    private static bool IsStateful(string path)
    {
        if (!File.Exists(path)) return false;
        try
        {
            using JsonDocument meta = JsonDocument.Parse(File.ReadAllText(path));
            return meta.RootElement.ValueKind == JsonValueKind.Object
                && meta.RootElement.TryGetProperty("stateful_sequence", out JsonElement value) && value.ValueKind == JsonValueKind.True;
        }
        catch (JsonException)
        {
            throw new ModelFormatException($"{path} is not valid JSON: correct or remove it.");
        }
    }
}

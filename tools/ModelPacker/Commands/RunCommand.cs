using System.CommandLine;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Commands;

/// <summary>run MODEL_OR_PACK --batch DIR --out DIR2: raw tensors in, raw tensors out, through the device runtime.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL_OR_PACK") { Description = "A .tflite or .onnx model, or a pack." };
        var batch = new Option<string>("--batch") { Description = "Folder of NNN.in.bin (or NNN.in0.bin, NNN.in1.bin …), raw little-endian tensors in the model's types.", Required = true };
        var output = new Option<string>("--out") { Description = "Folder for NNN.out.bin (or NNN.out0.bin …).", Required = true };
        var stateful = new Option<bool>("--stateful") { Description = "Keep the state of streaming models between cases." };
        Option<string[]> shapes = ModelFile.ShapeOption();
        var command = new Command("run", "Runs every case of a folder with the device runtime.") { model, batch, output, stateful, shapes };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            IModelRunner runner = ModelFile.RunnerOf(parse.GetRequiredValue(model), parse.GetValue(shapes));
            string folder = parse.GetRequiredValue(batch), target = parse.GetRequiredValue(output);
            string[] cases = Batch.Cases(folder);
            foreach (string name in cases) Batch.Inputs(folder, name, runner);
            if (File.Exists(target)) throw new ModelFormatException($"{target} is a file: give a folder for the outputs.");
            Progress.Over(cases, "running", name =>
            {
                if (!parse.GetValue(stateful)) runner.Reset();
                byte[][] outputs = runner.Run(Batch.Inputs(folder, name, runner));
                for (int i = 0; i < outputs.Length; i++) ModelFile.WriteWhole(Path.Combine(target, Batch.OutputName(folder, name, i, runner)), outputs[i]);
            });
            Console.WriteLine($"{cases.Length} cases run, outputs in {target}");
            return CommandGuard.Ok;
        }));
        return command;
    }
}

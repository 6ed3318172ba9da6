using System.CommandLine;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Quantise.Data;
using TinyAI.ModelPacker.Quantise.Prepare;

namespace TinyAI.ModelPacker.Commands;

/// <summary>quantize MODEL --data DIR -o FILE: an int8 pack or .tflite from a float model and recorded inputs.</summary>
internal static class QuantizeCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A float model, or one of which only parts are quantised." };
        var data = new Option<string>("--data") { Description = "Folder of inputs: NNN.in.bin (or NNN.in0.bin …) tensors, or .csv or .npy recordings.", Required = true };
        var output = new Option<string>("--output", "-o") { Description = "The pack to write, or an int8 model where the name ends in .tflite.", Required = true };
        var calibrator = new Option<string>("--calibrator")
        {
            Description = $"How ranges are chosen: {string.Join(", ", Calibrator.All.Select(c => c.Name))}, or auto (default), which tries all and takes the best.",
            DefaultValueFactory = _ => "auto",
        };
        calibrator.AcceptOnlyFromAmong(["auto", .. Calibrator.All.Select(c => c.Name)]);
        var metadata = new Option<string?>("--meta") { Description = "JSON file with name, labels and input normalisation; default: the .json beside the model." };
        var labels = new Option<string?>("--labels") { Description = "Text file with the right label of each case, one a line; recordings have theirs from a column label, their folder or their name." };
        var shapes = new Option<string[]>("--shape") { Description = "NAME=1,128: the shape of an ONNX input, or the size of a named dimension." };
        var holdOut = new Option<int?>("--hold-out")
        {
            Description = $"Keep every so-manieth case from calibration and measure on those alone; default: every {ShootOut.HeldOut}th from {ShootOut.EnoughToHoldOut} cases on. 0: use all for both.",
        };
        var command = new Command("quantize", "Turns a float model into an int8 one with recorded inputs, and says what each layer loses.") { model, data, output, calibrator, metadata, labels, shapes, holdOut };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            string path = parse.GetRequiredValue(model), target = parse.GetRequiredValue(output), name = parse.GetRequiredValue(calibrator);
            Metadata about = ModelFile.MetadataFor(path, parse.GetValue(metadata));
            Graph graph = Open(path, about, new ImportOptions(ImportOptions.ParseShapes(parse.GetValue(shapes) ?? []), Path.GetDirectoryName(Path.GetFullPath(path))));
            CalibrationData set = CalibrationData.Load(parse.GetRequiredValue(data), graph, about, parse.GetValue(labels));
            foreach (string note in set.Notes) Console.Error.WriteLine("note: " + note);
            Calibrator[] calibrators = [.. Calibrator.All.Where(c => name == "auto" || c.Name == name)];
            ShootOutResult result = ShootOut.Run(graph, set.Cases, set.Labels, calibrators, what => Console.Error.WriteLine($"{what} …"), HoldOut(parse.GetValue(holdOut), set.Cases.Count));
            Write(result.Chosen.Quantised.Graph, about, target);
            QuantisePrinter.Print(result, set);
            return CommandGuard.Ok;
        }));
        return command;
    }

    private static int HoldOut(int? every, int cases) => every switch
    {
        null => cases >= ShootOut.EnoughToHoldOut ? ShootOut.HeldOut : 0,
        0 => 0,
        >= 2 when every <= cases => every.Value,
        _ => throw new ModelFormatException($"--hold-out {every} of {cases} cases leaves none to calibrate with or none to measure on: give a number from 2 to {cases}, or 0 to use all for both."),
    };

    /// <summary>Reads a model that has something left to quantise.</summary>
    private static Graph Open(string path, Metadata about, ImportOptions options)
    {
        byte[] file = ModelFile.Read(path);
        if (ModelFile.IsPack(file)) throw new ModelFormatException($"{path} is a pack, which is quantised already: give the float model.");
        Graph graph = ModelImporter.Import(file, about.Name ?? ModelFile.NameOf(path), options);
        bool done = graph.Nodes.All(n => n.Operator is BuiltinOperator.QUANTIZE or BuiltinOperator.DEQUANTIZE || !n.Outputs.Any(Sharing.IsActivation));
        if (done) throw new ModelFormatException($"{path} is quantised already: use `pack`.");
        return graph;
    }

    private static void Write(Graph quantised, Metadata about, string target)
    {
        byte[]? tflite = Path.GetExtension(target).Equals(".tflite", StringComparison.OrdinalIgnoreCase) ? TfliteExport.Write(quantised) : null;
        Graph graph = GraphCopy.Of(quantised).Graph;
        PassList.Run(graph);
        OperatorTable.Require(graph);
        PackResult packed = Packer.Pack(Lowering.Run(graph), about, int.MaxValue);
        ModelFile.WriteWhole(target, tflite ?? packed.Pack);
        AccountPrinter.Print(Account.Of(packed));
    }
}

using System.CommandLine;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Commands;

/// <summary>classify MODEL_OR_PACK --csv FILE: sensor rows in, label and confidence per window out.</summary>
internal static class ClassifyCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL_OR_PACK") { Description = "A .tflite or .onnx model, or a pack." };
        var csv = new Option<string>("--csv") { Description = "Sensor rows, one value per channel; a line of dashes separates recordings.", Required = true };
        var stride = new Option<int?>("--stride") { Description = "Rows from one window to the next; default: a whole window." };
        var units = new Option<string>("--units")
        {
            Description = "counts: raw sensor counts; physical: g, degrees per second …; auto: physical when any value has a fraction.",
            DefaultValueFactory = _ => "auto",
        };
        units.AcceptOnlyFromAmong("auto", "counts", "physical");
        var metadata = new Option<string?>("--meta") { Description = "JSON file with labels and normalisation, for a model; default: the .json beside it." };
        Option<string[]> shapes = ModelFile.ShapeOption();
        var command = new Command("classify", "Classifies windows of recorded sensor rows with the device's own pipeline.") { model, csv, stride, units, metadata, shapes };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            var classifier = new WindowClassifier(ModelFile.PackOf(parse.GetRequiredValue(model), parse.GetValue(metadata), parse.GetValue(shapes)));
            int step = parse.GetValue(stride) ?? classifier.Window;
            if (step < 1) throw new ModelFormatException($"A stride of {step} rows does not move the window: use 1 or more.");
            if (!classifier.TakesCounts && parse.GetRequiredValue(units) == "counts")
                throw new ModelFormatException("The model carries no input normalisation, so raw counts mean nothing to it: give one in a JSON file with --meta, or rows as the model was trained on.");
            return Classify(classifier, parse.GetRequiredValue(csv), step, parse.GetRequiredValue(units));
        }));
        return command;
    }

    private static int Classify(WindowClassifier classifier, string path, int stride, string units)
    {
        List<List<double[]>> recordings = SensorCsv.Read(path, classifier.Channels);
        bool physical = SensorCounts.ArePhysical(recordings, units);
        var windows = new List<(int Recording, int Row)>();
        for (int r = 0; r < recordings.Count; r++)
        {
            for (long row = 0; row + classifier.Window <= recordings[r].Count; row += stride) windows.Add((r, (int)row));
        }

        if (windows.Count == 0)
            throw new ModelFormatException($"{path} has no recording of {classifier.Window} rows, which is one window of the model.");
        if (!classifier.TakesCounts) Console.Error.WriteLine("note: the model carries no input normalisation; rows are taken as the numbers it was trained on.");
        Progress.Over(windows, "classifying", at =>
        {
            Decision decision = classifier.Classify(recordings[at.Recording].GetRange(at.Row, classifier.Window), physical);
            Console.WriteLine($"recording {at.Recording} rows {at.Row}..{at.Row + classifier.Window - 1}: {decision.Label} {decision.Confidence:P1}");
        });
        return CommandGuard.Ok;
    }
}

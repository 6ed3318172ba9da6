using System.CommandLine;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Reports;

namespace TinyAI.ModelPacker.Commands;

/// <summary>report MODEL_OR_PACK -o FILE.html: a model on one page.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL_OR_PACK") { Description = "A model or a pack." };
        var output = new Option<string>("--output", "-o") { Description = "The page to write.", Required = true };
        var metadata = new Option<string?>("--meta") { Description = "JSON file with name, labels and input normalisation; default: the .json beside the model." };
        var board = new Option<string?>("--board") { Description = "Predict times with the operation costs of this board, where they have been measured." };
        Option<string[]> shape = ModelFile.ShapeOption();
        var command = new Command("report", "Writes a page about a model: layers, memory over time, flash, work, number ranges, and the boards it fits.") { model, output, metadata, shape, board };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            string path = parse.GetRequiredValue(model), target = parse.GetRequiredValue(output);
            ModelReport report = Read(path, parse.GetValue(metadata), parse.GetValue(shape), parse.GetValue(board));
            ModelFile.WriteWhole(target, ReportPage.Write(report));
            Console.WriteLine($"{target}: {report.Layers.Length} layers, {report.FlashBytes:N0} B of flash, {report.PeakHeapBytes:N0} B of heap, fits {report.Boards.Count(b => b.Reasons.Count == 0)} of {report.Boards.Length} boards");
            return CommandGuard.Ok;
        }));
        return command;
    }

    private static ModelReport Read(string path, string? metadata, string[]? shapes, string? board)
    {
        byte[] file = ModelFile.Read(path);
        if (ModelFile.IsPack(file)) return ModelReport.Of(ModelFile.PackOf(path, metadata, shapes), board);
        Metadata about = ModelFile.MetadataFor(path, metadata);
        return ModelReport.Of(maxBlock => Packer.Pack(ModelFile.Import(file, path, shapes, about.Name), about, maxBlock), board);
    }
}

using System.CommandLine;
using System.Text;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Survey;

namespace TinyAI.ModelPacker.Commands;

/// <summary>survey DIR [-o FILE]: every ONNX model of a folder with goldens of another runtime, imported, computed and compared.</summary>
internal static class SurveyCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder with models/NAME.onnx and golden/NAME." };
        var output = new Option<string?>("--output", "-o") { Description = "The page to write; without it, a line for each model." };
        var only = new Option<string?>("--only") { Description = "Only models whose name contains this." };
        var nodes = new Option<bool>("--nodes") { Description = "List the nodes of each cleaned graph." };
        var command = new Command("survey", "Compares every model of a folder with its goldens.") { folder, output, only, nodes };
        command.Hidden = true;
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            string root = parse.GetRequiredValue(folder);
            if (!Directory.Exists(Path.Combine(root, "models"))) throw new ModelFormatException($"{root} has no folder models: give a folder with models/NAME.onnx and golden/NAME.");
            var results = new List<SurveyResult>();
            foreach (SurveyedModel model in SurveyedModel.In(root).Where(m => parse.GetValue(only) is not { } part || m.Name.Contains(part)))
            {
                if (parse.GetValue(nodes)) PrintNodes(model);
                results.Add(SurveyResult.Of(model));
                Console.WriteLine(Line(results[^1]));
            }

            if (parse.GetValue(output) is { } target) ModelFile.WriteWhole(target, Encoding.UTF8.GetBytes(SurveyPage.Of(results)));
            return CommandGuard.Ok;
        }));
        return command;
    }

    private static void PrintNodes(SurveyedModel model)
    {
        foreach (Node n in model.Import().Nodes)
            Console.WriteLine($"    {n} {string.Join(' ', n.Inputs.Select(t => t is null ? "-" : $"{t.Name}:{t}{(t.IsConstant ? "*" : "")}"))} -> {string.Join(' ', n.Outputs.Select(t => $"{t.Name}:{t}"))}");
    }

    private static string Line(SurveyResult result)
    {
        string line = $"{result.Model.Kind} {result.Model.Name,-40} {result.Nodes,4} nodes";
        if (result.Float is { } real) line += $", float {real.Decibels:F1} dB";
        if (result.Device is { } device)
            line += $", device {device.Decibels:F1} dB, worst {device.Worst:F1} dB, {100 * device.WithinTwoSteps:F2} % within 2 steps, top {(device.SameTop is { } same ? $"{same}/{device.Cases}" : "-")}, {result.Quantisation}";
        return line + string.Concat(result.Reasons.Select(r => "\n      " + r));
    }
}

using System.CommandLine;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Survey;

namespace TinyAI.ModelPacker.Commands;

/// <summary>survey DIR: every model of a folder with goldens of another runtime, imported, computed and compared.</summary>
internal static class SurveyCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder with models/NAME.onnx and golden/NAME." };
        var only = new Option<string?>("--only") { Description = "Only models whose name contains this." };
        var nodes = new Option<bool>("--nodes") { Description = "List the nodes of each graph." };
        var command = new Command("survey", "Compares every model of a folder with its goldens.") { folder, only, nodes };
        command.Hidden = true;
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            foreach (SurveyedModel model in SurveyedModel.In(parse.GetRequiredValue(folder)))
            {
                if (parse.GetValue(only) is { } part && !model.Name.Contains(part)) continue;
                Console.WriteLine(Line(model, parse.GetValue(nodes)));
            }

            return CommandGuard.Ok;
        }));
        return command;
    }

    private static string Line(SurveyedModel model, bool nodes)
    {
        try
        {
            Graph graph = model.Import();
            if (nodes)
            {
                foreach (Node n in graph.Nodes)
                    Console.WriteLine($"    {n.Origin} {n.CustomCode ?? n.Operator.ToString()} {string.Join(' ', n.Inputs.Select(t => t is null ? "-" : t.Name + ":" + t + (t.IsConstant ? "*" : "")))} -> {string.Join(' ', n.Outputs.Select(t => t.Name + ":" + t))} {n.Options}");
            }

            SurveyResult result = SurveyResult.Of(model);
            string line = $"{model.Kind} {model.Name,-40} nodes {result.Nodes,4}";
            if (result.Float is { } real) line += $" float {real.Decibels,6:F1} dB";
            if (result.Device is { } device)
                line += $" device {device.Decibels,5:F1} dB, {100 * device.WithinTwoSteps,6:F2} % within 2 steps, largest {device.LargestSteps,5:F1}, top {(device.SameTop is { } same ? $"{same}/{device.Cases}" : "-")}, {result.Quantisation}, flash {result.Account!.FlashBytes:N0}, heap {result.Account.PeakHeapBytes:N0}, MACs {result.Account.Macs:N0}";
            return line + string.Concat(result.Reasons.Take(6).Select(r => "\n      " + r));
        }
        catch (UnsupportedModelException e)
        {
            return $"{model.Kind} {model.Name,-42} REFUSED\n      {string.Join("\n      ", e.Reasons)}";
        }
        catch (Exception e)
        {
            return $"{model.Kind} {model.Name,-42} FAILED {e}";
        }
    }
}

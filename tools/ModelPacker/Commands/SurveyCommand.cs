using System.CommandLine;
using TinyAI.ModelPacker.Float;
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

            var runner = new FloatRunner(graph);
            double worst = double.PositiveInfinity;
            float largest = 0;
            foreach ((byte[][] inputs, byte[][] outputs) in model.Cases())
            {
                runner.Reset();
                Dictionary<Tensor, float[]> values = runner.Run([.. inputs.Select((b, i) => SurveyedModel.Reals(graph.Inputs[i], b))]);
                double signal = 0, noise = 0;
                for (int o = 0; o < outputs.Length; o++)
                {
                    float[] wanted = SurveyedModel.Reals(graph.Outputs[o], outputs[o]), got = values[graph.Outputs[o]];
                    for (int e = 0; e < wanted.Length; e++)
                    {
                        signal += (double)wanted[e] * wanted[e];
                        noise += ((double)wanted[e] - got[e]) * ((double)wanted[e] - got[e]);
                        largest = Math.Max(largest, Math.Abs(wanted[e] - got[e]));
                    }
                }

                worst = Math.Min(worst, 10 * Math.Log10(signal / Math.Max(noise, 1e-30)));
            }

            return $"{model.Kind} {model.Name,-42} float {worst,7:F1} dB, largest difference {largest:G4}; {graph.Nodes.Count} nodes, {graph.Nodes.Count(n => n.Operator == Import.Tflite.BuiltinOperator.TRANSPOSE)} transpositions";
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

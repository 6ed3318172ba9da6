using Spectre.Console;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Data;

namespace TinyAI.ModelPacker.Commands;

/// <summary>What quantisation cost, for people: a row per layer and calibrator, the choice and its reason.</summary>
internal static class QuantisePrinter
{
    private const int MostCharacters = 40;

    public static void Print(ShootOutResult result, CalibrationData data)
    {
        var layers = new Table().Border(TableBorder.Simple).AddColumn("tensor").AddColumn("operator");
        foreach (Contender contender in result.Contenders) layers.AddColumn(Markup.Escape(contender.Name.Replace(" + ", " +\n")), c => c.RightAligned());
        foreach (Node node in result.Prepared.Nodes)
        {
            foreach (Tensor tensor in node.Outputs)
            {
                if (RuleTable.Find(node)?.Output(node, 0).Kind == NeedKind.AsInput) continue;
                string[] cells = [.. result.Contenders.Select(c => Of(c, tensor))];
                if (cells.Any(c => c.Length > 0)) layers.AddRow([Markup.Escape(Short(tensor.Name)), Markup.Escape(node.CustomCode ?? (node.Options as BlockOptions)?.Code ?? node.Operator.ToString()), .. cells]);
            }
        }

        layers.AddEmptyRow();
        layers.AddRow(["at the output", "", .. result.Contenders.Select(c => Decibels(c.Measured.Output))]);
        layers.AddRow(["same answer as float", "", .. result.Contenders.Select(c => $"{c.Measured.Agreement:P1}")]);
        if (data.Labels is not null) layers.AddRow(["labels right", $"float {result.FloatAccuracy:P1}", .. result.Contenders.Select(c => $"{c.Measured.Accuracy:P1}")]);
        string cases = result.Measured.Seen
            ? $"{data.Cases.Count} {(data.Cases.Count == 1 ? "case" : "cases")}, with which it was calibrated too" : $"{result.Measured.Count} of {data.Cases.Count} cases, which calibration did not see";
        Console.WriteLine($"Signal to quantisation noise in decibels, device runtime against float, {cases}:");
        Tables.Write(layers);
        Console.WriteLine($"chosen       {result.Why}");
    }

    /// <summary>The end of a name, which tells more than its beginning.</summary>
    private static string Short(string name) => name.Length <= MostCharacters ? name : "…" + name[^(MostCharacters - 1)..];

    private static string Of(Contender contender, Tensor tensor)
    {
        double? found = contender.Measured.Tensors.FirstOrDefault(t => t.Key == tensor || t.Key.Name == tensor.Name) is { Key: not null } pair ? pair.Value : null;
        return found is { } decibels ? Decibels(decibels) : "";
    }

    private static string Decibels(double value) => double.IsPositiveInfinity(value) ? "exact" : double.IsNegativeInfinity(value) ? "no signal" : $"{value:F1}";
}

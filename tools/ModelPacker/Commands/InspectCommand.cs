using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Plan;
using TinyAI.ModelPacker.Quantise;

namespace TinyAI.ModelPacker.Commands;

/// <summary>inspect MODEL: what is in a model, and every reason why it would not run.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The .tflite or .onnx model." };
        var json = new Option<bool>("--json") { Description = "Print as JSON; with the whole account where the model runs." };
        var board = new Option<string?>("--board") { Description = "Predict times with the operation costs of this board, where they have been measured." };
        Option<string[]> shapes = ModelFile.ShapeOption();
        var memory = new Option<bool>("--memory") { Description = "Draw the plan of the activations over time instead." };
        Option<Preference> prefer = PackCommand.Prefer();
        var command = new Command("inspect", "Lists operators, shapes, work, weights and quantisation, and every reason why the model would not run.") { model, board, shapes, memory, prefer, json };
        command.SetAction(parse => CommandGuard.Run(() => parse.GetValue(memory)
            ? Draw(parse.GetRequiredValue(model), parse.GetValue(shapes), parse.GetValue(prefer))
            : Inspect(parse.GetRequiredValue(model), parse.GetValue(shapes), parse.GetValue(prefer), parse.GetValue(board), parse.GetValue(json))));
        return command;
    }

    private static int Draw(string path, string[]? shapes, Preference prefer)
    {
        byte[] file = ModelFile.Read(path);
        if (ModelFile.IsPack(file)) throw new ModelFormatException($"{path} is a pack: inspect the model it was made from.");
        Emit.Metadata about = ModelFile.MetadataFor(path, null);
        PackResult packed = PackCommand.Pack(ModelFile.Import(file, path, shapes, about.Name), about, null, prefer);
        foreach (string line in MemoryDrawing.Lines(packed.Model, packed.Plan)) Console.WriteLine(line);
        return CommandGuard.Ok;
    }

    private static int Inspect(string path, string[]? shapes, Preference prefer, string? board, bool json)
    {
        byte[] file = ModelFile.Read(path);
        if (ModelFile.IsPack(file)) throw new ModelFormatException($"{path} is a pack: inspect the model it was made from.");
        Graph original;
        try
        {
            original = ModelFile.Import(file, path, shapes);
        }
        catch (UnsupportedModelException e)
        {
            if (json) PrintJson(new Graph { Name = ModelFile.NameOf(path) }, [.. e.Reasons], null, board);
            else Print(new Graph { Name = ModelFile.NameOf(path) }, [.. e.Reasons], null, board);
            return CommandGuard.BadInput;
        }

        (PackResult? packed, List<string> reasons) = TryPack(ModelFile.Import(file, path, shapes), path, prefer);
        if (json) PrintJson(original, reasons, packed, board);
        else Print(original, reasons, packed, board);
        return reasons.Count == 0 ? CommandGuard.Ok : CommandGuard.BadInput;
    }

    /// <summary>The packed model, or every reason why there is none.</summary>
    private static (PackResult? Packed, List<string> Reasons) TryPack(Graph graph, string path, Preference prefer)
    {
        try
        {
            graph = GivenQuantisation.Run(graph);
        }
        catch (UnsupportedModelException e)
        {
            return (null, [.. e.Reasons]);
        }

        PassList.Run(graph);
        List<string> reasons = OperatorTable.Check(graph);
        return reasons.Count > 0 ? (null, reasons) : (Packer.Pack(Lower.Lowering.Run(graph), ModelFile.MetadataFor(path, null), prefer), reasons);
    }

    private static void Print(Graph graph, List<string> reasons, PackResult? packed, string? board)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("#").AddColumn("operator", c => c.NoWrap()).AddColumn("inputs").AddColumn("output")
            .AddColumn("scale / zero point").AddColumn(new TableColumn("MACs").RightAligned());
        foreach (Node node in graph.Nodes)
        {
            Tensor? output = node.Outputs.FirstOrDefault();
            table.AddRow(
                node.Origin.ToString(), node.CustomCode ?? node.Operator.ToString(), Markup.Escape(InputsOf(node)), Markup.Escape(output?.ToString() ?? ""),
                output?.Quantisation is { } q ? $"{q.Scale:G6} / {q.ZeroPoint}" : "", Work(node) is > 0 and var macs ? $"{macs:N0}" : "");
        }

        Tables.Write(table);
        foreach (Tensor input in graph.Inputs) Console.WriteLine($"input   {input.Name} {input}");
        foreach (Tensor output in graph.Outputs) Console.WriteLine($"output  {output.Name} {output}");
        if (packed is not null)
        {
            TimeAccount time = TimeAccount.Of(packed, board);
            Account account = Account.Of(packed, time);
            for (int i = 0; i < account.Layers.Length; i++) Console.WriteLine($"layer   {i,3} {account.Layers[i].Kernel,-24} {account.Layers[i].Milliseconds,10:N3} ms  from operator {account.Layers[i].Operator}");
            Console.WriteLine($"runs: {account.Macs:N0} MACs, {account.Parameters:N0} parameters, pack {account.FlashBytes:N0} B, peak heap {account.PeakHeapBytes:N0} B, {account.Milliseconds:N2} ms");
            Console.WriteLine($"time: {account.TimeSource}");
            BoardPrinter.Print(account.Boards, allReasons: true);
            return;
        }

        Console.WriteLine("does not run:");
        foreach (string reason in reasons) Console.WriteLine("  " + reason);
    }

    private static void PrintJson(Graph graph, List<string> reasons, PackResult? packed, string? board)
    {
        var options = new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
        var operators = graph.Nodes.Select(node => new
        {
            index = node.Origin,
            @operator = node.CustomCode ?? node.Operator.ToString(),
            inputs = node.Inputs.Select(i => i?.ToString()).ToArray(),
            outputs = node.Outputs.Select(o => o.ToString()).ToArray(),
            scale = node.Outputs.FirstOrDefault()?.Quantisation?.Scale,
            zeroPoint = node.Outputs.FirstOrDefault()?.Quantisation?.ZeroPoint,
            macs = Work(node),
        });
        Account? account = packed is null ? null : Account.Of(packed, TimeAccount.Of(packed, board));
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                model = graph.Name,
                runs = packed is not null,
                reasons,
                flashBytes = account?.FlashBytes,
                peakHeapBytes = account?.PeakHeapBytes,
                weightBytes = account?.WeightBytes,
                milliseconds = account?.Milliseconds,
                timeSource = account?.TimeSource,
                runtimeCodeBytes = account?.RuntimeCodeBytes,
                macs = account?.Macs ?? graph.Nodes.Sum(Work),
                parameters = account?.Parameters,
                inputs = graph.Inputs.Select(t => new { name = t.Name, type = t.ToString() }),
                outputs = graph.Outputs.Select(t => new { name = t.Name, type = t.ToString() }),
                operators,
                layers = account?.Layers ?? [],
                boards = account?.Boards ?? [],
            },
            options));
    }

    private static string InputsOf(Node node) =>
        string.Join(Tables.IsNarrow ? '\n' : ' ', node.Inputs.Select(i => i is null ? "-" : i + (i.IsConstant ? "*" : "") + (i.Quantisation is { IsPerChannel: true } ? "/ch" : "")));

    /// <summary>Multiply-accumulates, 0 where the node is not one that can be asked.</summary>
    private static long Work(Node node) =>
        OperatorTable.Supported.Contains(node.Operator) && !OperatorTable.For(node).Check(node).Any() ? OperatorTable.For(node).Macs(node) : 0;
}

using System.Text.Json;
using Spectre.Console;

namespace TinyAI.ModelPacker.Accounts;

/// <summary>Prints an account as tables for people or as JSON for machines.</summary>
public static class AccountPrinter
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The account as JSON.</summary>
    public static string Json(Account account) => JsonSerializer.Serialize(account, s_json);

    /// <summary>The account as tables.</summary>
    public static void Print(Account account)
    {
        var layers = new Table().Border(TableBorder.Simple).AddColumn("#", Right).AddColumn("kernel").AddColumn("form").AddColumn("from operator").AddColumn("output")
            .AddColumn("MACs", Right).AddColumn("params", Right).AddColumn("flash B", Right).AddColumn("live B", Right);
        bool inParts = account.Layers.Any(l => l.Parts > 1), timed = account.Milliseconds is not null;
        if (inParts) layers.AddColumn("parts", Right);
        if (timed) layers.AddColumn("ms", Right);
        foreach (LayerAccount l in account.Layers)
        {
            string[] cells =
            [
                l.Index.ToString(), Markup.Escape(l.Kernel), Markup.Escape(l.Form), Markup.Escape(l.Operator), Markup.Escape(l.Output),
                $"{l.Macs:N0}", $"{l.Parameters:N0}", $"{l.FlashBytes:N0}", $"{l.LiveBytes:N0}",
            ];
            string[] parts = inParts ? [l.Parts > 1 ? $"{l.Parts:N0}" : ""] : [], time = timed ? [$"{l.Milliseconds:N3}"] : [];
            layers.AddRow([.. cells, .. parts, .. time]);
        }

        Tables.Write(layers);
        Console.WriteLine($"model        {account.Model}");
        Console.WriteLine($"flash        {account.FlashBytes,10:N0} B   of which weights and tables {account.WeightBytes:N0} B");
        Console.WriteLine($"peak heap    {account.PeakHeapBytes,10:N0} B   activations {account.ActivationBytes:N0} (at least {account.ActivationLowerBound:N0}, layer {account.PeakLayer})"
            + $" + window {account.WindowBytes:N0} + objects {account.ObjectBytes:N0}{(account.LaneBytes > 0 ? $" + lanes {account.LaneBytes:N0}" : "")}");
        foreach (GroupAccount g in account.Groups)
            Console.WriteLine($"row by row   layers {g.First}..{g.Last} in {g.Steps:N0} steps: {g.StreamBytes:N0} B instead of {g.WholeBytes:N0} B for the tensors between them");
        if (account.FedRows > 0) Console.WriteLine($"input        fed in {account.FedRows:N0} rows: memory never holds all of it");
        if (account.Groups.Length > 0)
            Console.WriteLine($"weights read {account.WeightBytesRead,10:N0} B in one run, {(double)account.WeightBytesRead / Math.Max(account.WeightBytes, 1):F1} times what there is");
        foreach (AlternativeAccount a in account.Preferences)
            Console.WriteLine($"{(a.Chosen ? "made for" : "instead")}     {a.Prefer,-9} {a.PeakHeapBytes,9:N0} B peak heap, about {a.Cost / 1e6:N1} million additions in weighted layers");
        Console.WriteLine($"parameters   {account.Parameters,10:N0}");
        Console.WriteLine($"MACs         {account.Macs,10:N0}");
        if (account.Milliseconds is { } ms) Console.WriteLine($"time         {ms,10:N2} ms  {account.TimeSource}; code of runtime and kernels {account.RuntimeCodeBytes:N0} B of IL");
        BoardPrinter.Print(account.Boards, allReasons: false);
    }

    private static void Right(TableColumn column) => column.RightAligned();
}

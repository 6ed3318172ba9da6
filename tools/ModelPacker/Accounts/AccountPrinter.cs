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
        bool timed = account.Milliseconds is not null;
        if (timed) layers.AddColumn("ms", Right);
        foreach (LayerAccount l in account.Layers)
        {
            string[] cells =
            [
                l.Index.ToString(), Markup.Escape(l.Kernel), Markup.Escape(l.Form), Markup.Escape(l.Operator), Markup.Escape(l.Output),
                $"{l.Macs:N0}", $"{l.Parameters:N0}", $"{l.FlashBytes:N0}", $"{l.LiveBytes:N0}",
            ];
            layers.AddRow(timed ? [.. cells, $"{l.Milliseconds:N3}"] : cells);
        }

        Tables.Write(layers);
        Console.WriteLine($"model        {account.Model}");
        Console.WriteLine($"flash        {account.FlashBytes,10:N0} B   of which weights and tables {account.WeightBytes:N0} B");
        Console.WriteLine($"peak heap    {account.PeakHeapBytes,10:N0} B   activations {account.ActivationBytes:N0} (at least {account.ActivationLowerBound:N0}, layer {account.PeakLayer})"
            + $" + window {account.WindowBytes:N0} + objects {account.ObjectBytes:N0}{(account.LaneBytes > 0 ? $" + lanes {account.LaneBytes:N0}" : "")}");
        Console.WriteLine($"parameters   {account.Parameters,10:N0}");
        Console.WriteLine($"MACs         {account.Macs,10:N0}");
        if (account.Milliseconds is { } ms) Console.WriteLine($"time         {ms,10:N2} ms  {account.TimeSource}; code of runtime and kernels {account.RuntimeCodeBytes:N0} B of IL");
        BoardPrinter.Print(account.Boards, allReasons: false);
    }

    private static void Right(TableColumn column) => column.RightAligned();
}

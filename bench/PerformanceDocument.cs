using System.Globalization;
using System.Text;
using TinyAI.CostModel;

namespace TinyAI.Bench;

/// <summary>The figures as Markdown: the tables of docs/performance.md.</summary>
internal static class PerformanceDocument
{
    /// <summary>The whole document.</summary>
    public static string Text(IReadOnlyList<BenchRow> rows, CostTable table, string ablation, string ideas)
    {
        return Template.Read("performance.template.md")
            .Replace("{{board}}", table.Board, StringComparison.Ordinal).Replace("{{source}}", table.Source, StringComparison.Ordinal)
            .Replace("{{nsPerAdd}}", table.NanosecondsPerAdd.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{{costs}}", Costs(rows, table), StringComparison.Ordinal).Replace("{{targets}}", Targets.Text(rows), StringComparison.Ordinal)
            .Replace("{{ablation}}", ablation, StringComparison.Ordinal).Replace("{{ideas}}", ideas, StringComparison.Ordinal).Replace("{{sizes}}", Sizes(rows), StringComparison.Ordinal);
    }

    /// <summary>Costs, ratios to the baseline, and milliseconds.</summary>
    public static string Costs(IEnumerable<BenchRow> rows, CostTable table)
    {
        var text = new StringBuilder();
        text.Append("| model | MACs | plain | runtime | lanes | code | plain/runtime | plain/lanes | plain/code | plain ms | best ms |\n");
        text.Append("|--|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (BenchRow r in rows)
        {
            long? best = new[] { r.RuntimeCost, r.LanesCost, r.CodeCost }.Min();
            text.Append($"| {r.Model} | {r.Macs:N0} | {Number(r.PlainCost)} | {Number(r.RuntimeCost)} | {Number(r.LanesCost)} | {Number(r.CodeCost)} ");
            text.Append($"| {Ratio(r.PlainCost, r.RuntimeCost)} | {Ratio(r.PlainCost, r.LanesCost)} | {Ratio(r.PlainCost, r.CodeCost)} ");
            text.Append($"| {Milliseconds(r.PlainCost, table)} | {Milliseconds(best, table)} |\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    /// <summary>Bytes of flash and managed heap.</summary>
    public static string Sizes(IEnumerable<BenchRow> rows)
    {
        var text = new StringBuilder();
        text.Append("| model | plain flash | runtime flash | lanes flash | code flash | code flash per weight | with --optimise size | plain heap | runtime heap | lanes heap | code heap |\n");
        text.Append("|--|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (BenchRow r in rows)
        {
            text.Append($"| {r.Model} | {Number(r.PlainFlashBytes)} | {Number(r.RuntimeFlashBytes)} | {Number(r.LanesFlashBytes)} | {Number(r.CodeFlashBytes)} ");
            text.Append($"| {PerWeight(r.CodeBytesPerWeight)} | {PerWeight(r.SmallCodeBytesPerWeight)} ");
            text.Append($"| {Number(r.PlainHeapBytes)} | {Number(r.RuntimeHeapBytes)} | {Number(r.LanesHeapBytes)} | {Number(r.CodeHeapBytes)} |\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string Number(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

    /// <summary>Rounded up: what is missed must not look as if it were met.</summary>
    private static string PerWeight(double? bytes) => bytes is { } b ? (Math.Ceiling(100 * b) / 100).ToString("0.00", CultureInfo.InvariantCulture) : "";

    private static string Ratio(long? plain, long? form) =>
        plain is { } p && form is > 0 ? ((double)p / form.Value).ToString("0.0", CultureInfo.InvariantCulture) : "";

    private static string Milliseconds(long? cost, CostTable table) =>
        cost is { } c ? (c * table.NanosecondsPerAdd / 1e6).ToString("0.00", CultureInfo.InvariantCulture) : "";
}

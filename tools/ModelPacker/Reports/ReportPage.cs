using TinyAI.ModelPacker.Boards;
using TinyAI.ModelPacker.Pages;

namespace TinyAI.ModelPacker.Reports;

/// <summary>A model on one page: what it costs, where it runs, its layers, its memory and its number ranges.</summary>
internal static class ReportPage
{
    private const string Style = """
        <style>
        td.g,th.g{position:relative;padding:0;min-width:var(--g);width:var(--g)}
        td.g svg{position:absolute;top:0;left:0;height:100%;display:block}
        .dot{position:absolute;top:50%;width:11px;height:11px;margin:-5.5px 0 0 -5.5px;border-radius:50%;background:var(--blue);border:2px solid #fff;box-shadow:0 0 0 1px var(--blue)}
        .dot.border{background:#fff}
        .layers td{white-space:nowrap}.layers td:first-child{min-width:0}.layers td:last-child{white-space:normal;overflow-wrap:anywhere;min-width:130px}
        .layers .bars{min-width:90px;width:auto}
        .with{display:flex;align-items:center;gap:8px}.with .bar{flex:0 0 auto}.with b{font-weight:400;font-variant-numeric:tabular-nums}
        .stack{display:flex;height:22px;border-radius:5px;overflow:hidden;margin:4px 0 8px;background:var(--line)}
        .stack i{display:block}
        .boards{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:12px}
        .board{border:1px solid var(--line);border-radius:8px;padding:12px 14px;font-size:13.5px}
        .board p{margin:0 0 6px}.board .name{display:flex;justify-content:space-between;gap:10px;font-size:15px;margin:0}
        .row{display:flex;justify-content:space-between;gap:8px;white-space:nowrap;margin-top:7px}
        .meter{position:relative;height:7px;border-radius:4px;background:#e6eaf0;overflow:hidden;margin-top:3px}
        .meter i{position:absolute;inset:0 auto 0 0;border-radius:4px;min-width:2px}
        .board .reason{margin:10px 0 4px}.reason,.board details{color:var(--soft);font-size:13px;overflow-wrap:anywhere}
        summary{cursor:pointer;color:var(--blue)}
        .range{position:relative;height:12px;min-width:120px;background:linear-gradient(#c4ccd8,#c4ccd8) 50% 50%/1px 100% no-repeat}
        .range i{position:absolute;top:2px;bottom:2px;border-radius:3px;background:var(--blue);opacity:.75;min-width:2px}
        .chart .on{position:absolute;transform:translateY(-50%);font-size:11.5px;line-height:1.2;color:#0d1420;padding:0 6px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;pointer-events:none;text-align:center}
        .chart.tall{height:340px}
        @media(max-width:640px){.chart .on{font-size:10px;padding:0 2px}}
        </style>
        """;

    /// <summary>The page.</summary>
    public static byte[] Write(ModelReport report)
    {
        var page = new HtmlPage(report.Name);
        page.Add(Style);
        page.Heading("Model report", $"{report.Layers.Length:N0} layers; {report.Origin}.");
        int fitting = report.Boards.Count(b => b.Reasons.Count == 0);
        (string, string, string)[] tiles =
        [
            Bytes(report.FlashBytes, "flash"), Bytes(report.PeakHeapBytes, "managed heap at the peak"), (Count(report.Macs), "", "multiply-accumulates a run"),
            (report.Account is { } a ? $"{a.Parameters:N0}" : $"{report.WeightBytes:N0}", report.Account is null ? "B" : "", report.Account is null ? "of constants" : "parameters"),
            ($"{fitting} of {report.Boards.Length}", "", "boards it fits"),
        ];
        page.Tiles([.. tiles, (Power.PowerPrinter.Figures(report.Time.Milliseconds), "ms", report.Time.IsEstimate ? "a run, estimated" : $"a run, predicted for {report.Time.Board}")]);
        Memory(page, report);
        Layers(page, report);
        Boards(page, report);
        Ranges(page, report);
        if (report.Labels.Length > 0) page.Section("Classes").Add($"<p>{string.Join(" · ", report.Labels.Select(HtmlPage.Text))}</p>").EndSection();
        return page.Finish("Written by modelpacker report. Board figures are those of the profiles, which say where they come from.");
    }

    private static (string, string, string) Bytes(long bytes, string caption) => bytes switch
    {
        >= 10 << 20 => ($"{bytes / 1048576.0:N1}", "MB", caption),
        >= 10_000 => ($"{bytes / 1024.0:N1}", "KB", caption),
        _ => ($"{bytes:N0}", "B", caption),
    };

    private static string Count(long value) => value switch
    {
        >= 10_000_000 => $"{value / 1e6:N1} M",
        _ => $"{value:N0}",
    };

    private static void Boards(HtmlPage page, ModelReport report)
    {
        page.Section("Boards", "What the model takes of what each board leaves it, by the board's profile. "
            + (report.Account is null ? "The plan is the one of this pack." : "Where this pack's plan does not fit, the model was planned again for that board, as pack --board does."));
        page.Add("<div class=boards>" + string.Concat(report.Boards.Select(Board)) + "</div>");
        page.EndSection();
    }

    private static string Board(ReportBoard board)
    {
        BoardProfile profile = board.Profile;
        bool fits = board.Reasons.Count == 0;
        string reasons = string.Concat(board.Reasons.Skip(1).Select(r => $"<p>{HtmlPage.Text(r)}</p>"));
        return $"<div class=board><p class=name><b>{HtmlPage.Text(profile.Name)}</b><span class={(fits ? "yes>✓ fits" : "no>✗ does not fit")}</span></p><p class=m>{HtmlPage.Text(profile.Title)}</p>"
            + Meter("heap", board.HeapBytes, profile.FreeHeapBytes) + Meter(board.Arrays > 1 ? $"largest of {board.Arrays}" : "largest array", board.LargestArrayBytes, profile.LargestSafeArrayBytes)
            + Meter("flash", board.FlashBytes, Math.Max(profile.DeploymentBytes - profile.ReservedDeploymentBytes, profile.FileSystemBytes))
            + (fits ? "" : $"<p class=reason>{HtmlPage.Text(board.Reasons[0])}</p>")
            + (reasons.Length == 0 ? "" : $"<details><summary>{board.Reasons.Count - 1} more</summary>{reasons}</details>") + "</div>";
    }

    private static string Meter(string name, long need, long has)
    {
        double part = need * 100.0 / Math.Max(has, 1);
        string colour = need > has ? "--red" : need > has * 0.8 ? "--amber" : "--green";
        return $"<div class=row><span>{name}</span><span>{(part < 0.1 ? "under 0.1" : $"{Math.Ceiling(part * 10) / 10:0.#}")} % <span class=m>of {KB(has)}</span></span></div>"
            + $"<div class=meter><i style=\"width:{Chart.Number(Math.Min(100, part))}%;background:var({colour})\"></i></div>";
    }

    private static string KB(long bytes) => bytes >= 10 << 20 ? $"{bytes / 1048576.0:N1} MB" : $"{bytes / 1024.0:N0} KB";

    private static void Layers(HtmlPage page, ModelReport report)
    {
        var graph = new GraphPicture(report.Layout);
        bool hasWork = report.Layers.Any(l => l.Macs is not null);
        long mostMacs = Math.Max(1, report.Layers.Max(l => (long?)l.Macs) ?? 1);
        int mostFlash = Math.Max(1, report.Layers.Select(l => l.FlashBytes).DefaultIfEmpty(0).Max());
        int mostLive = Math.Max(1, report.Layers.Select(l => l.LiveBytes).DefaultIfEmpty(0).Max());
        double mostTime = Math.Max(1e-12, report.Layers.Select(l => l.Milliseconds).DefaultIfEmpty(0).Max());
        page.Section("Layers", "In the order in which they run. A line beside the main one is a value that is read later than by the next layer. Times: " + report.Time.Source + ".");
        string head = "<th class=g></th><th>#</th><th>kernel</th><th>result</th><th>ms</th>" + (hasWork ? "<th>MACs</th>" : "")
            + "<th>flash B</th><th>live B</th><th>from</th>";
        int columns = 7 + (hasWork ? 1 : 0);
        page.Add($"<div class=wide><table class=layers style=--g:{graph.Width}px><thead><tr>{head}</tr></thead><tbody>");
        page.Add($"<tr><td class=g>{graph.Row(-1)}</td><td colspan={columns + 1} class=m>input {string.Join(", ", report.Layout.Inputs.Select(Shape))}</td></tr>");
        foreach (ReportLayer l in report.Layers)
        {
            page.Add($"<tr><td class=g>{graph.Row(l.Index)}</td><td class=m>{l.Index}</td><td><b>{HtmlPage.Text(l.Kernel)}</b></td><td>{HtmlPage.Text(l.Output)}</td>"
                + Bar(l.Milliseconds, mostTime, "--violet", Power.PowerPrinter.Figures(l.Milliseconds))
                + (hasWork ? Bar(l.Macs ?? 0, mostMacs, "--blue", $"{l.Macs:N0}") : "")
                + Bar(l.FlashBytes, mostFlash, "--green", $"{l.FlashBytes:N0}") + Bar(l.LiveBytes, mostLive, "--amber", $"{l.LiveBytes:N0}")
                + $"<td class=m>{HtmlPage.Text(l.From)}</td></tr>");
        }

        page.Add($"<tr><td class=g>{graph.Row(report.Layers.Length)}</td><td colspan={columns + 1} class=m>output {string.Join(", ", report.Layout.Outputs.Select(Shape))}</td></tr></tbody></table></div>");
        page.EndSection();
    }

    private static string Bar(double value, double most, string colour, string text) => value == 0
        ? "<td class=\"bars m\">–</td>"
        : $"<td class=bars><span class=with><span class=bar style=\"width:{Chart.Number(Math.Max(1, value / most * 70))}px;background:var({colour})\"></span><b>{text}</b></span></td>";

    private static string Shape(TinyRuntime.TensorInfo tensor) => $"{tensor.Size:N0} B [{string.Join(',', tensor.Shape)}]";

    private static void Memory(HtmlPage page, ModelReport report)
    {
        int peak = report.Account?.PeakLayer ?? report.Layers.OrderByDescending(l => l.LiveBytes).Select(l => l.Index).FirstOrDefault(-1);
        page.Section("Memory over time", $"Activation memory from the first layer to the last: {report.Layout.BlockBytes.Sum():N0} bytes"
            + (report.Layout.BlockBytes.Length > 1 ? $" in {report.Layout.BlockBytes.Length} arrays" : "")
            + (report.Account is { } a ? $", of which {a.ActivationLowerBound:N0} must live at once at the shaded layer {peak}" : $"; most is needed at the shaded layer {peak}")
            + ". Each rectangle is a tensor from the layer that writes it to the last that reads it.");
        page.Add(MemoryPicture.Draw(report.Layout, peak));
        if (report.Account is { } account)
        {
            (string Name, int Bytes, string Colour)[] parts =
            [
                ("activations", account.ActivationBytes, "#5b8def"), ("window for weights", account.WindowBytes, "#3fa7a0"), ("objects", account.ObjectBytes, "#b7bfcc"), ("weights in lanes", account.LaneBytes, "#e0a33a"),
            ];
            parts = [.. parts.Where(p => p.Bytes > 0)];
            page.Add($"<p class=why>Managed heap at the peak, {account.PeakHeapBytes:N0} bytes:</p><div class=stack>"
                + string.Concat(parts.Select(p => $"<i style=\"width:{Chart.Number(p.Bytes * 100.0 / account.PeakHeapBytes)}%;background:{p.Colour}\"></i>")) + "</div><p class=legend>"
                + string.Concat(parts.Select(p => $"<span><i style=\"background:{p.Colour}\"></i>{p.Name} {p.Bytes:N0} B</span>")) + "</p>");
        }

        page.EndSection();
    }

    private static void Ranges(HtmlPage page, ModelReport report)
    {
        if (report.Ranges.Length == 0) return;
        page.Section("Number ranges", "The real values that each tensor can hold: outside of them it clips, and finer than a step it cannot tell. Bars are on a logarithmic scale to both sides of 0. Weights: the scales of the channels.");
        double most = report.Ranges.Max(r => Math.Max(Math.Abs(r.Least), Math.Abs(r.Greatest))), least = most * 1e-4;
        double Place(double value) => 50 + Math.Sign(value) * 50 * Math.Log10(1 + Math.Abs(value) / least) / Math.Log10(1 + most / least);
        bool hasWeights = report.Ranges.Any(r => r.WeightScales is not null);
        string[] columns = ["tensor", "type", "", ">from", ">to", ">step", ">zero", .. hasWeights ? new[] { ">weights" } : []];
        page.Table(columns, report.Ranges.Select(r =>
        {
            double from = Place(r.Least), to = Place(r.Greatest);
            string[] cells =
            [
                HtmlPage.Text(Brief(r.Name)) + (r.Writer.Length == 0 ? "" : $" <span class=m>{HtmlPage.Text(r.Writer)}</span>"), HtmlPage.Text(r.Type),
                $"<div class=range><i style=\"left:{Chart.Number(from)}%;width:{Chart.Number(Math.Max(to - from, 0.5))}%\"></i></div>",
                $"{r.Least:G4}", $"{r.Greatest:G4}", $"{r.Scale:G4}", $"{r.ZeroPoint}",
            ];
            return hasWeights ? [.. cells, r.WeightScales is { } w ? (w.Least == w.Greatest ? $"{w.Least:G3}" : $"{w.Least:G3} … {w.Greatest:G3}") : ""] : cells;
        }));
        page.EndSection();
    }

    /// <summary>Names of tensors carry the path of the framework that made them: the end tells most.</summary>
    private static string Brief(string name)
    {
        string first = name.Split(';')[0];
        return first.Length <= 40 ? first : "…" + first[^39..];
    }
}

using System.Globalization;
using System.Text;
using TinyAI.ModelPacker.Pages;

namespace TinyAI.ModelPacker.Power;

/// <summary>The result of a capture as a page: figures, current over time with the phases shaded, phases, battery.</summary>
internal static class PowerPage
{
    private const string Blue = "#2563c9", Amber = "#d98a00", Green = "#187a4f";
    private static readonly string[] s_colours = ["none", Amber, Green, Blue];

    /// <summary>The page.</summary>
    public static byte[] Write(string name, PowerResult result)
    {
        var page = new HtmlPage(name);
        page.Heading(
            "Power analysis",
            $"{result.Samples:N0} samples over {PowerPrinter.Time(result.Seconds)}, {result.SamplesPerSecond:N0} per second, at {result.Volts:0.00#} V; read as {result.Format}.");
        page.Tiles([.. Tiles(result)]);
        Overview(page, result);
        if (result.Pictures.Typical is not null) Typical(page, result);
        if (result.Cycles is { } cycles) Phases(page, cycles);
        if (result.Cycles is not null || result.Stretches is not null) Spreads(page, result);
        if (result.Battery is { } battery) Battery(page, battery, result);
        page.List("What to know about this capture", result.Notes);
        return page.Finish("Energies are above the baseline, the current between the cycles, unless they are called gross. Written by modelpacker power analyze.");
    }

    private static IEnumerable<(string, string, string)> Tiles(PowerResult result)
    {
        Spread? energy = result.Cycles?.InferenceMicrojoules ?? result.Stretches?.InferenceMicrojoules;
        Spread? time = result.Cycles?.InferenceMilliseconds ?? result.Stretches?.InferenceMilliseconds;
        if (energy is not null)
        {
            (string value, string unit) = PowerPrinter.Energy(energy.Median);
            yield return (value, unit, "an inference (median)");
        }

        if (time is not null) yield return ($"{PowerPrinter.Figures(time.Median)}", "ms", "an inference (median)");
        yield return (PowerPrinter.Figures(result.Cycles?.AverageMilliamperes ?? result.AverageMilliamperes), "mA", result.Cycles is null ? "average" : "average in a cycle");
        yield return (PowerPrinter.Figures(result.PeakMilliamperes), "mA", "peak");
        if (result.BaselineMilliamperes is { } idle) yield return (PowerPrinter.Figures(idle), "mA", "baseline");
        if (result.Cycles is { } cycles) yield return ($"{cycles.Count:N0}", "", cycles.Count == 1 ? "complete cycle" : "complete cycles");
        else if (result.Stretches is { } s) yield return ($"{s.Count:N0}", "", "pairs of time stamps");
    }

    private static void Overview(HtmlPage page, PowerResult result)
    {
        (double factor, string unit) = result.Seconds < 1 ? (1e3, "ms") : (1, "s");
        page.Section("Current over the whole capture", result.Cycles is { } c && c.Count > result.Pictures.Shown.Count
            ? $"{result.Pictures.Shown.Count:N0} of {c.Count:N0} cycles are shaded." : "");
        Legend(page, result);
        var chart = new Chart(0, result.Seconds * factor, result.PeakMilliamperes);
        foreach (Cycle cycle in result.Pictures.Shown) Shade(chart, cycle, factor, result);
        Curve(chart, result.Pictures.Whole, factor, result);
        page.Add(chart.Finish("mA", $"{{0}} {unit}", "Current over the whole capture")).EndSection();
    }

    private static void Typical(HtmlPage page, PowerResult result)
    {
        Trace trace = result.Pictures.Typical!;
        double seconds = trace.Count * trace.ColumnSeconds;
        (double factor, string unit) = seconds < 1 ? (1e3, "ms") : (1, "s");
        page.Section(
            result.Cycles is not null ? "A typical cycle" : "A typical stretch between time stamps",
            $"The one of median energy, with a tenth of its time before and after. It begins {PowerPrinter.Time(result.Pictures.TypicalCycle!.Start)} into the capture.");
        Legend(page, result);
        var chart = new Chart(trace.Start * factor, (trace.Start + seconds) * factor, Enumerable.Range(0, trace.Count).Max(i => float.IsNaN(trace.Greatest(i)) ? 0 : trace.Greatest(i)) * 1e3);
        Shade(chart, result.Pictures.TypicalCycle!, factor, result);
        Curve(chart, trace, factor, result);
        page.Add(chart.Finish("mA", $"{{0}} {unit}", "Current over a typical cycle")).EndSection();
    }

    private static void Legend(HtmlPage page, PowerResult result)
    {
        if (result.Cycles is not null && result.Cycles.Phases.Length > 1)
            page.Add($"<p class=legend><span>{Mark(Amber)}pre-inference</span><span>{Mark(Blue)}inference</span><span>{Mark(Green)}post-inference</span></p>");
        else if (result.Cycles is not null || result.Stretches is not null)
            page.Add($"<p class=legend><span>{Mark(Blue)}{(result.Cycles is not null ? "inference" : "between time stamps")}</span></p>");
    }

    private static string Mark(string colour) => $"<i style=\"background:{colour};opacity:.45\"></i>";

    /// <summary>The phases follow each other in a cycle, so their durations are their places.</summary>
    private static void Shade(Chart chart, Cycle cycle, double factor, PowerResult result)
    {
        bool single = result.Cycles is null || result.Cycles.Phases.Length == 1;
        double at = cycle.Start;
        foreach (int phase in new[] { Phase.Pre, Phase.Inference, Phase.Post })
        {
            double seconds = cycle.Of(phase).Seconds;
            if (seconds <= 0) continue;
            chart.Shade(at * factor, (at + seconds) * factor, $"fill:{(single ? Blue : s_colours[phase])};opacity:.2");
            at += seconds;
        }
    }

    /// <summary>The band between least and greatest value of each column, as an outline that is also filled.</summary>
    private static void Curve(Chart chart, Trace trace, double factor, PowerResult result)
    {
        if (result.BaselineMilliamperes is { } idle) chart.Level(idle, "#8a94a6");
        var path = new StringBuilder();
        for (int from = 0; from < trace.Count;)
        {
            if (float.IsNaN(trace.Least(from)))
            {
                from++;
                continue;
            }

            int to = from;
            while (to < trace.Count && !float.IsNaN(trace.Least(to))) to++;
            for (int i = from; i < to; i++) Point(i, trace.Greatest(i), i == from ? 'M' : 'L');
            for (int i = to - 1; i >= from; i--) Point(i, trace.Least(i), 'L');
            path.Append('Z');
            from = to;
        }

        chart.Add($"<path d=\"{path}\" fill=#17202e fill-opacity=.55 stroke=#17202e stroke-width=1 stroke-linejoin=round vector-effect=non-scaling-stroke />");

        void Point(int column, float amperes, char command)
        {
            double left = trace.Start + column * trace.ColumnSeconds;
            path.Append(CultureInfo.InvariantCulture, $"{command}{chart.X(left * factor):0.#} {chart.Y(amperes * 1e3):0.#}H{chart.X((left + trace.ColumnSeconds) * factor):0.#}");
        }
    }

    private static void Phases(HtmlPage page, CycleResult cycles)
    {
        double most = cycles.Phases.Max(p => p.Microjoules);
        page.Section("Energy by phase", "Medians over the cycles.");
        page.Table(
            ["phase", "|", ">energy", ">gross", ">time ms", ">average mA"],
            cycles.Phases.Select(p => new[]
            {
                p.Name, $"<span class=bar style=\"width:{Chart.Number(most <= 0 ? 0 : Math.Max(0, p.Microjoules / most * 100))}%;background:{Colour(p.Name)}\"></span>",
                PowerPrinter.EnergyText(p.Microjoules), PowerPrinter.EnergyText(p.GrossMicrojoules), PowerPrinter.Figures(p.Milliseconds), PowerPrinter.Figures(p.AverageMilliamperes),
            }));
        page.EndSection();
    }

    private static string Colour(string phase) => phase == "pre" ? Amber : phase == "post" ? Green : Blue;

    private static void Spreads(HtmlPage page, PowerResult result)
    {
        page.Section("Spread", "Half of the values lie between the quartiles.");
        page.Table(
            ["quantity", ">least", ">lower quartile", ">median", ">upper quartile", ">greatest"],
            PowerPrinter.Spreads(result).Select(s => new[]
            {
                HtmlPage.Text(s.Name), s.Show(s.Spread.Minimum), s.Show(s.Spread.LowerQuartile), $"<b>{s.Show(s.Spread.Median)}</b>", s.Show(s.Spread.UpperQuartile), s.Show(s.Spread.Maximum),
            }));
        page.EndSection();
    }

    private static void Battery(HtmlPage page, BatteryResult battery, PowerResult result)
    {
        page.Section(
            "Battery life",
            $"A battery of {battery.MilliampereHours:N0} mAh, {battery.Basis} at a time, {PowerPrinter.Current(battery.SleepMicroamperes)} in between. A projection: self-discharge and losses at high currents are not in it.");
        page.Table(
            ["inferences an hour", ">average mA", ">life"],
            battery.Rates.Select(r => new[]
            {
                r.Possible ? $"{r.PerHour:N0}" : $"{r.PerHour:N0} <span class=m>(the most that fit)</span>", PowerPrinter.Figures(r.AverageMilliamperes), PowerPrinter.Life(r.Hours),
            }));
        page.EndSection();
    }
}

using System.Text;
using TinyAI.ModelPacker.Pages;

namespace TinyAI.ModelPacker.Reports;

/// <summary>Draws activation memory over the layers: a rectangle for everything that lies there, as long as it is needed.</summary>
internal static class MemoryPicture
{
    private static readonly string[] s_colours = ["#5b8def", "#3fa7a0", "#e0a33a", "#c86fb0", "#7f8fd9", "#6fae57", "#d97c5a", "#4aa3d0"];
    private const string State = "#7a4fc4", Scratch = "#b7bfcc";
    private const double LabelWidth = 0.11, LabelHeight = 0.075;

    /// <summary>The markup.</summary>
    public static string Draw(PackLayout layout, int peakLayer)
    {
        int layers = Math.Max(layout.Layers.Length, 1), total = layout.BlockBytes.Sum();
        (double factor, string unit) = total >= 10_000 ? (1.0 / 1024, "KB") : (1, "B");
        int[] bases = new int[layout.BlockBytes.Length + 1];
        for (int i = 0; i < layout.BlockBytes.Length; i++) bases[i + 1] = bases[i] + layout.BlockBytes[i];
        var chart = new Chart(0, layers, total * factor);
        var labels = new StringBuilder();
        if (peakLayer >= 0 && peakLayer < layers) chart.Shade(peakLayer, peakLayer + 1, "fill:#17202e;opacity:.06");
        int colour = 0;
        foreach (Value value in layout.Values.Where(v => v.Region.Block >= 0 && v.Region.Bytes > 0))
        {
            // Where a layer writes over what it reads, one rectangle ends and the other begins in the middle of it.
            double from = Math.Max(value.Writer, 0), to = Math.Min(value.LastUse + 1, layers);
            if (value.Writer >= 0 && layout.Values.Exists(v => v != value && v.LastUse == value.Writer && v.Writer < v.LastUse && v.Region.Overlaps(value.Region))) from += 0.5;
            if (value.Writer < value.LastUse && layout.Values.Exists(v => v != value && v.Writer == value.LastUse && v.Region.Overlaps(value.Region))) to -= 0.5;
            if (to <= from) to = from + 0.15;
            double bottom = (bases[value.Region.Block] + value.Region.Offset) * factor, top = bottom + value.Region.Bytes * factor;
            string fill = value.IsState ? State : value.IsScratch ? Scratch : s_colours[colour++ % s_colours.Length];
            string what = $"{value.Name}: {value.Region.Bytes:N0} bytes at {value.Region.Offset:N0} of block {value.Region.Block}, {Span(value, layers)}";
            chart.Shade(from, to, bottom, top, $"fill:{fill};fill-opacity:.72;stroke:#fff;stroke-width:1.5;vector-effect:non-scaling-stroke", what);
            double width = (to - from) / layers, height = (chart.Y(bottom) - chart.Y(top)) / 1000;
            if (width < LabelWidth || height < LabelHeight) continue;
            labels.Append($"<span class=on style=\"left:{Chart.Number(chart.X(from) / 10)}%;width:{Chart.Number(width * 100)}%;top:{Chart.Number((chart.Y(bottom) + chart.Y(top)) / 20)}%\">"
                + $"{HtmlPage.Text(value.Name.Replace("output of layer ", ""))} · {value.Region.Bytes:N0} B</span>");
        }

        for (int i = 1; i < layout.BlockBytes.Length; i++) chart.Level(bases[i] * factor, "#17202e");
        string drawn = chart.Finish(unit, "layer {0}", "Activation memory over the layers", "tall");
        return drawn[..^"</div>".Length] + labels + "</div>";
    }

    private static string Span(Value value, int layers) =>
        value.IsState ? "kept from run to run"
        : value.Writer == value.LastUse ? $"layer {value.Writer}"
        : $"{(value.Writer < 0 ? "from the beginning" : $"layer {value.Writer}")} to {(value.LastUse >= layers ? "the end" : $"layer {value.LastUse}")}";
}

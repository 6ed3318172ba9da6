using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace TinyAI.ModelPacker.Recording;

/// <summary>The last rows of a stream as lines of block characters, a line per channel, each to its own scale.</summary>
public sealed class LivePlot(string[] channels)
{
    private const int Columns = 64;
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private static readonly string[] s_colours = ["red", "green", "blue", "yellow", "fuchsia", "aqua"];
    private readonly double[][] _values = [.. channels.Select(_ => new double[Columns])];
    private int _count;

    /// <summary>Adds a row in units of the channels.</summary>
    public void Add(ReadOnlySpan<double> row)
    {
        for (int c = 0; c < channels.Length; c++) _values[c][_count % Columns] = row[c];
        _count++;
    }

    /// <summary>The lines, with a line of text below.</summary>
    public IRenderable Render(string state)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap().RightAligned());
        int shown = Math.Min(_count, Columns);
        for (int c = 0; c < channels.Length; c++)
        {
            double[] last = [.. Enumerable.Range(_count - shown, shown).Select(i => _values[c][i % Columns])];
            string now = shown == 0 ? "" : last[^1].ToString("0.00", System.Globalization.CultureInfo.InvariantCulture);
            grid.AddRow(new Text(channels[c]), new Text(Line(last).PadRight(Columns), new Style(Color.FromConsoleColor(ConsoleColor.Gray))), new Markup($"[{s_colours[c % s_colours.Length]}]{now}[/]"));
        }

        return new Rows(grid, new Text(state));
    }

    /// <summary>Values as blocks from the least of them to the greatest; a line without height is drawn at the bottom.</summary>
    public static string Line(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) return "";
        double least = values[0], greatest = values[0];
        foreach (double value in values) (least, greatest) = (Math.Min(least, value), Math.Max(greatest, value));
        double step = (greatest - least) / Blocks.Length;
        var line = new StringBuilder();
        foreach (double value in values) line.Append(Blocks[step <= 0 ? 0 : Math.Min((int)((value - least) / step), Blocks.Length - 1)]);
        return line.ToString();
    }
}

using System.Globalization;
using System.Text;

namespace TinyAI.ModelPacker.Pages;

/// <summary>
/// A drawing area with axes. What is drawn is SVG that stretches with the page; the numbers at the axes are text of the
/// page, so that they keep their size at any width.
/// </summary>
internal sealed class Chart
{
    private const double Size = 1000;
    private const int Ticks = 6;
    private const double Headroom = 1.04;
    private readonly StringBuilder _drawing = new();
    private readonly double _fromX;
    private readonly double _toX;
    private readonly double _toY;

    /// <summary>An empty chart: x from one value to another, y from 0 up to at least the largest value.</summary>
    public Chart(double fromX, double toX, double largestY)
    {
        (_fromX, _toX) = (fromX, toX > fromX ? toX : fromX + 1);
        _toY = (largestY > 0 ? largestY : 1) * Headroom;
    }

    /// <summary>A number for SVG and CSS.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Place of a value on the x axis, 0 to 1000.</summary>
    public double X(double value) => (value - _fromX) / (_toX - _fromX) * Size;

    /// <summary>Place of a value on the y axis, 1000 to 0.</summary>
    public double Y(double value) => Size - value / _toY * Size;

    /// <summary>A shaded rectangle; at least a hair wide.</summary>
    public Chart Shade(double fromX, double toX, double fromY, double toY, string style, string title = "")
    {
        double x = X(fromX), y = Y(Math.Min(toY, _toY));
        _drawing.Append($"<rect x={Number(x)} y={Number(y)} width={Number(Math.Max(X(toX) - x, 0.4))} height={Number(Math.Max(Y(fromY) - y, 0))} style=\"{style}\">"
            + (title.Length == 0 ? "" : $"<title>{HtmlPage.Text(title)}</title>") + "</rect>");
        return this;
    }

    /// <summary>A shaded rectangle over the whole height.</summary>
    public Chart Shade(double fromX, double toX, string style) => Shade(fromX, toX, 0, _toY, style);

    /// <summary>A line across at a height.</summary>
    public Chart Level(double y, string colour) =>
        Add($"<path d=\"M0 {Number(Y(y))}H1000\" fill=none stroke={colour} stroke-dasharray=\"5 4\" stroke-width=1.2 vector-effect=non-scaling-stroke />");

    /// <summary>Adds SVG in coordinates from 0 to 1000.</summary>
    public Chart Add(string svg)
    {
        _drawing.Append(svg);
        return this;
    }

    /// <summary>The markup.</summary>
    /// <param name="yUnit">Unit of the y axis, shown at its top.</param>
    /// <param name="firstX">How the first number of the x axis is shown, with {0} for the number.</param>
    /// <param name="label">What the chart shows, for readers who cannot see it.</param>
    /// <param name="kind">A further class of the page's style.</param>
    public string Finish(string yUnit, string firstX, string label, string kind = "")
    {
        var axes = new StringBuilder();
        var grid = new StringBuilder();
        double stepY = StepFor(_toY, Ticks - 1);
        for (double y = 0; y <= _toY * 1.0001; y += stepY)
        {
            bool isTop = y + stepY > _toY * 1.0001;
            axes.Append($"<span class=y style=top:{Number(Y(y) / 10)}%>{Tick(y, stepY)}{(isTop ? " " + yUnit : "")}</span>");
            grid.Append($"M0 {Number(Y(y))}H1000");
        }

        double stepX = StepFor(_toX - _fromX, Ticks);
        double first = Math.Ceiling(_fromX / stepX - 1e-9) * stepX;
        for (int i = 0; first + i * stepX <= _toX + stepX * 1e-6; i++)
        {
            double x = first + i * stepX;
            axes.Append($"<span class=\"x{(i % 2 == 1 ? " odd" : "")}\" style=left:{Number(X(x) / 10)}%>{(i == 0 ? string.Format(firstX, Tick(x, stepX)) : Tick(x, stepX))}</span>");
        }

        return $"<div class=\"chart {kind}\"><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=none role=img aria-label=\"{HtmlPage.Text(label)}\">"
            + $"<path d=\"{grid}\" fill=none stroke=#e6eaf0 stroke-width=1 vector-effect=non-scaling-stroke />{_drawing}</svg>{axes}</div>";
    }

    private static string Tick(double value, double step)
    {
        int decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 9);
        return (Math.Abs(value) < step / 1e6 ? 0 : value).ToString("N" + decimals, CultureInfo.InvariantCulture);
    }

    /// <summary>1, 2 or 5 times a power of ten, so that about that many steps make up the range.</summary>
    private static double StepFor(double range, int steps)
    {
        double raw = range / steps, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return raw / power <= 1.0001 ? power : raw / power <= 2.0001 ? 2 * power : raw / power <= 5.0001 ? 5 * power : 10 * power;
    }
}

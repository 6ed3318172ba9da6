using System.Globalization;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Run;

/// <summary>
/// Sensor rows from a text file: numbers with a decimal point, separated by semicolons, commas, tabs or spaces (the first
/// of these that stands in the line), one row a line. A first line that is not numeric is a header, a line that begins
/// with # a comment; a line of dashes ends a recording.
/// </summary>
public static class SensorCsv
{
    private const int MaxRows = 10_000_000;
    private static readonly char[] s_separators = [';', ',', '\t'];

    /// <summary>The recordings in a file, each a list of rows of channels values.</summary>
    /// <exception cref="ModelFormatException">A line does not fit.</exception>
    public static List<List<double[]>> Read(string path, int channels) => [.. Read(path, channels, takeLabels: false).Select(r => r.Rows)];

    /// <summary>
    /// The same with labels: where the header names a column label or class, its cells are labels and not values, and another
    /// label begins another recording.
    /// </summary>
    public static List<(string? Label, List<double[]> Rows)> ReadLabelled(string path, int channels) => Read(path, channels, takeLabels: true);

    private static List<(string? Label, List<double[]> Rows)> Read(string path, int channels, bool takeLabels)
    {
        InputFile.Require(path);
        var recordings = new List<(string? Label, List<double[]> Rows)>();
        List<double[]>? current = null;
        string? label = null;
        int line = 0, labelAt = -1;
        bool mayBeHeader = true;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            if (line > MaxRows) throw new ModelFormatException($"{path} has more than {MaxRows:N0} lines: split it.");
            if (text.StartsWith('#')) continue;
            string[] cells = Cells(text);
            if (cells.Length == 0) continue;
            if (cells.All(c => c == "-"))
            {
                current = null;
                continue;
            }

            if (mayBeHeader && takeLabels) labelAt = Array.FindIndex(cells, c => c.Trim('"').ToLowerInvariant() is "label" or "class");
            if (labelAt >= 0 && labelAt < cells.Length && !mayBeHeader)
            {
                if (cells[labelAt] != label) current = null;
                label = cells[labelAt];
                cells = [.. cells[..labelAt], .. cells[(labelAt + 1)..]];
            }

            var row = new double[cells.Length];
            bool numeric = true;
            for (int i = 0; i < row.Length && numeric; i++)
                numeric = double.TryParse(cells[i], NumberStyles.Float, CultureInfo.InvariantCulture, out row[i]) && double.IsFinite(row[i]);
            if (!numeric && !mayBeHeader) throw new ModelFormatException($"Line {line} of {path} is not a row of numbers: correct or remove it.");
            mayBeHeader = false;
            if (!numeric) continue;
            if (row.Length != channels) throw new ModelFormatException($"Line {line} of {path} has {row.Length} values; the model takes {channels} {(channels == 1 ? "channel" : "channels")} a row.");
            if (current is null) recordings.Add((label, current = []));
            current.Add(row);
        }

        if (recordings.Count == 0) throw new ModelFormatException($"{path} holds no rows of numbers.");
        return recordings;
    }

    /// <summary>
    /// The cells of a line. An empty cell stays one, so that a missing value is noticed rather than the row shifted; only a
    /// separator at the very end makes none.
    /// </summary>
    private static string[] Cells(string text)
    {
        foreach (char separator in s_separators)
        {
            if (!text.Contains(separator)) continue;
            string[] cells = text.Split(separator, StringSplitOptions.TrimEntries);
            return cells[^1].Length == 0 ? cells[..^1] : cells;
        }

        return text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }
}

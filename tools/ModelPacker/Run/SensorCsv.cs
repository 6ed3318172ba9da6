using System.Globalization;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Run;

/// <summary>
/// Sensor rows from a text file: numbers separated by comma, semicolon, tab or space, one row a line. A first line that
/// is not numeric is a header; a line of dashes ends a recording.
/// </summary>
public static class SensorCsv
{
    private const int MaxRows = 10_000_000;
    private static readonly char[] s_separators = [',', ';', '\t', ' '];

    /// <summary>The recordings in a file, each a list of rows of channels values.</summary>
    /// <exception cref="ModelFormatException">A line does not fit.</exception>
    public static List<List<double[]>> Read(string path, int channels)
    {
        if (!File.Exists(path)) throw new ModelFormatException($"The file {path} does not exist: check the path.");
        var recordings = new List<List<double[]>>();
        List<double[]>? current = null;
        int line = 0;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            if (line > MaxRows) throw new ModelFormatException($"{path} has more than {MaxRows:N0} lines: split it.");
            string[] cells = text.Split(s_separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (cells.Length == 0) continue;
            if (cells.All(c => c == "-"))
            {
                current = null;
                continue;
            }

            var row = new double[cells.Length];
            bool numeric = true;
            for (int i = 0; i < row.Length && numeric; i++)
                numeric = double.TryParse(cells[i], NumberStyles.Float, CultureInfo.InvariantCulture, out row[i]) && double.IsFinite(row[i]);
            if (!numeric && line == 1) continue;
            if (!numeric) throw new ModelFormatException($"Line {line} of {path} is not a row of numbers: correct or remove it.");
            if (row.Length != channels) throw new ModelFormatException($"Line {line} of {path} has {row.Length} values; the model takes {channels} channels a row.");
            if (current is null) recordings.Add(current = []);
            current.Add(row);
        }

        if (recordings.Count == 0) throw new ModelFormatException($"{path} holds no rows of numbers.");
        return recordings;
    }
}

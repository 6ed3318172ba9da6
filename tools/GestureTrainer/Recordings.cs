using System.Globalization;

namespace TinyAI.GestureTrainer;

/// <summary>One gesture: <see cref="Recordings.Window"/> samples of six channels (g, then degrees per second), sample by sample.</summary>
internal sealed record Recording(int Label, int Index, float[] Values);

/// <summary>
/// The recordings of a folder: one CSV file a gesture, named after it, a header line, then windows of 119 rows one after
/// another with nothing between them.
/// </summary>
internal sealed class Recordings
{
    public const int Window = 119;
    public const int Channels = 6;
    public const string Header = "aX,aY,aZ,gX,gY,gZ";

    private Recordings(IReadOnlyList<string> labels, IReadOnlyList<Recording> all)
    {
        Labels = labels;
        All = all;
    }

    /// <summary>The files' names without extension in ordinal order; the position is the label.</summary>
    public IReadOnlyList<string> Labels { get; }

    public IReadOnlyList<Recording> All { get; }

    public static Recordings Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new RecordingsException($"The folder of recordings '{folder}' does not exist.");
        string[] files = Directory.GetFiles(folder, "*.csv");
        if (files.Length < 2)
            throw new RecordingsException($"'{folder}' holds {files.Length} CSV files; one for each of at least two gestures is needed.");
        // Ordinal order, since the label numbers follow from it and the file system's order differs between systems.
        Array.Sort(files, StringComparer.Ordinal);

        List<Recording> all = [];
        for (int label = 0; label < files.Length; label++)
            ReadFile(files[label], label, all);
        return new Recordings([.. files.Select(f => Path.GetFileNameWithoutExtension(f))], all);
    }

    private static void ReadFile(string file, int label, List<Recording> all)
    {
        string name = Path.GetFileName(file);
        string[] lines = [.. File.ReadLines(file).Select(l => l.Trim())];
        if (lines.Length == 0 || lines[0] != Header)
            throw new RecordingsException($"{name} must begin with the header line '{Header}'.");
        int rows = lines.Length - 1;
        while (rows > 0 && lines[rows].Length == 0)
            rows--;
        if (rows == 0 || rows % Window != 0)
            throw new RecordingsException($"{name} has {rows} rows, which is not a whole number of windows of {Window} rows.");

        for (int start = 0; start < rows; start += Window)
        {
            float[] values = new float[Window * Channels];
            for (int row = 0; row < Window; row++)
                ReadRow(name, start + row + 2, lines[start + row + 1], values.AsSpan(row * Channels, Channels));
            all.Add(new Recording(label, start / Window, values));
        }
    }

    private static void ReadRow(string name, int lineNumber, string line, Span<float> values)
    {
        string[] cells = line.Split(',');
        if (cells.Length != Channels)
            throw new RecordingsException($"{name}, line {lineNumber}: {cells.Length} values instead of {Channels}.");
        for (int c = 0; c < Channels; c++)
        {
            if (!float.TryParse(cells[c], NumberStyles.Float, CultureInfo.InvariantCulture, out values[c]) || !float.IsFinite(values[c]))
                throw new RecordingsException($"{name}, line {lineNumber}: '{cells[c]}' is not a number.");
        }
    }
}

/// <summary>The recordings cannot be used; the message is one sentence for the user.</summary>
internal sealed class RecordingsException(string message) : Exception(message);

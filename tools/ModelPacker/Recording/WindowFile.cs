using System.Globalization;
using System.Text;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Recording;

/// <summary>
/// A file of labelled windows, as the gesture trainer takes it: a header with the names of the channels, then the rows of
/// one window after another in physical units. A window is appended whole and at once, so that whatever ends the recording
/// leaves every window before it.
/// </summary>
public sealed class WindowFile
{
    private readonly string _path;
    private readonly string[] _channels;
    private readonly double[] _countsPerUnit;
    private readonly int _rows;

    /// <summary>Opens a file, which may hold windows of the same kind already.</summary>
    /// <param name="path">The file.</param>
    /// <param name="channels">Names of the channels.</param>
    /// <param name="countsPerUnit">Counts that make a unit of each channel; 1 to write the counts themselves.</param>
    /// <param name="rows">Rows of a window.</param>
    /// <exception cref="ModelFormatException">The file holds something else.</exception>
    public WindowFile(string path, string[] channels, double[] countsPerUnit, int rows)
    {
        (_path, _channels, _countsPerUnit, _rows) = (path, channels, countsPerUnit, rows);
        if (Directory.Exists(path)) throw new ModelFormatException($"{path} is a folder: give the name of a file in it.");
        if (File.Exists(path) && new FileInfo(path).Length > 0) Before = WindowsIn(path);
    }

    /// <summary>Windows that the file held before.</summary>
    public int Before { get; }

    /// <summary>Windows appended.</summary>
    public int Appended { get; private set; }

    private string Header => string.Join(',', _channels);

    /// <summary>Appends one window of raw counts, row after row.</summary>
    /// <exception cref="ModelFormatException">The file cannot be written.</exception>
    public void Append(short[] counts)
    {
        var text = new StringBuilder();
        if (Before + Appended == 0) text.Append(Header).Append('\n');
        for (int row = 0; row < _rows; row++)
        {
            for (int c = 0; c < _channels.Length; c++)
                text.Append(c == 0 ? "" : ",").Append((counts[row * _channels.Length + c] / _countsPerUnit[c]).ToString("0.#######", CultureInfo.InvariantCulture));
            text.Append('\n');
        }

        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(_path)) is { } folder) Directory.CreateDirectory(folder);
            File.AppendAllText(_path, text.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"The file {_path} cannot be written ({Run.Sentences.OneLine(e.Message).TrimEnd('.')}); {Appended} windows are in it: choose another place.");
        }

        Appended++;
    }

    private int WindowsIn(string path)
    {
        int rows = -1;
        foreach (string line in File.ReadLines(path))
        {
            if (rows < 0 && line.Trim() != Header)
                throw new ModelFormatException($"{path} exists and does not begin with {Header}: give another file, or remove it.");
            if (rows < 0 || line.Trim().Length > 0) rows++;
        }

        return rows % _rows == 0
            ? rows / _rows
            : throw new ModelFormatException($"{path} holds {rows} rows, which is not a whole number of windows of {_rows} rows: give another file, or correct it.");
    }
}

using System.Globalization;

namespace TinyAI.ModelPacker.Recording;

/// <summary>A line that a board running Gesture in stream mode says (docs/device-protocol.md).</summary>
public abstract record GestureLine
{
    private const int MostChannels = 64;
    private const int MostRows = 1 << 20;

    /// <summary>The head of a stream.</summary>
    public sealed record Head(int Version, int RowsPerSecond, int Channels, int WindowRows, string Model) : GestureLine;

    /// <summary>A row of raw counts.</summary>
    public sealed record Row(int Number, short[] Counts) : GestureLine;

    /// <summary>A window was classified; the label is -1 where the answer was too uncertain.</summary>
    public sealed record Window(int LastRow, int Label, int Permille) : GestureLine;

    /// <summary>A decision; the label is -1 and the name empty where the votes disagree.</summary>
    public sealed record Decision(int LastRow, int Label, int Votes, string Name) : GestureLine;

    /// <summary>The board tells of a fault, as a sentence.</summary>
    public sealed record Fault(string What) : GestureLine;

    /// <summary>Another answer to a command, such as m-ready.</summary>
    public sealed record Answer(string Text) : GestureLine;

    /// <summary>What a line says, or null where it is none of these: half a line after a reset, or noise.</summary>
    public static GestureLine? Parse(string line)
    {
        line = line.Trim();
        if (line.StartsWith("s-", StringComparison.Ordinal)) return ParseRow(line[2..].Split(','));
        if (line.StartsWith("m-stream-[", StringComparison.Ordinal) && line.EndsWith(']')) return ParseHead(line["m-stream-[".Length..^1].Split(',', 5));
        if (line.StartsWith("e-[", StringComparison.Ordinal) && line.EndsWith(']')) return new Fault(line[3..^1]);
        if (line.StartsWith("m-", StringComparison.Ordinal)) return new Answer(line);
        if (line.Length < 2 || line[1] != '-') return null;
        string[] cells = line[2..].Split(',', 4);
        return line[0] switch
        {
            'w' when cells.Length == 3 && Numbers(cells, out int[] n) => new Window(n[0], n[1], n[2]),
            'd' when cells.Length == 4 && Numbers(cells[..3], out int[] n) => new Decision(n[0], n[1], n[2], cells[3]),
            _ => null,
        };
    }

    private static Head? ParseHead(string[] cells)
    {
        if (cells.Length != 5 || !Numbers(cells[..4], out int[] n)) return null;
        return n[1] > 0 && n[2] is > 0 and <= MostChannels && n[3] is > 0 and <= MostRows ? new Head(n[0], n[1], n[2], n[3], cells[4]) : null;
    }

    private static Row? ParseRow(string[] cells)
    {
        if (cells.Length < 2 || !int.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return null;
        var counts = new short[cells.Length - 1];
        for (int i = 0; i < counts.Length; i++)
        {
            if (!short.TryParse(cells[i + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out counts[i])) return null;
        }

        return new Row(number, counts);
    }

    private static bool Numbers(string[] cells, out int[] numbers)
    {
        numbers = new int[cells.Length];
        for (int i = 0; i < cells.Length; i++)
        {
            if (!int.TryParse(cells[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i])) return false;
        }

        return true;
    }
}

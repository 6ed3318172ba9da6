using System.Text;

namespace TinyAI.ModelPacker.Reports;

/// <summary>
/// Draws the graph beside the rows of a table: a dot per layer on the main line, and a line of its own for every value
/// that is read later than by the next layer. Row -1 is the input of the model, row LayerCount its output.
/// </summary>
internal sealed class GraphPicture
{
    private const int MostLanes = 12;
    private const int LaneWidth = 13;
    private const int Left = 9;
    private readonly List<(int From, int To, int Lane, HashSet<int> Readers)> _lines = [];
    private readonly HashSet<int> _straight = [];
    private readonly int _layers;

    /// <summary>Gives every value that reaches further than the next row a lane.</summary>
    public GraphPicture(PackLayout layout)
    {
        _layers = layout.Layers.Length;
        var busyUntil = new int[MostLanes + 1];
        Array.Fill(busyUntil, int.MinValue);
        IEnumerable<IGrouping<int, Value>> writers = layout.Values.Where(v => v.Readers.Count > 0 && !v.IsState).GroupBy(v => v.Writer).OrderBy(g => g.Key);
        foreach (IGrouping<int, Value> writer in writers)
        {
            HashSet<int> readers = [.. writer.SelectMany(v => v.Readers)];
            if (readers.Remove(writer.Key + 1)) _straight.Add(writer.Key);
            if (readers.Count == 0) continue;
            int lane = 1;
            while (lane < MostLanes && busyUntil[lane] > writer.Key) lane++;
            busyUntil[lane] = readers.Max();
            Lanes = Math.Max(Lanes, lane);
            _lines.Add((writer.Key, readers.Max(), lane, readers));
        }
    }

    /// <summary>Lanes beside the main line.</summary>
    public int Lanes { get; }

    /// <summary>Width of the picture.</summary>
    public int Width => 2 * Left + Lanes * LaneWidth + 8;

    /// <summary>The piece that stands beside a row: 0 to 100 from its top to its bottom.</summary>
    public string Row(int row)
    {
        var path = new StringBuilder();
        if (_straight.Contains(row - 1)) path.Append($"M{Left} 0V50");
        if (_straight.Contains(row)) path.Append($"M{Left} 50V100");
        foreach ((int from, int to, int lane, HashSet<int> readers) in _lines)
        {
            int x = Left + lane * LaneWidth;
            if (row == from) path.Append($"M{Left} 50C{x} 50 {x} 70 {x} 100");
            else if (row > from && row < to) path.Append($"M{x} 0V100");
            if (row > from && readers.Contains(row)) path.Append($"M{x} 0C{x} 30 {x} 50 {Left} 50");
        }

        bool isBorder = row < 0 || row == _layers;
        return $"<svg viewBox=\"0 0 {Width} 100\" preserveAspectRatio=none style=width:{Width}px aria-hidden=true><path d=\"{path}\" fill=none stroke=#9aa5b8 stroke-width=2 vector-effect=non-scaling-stroke /></svg>"
            + $"<i class=\"dot{(isBorder ? " border" : "")}\" style=left:{Left}px></i>";
    }
}

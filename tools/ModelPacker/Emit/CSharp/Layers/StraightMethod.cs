using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>Writes the method of a <see cref="StraightEmitter"/> layer.</summary>
internal sealed class StraightMethod
{
    private readonly ConvShape _shape;
    private readonly WindowGeometry _g;
    private readonly StraightTiles _tiles;
    private readonly ChannelData[] _channels;
    private readonly List<LaneGroup> _groups;
    private readonly Dictionary<int, RequantiseForm> _forms;
    private readonly bool _positions;
    private readonly string _name;
    private readonly CodeText _body = new(3);

    /// <summary>Names of values that are kept in locals, and locals that are free again.</summary>
    private readonly Dictionary<(int Column, int Row, int Channel), int> _kept = [];
    private readonly SortedSet<int> _free = [];
    private int _columnLocals;
    private int _rowLocals;

    public StraightMethod(ConvShape shape, StraightTiles tiles, ChannelData[] channels, bool positions, string name)
    {
        (_shape, _g, _tiles, _channels, _positions, _name) = (shape, shape.G, tiles, channels, positions, name);
        _groups = positions ? [] : LanePacking.Pack(channels, shape.Input, shape.ChunkEnds, shape.Options.MostLanes);
        var members = positions ? [.. channels.Select(c => new LaneGroup([c], []))] : _groups;
        _forms = RequantiseForm.Of(shape, members, name).ToDictionary(f => f.Key, f => f.Value.Widened());
    }

    /// <summary>Bytes that one tile reads.</summary>
    public int Loads { get; private set; }

    /// <summary>Sums, terms of sums, and longs packed from several positions, in one tile.</summary>
    public int Sums { get; private set; }

    /// <inheritdoc cref="Sums"/>
    public int Terms { get; private set; }

    /// <inheritdoc cref="Sums"/>
    public int Packs { get; private set; }

    /// <summary>Locals of the method.</summary>
    public int Locals => 8 + _columnLocals + _rowLocals + (_positions ? _channels.Length * (_g.Taps + 2) : 0);

    /// <summary>Bits from one position's lane to the next.</summary>
    private int LaneBits => 64 / _tiles.Tile;

    public CodeMethod Write()
    {
        for (int j = 0; j < _g.Horizontal.Out; j++) Position(j);

        var code = new CodeText(2);
        code.Line("// s: the rows of a tile, then its outputs.");
        code.Open($"public static void {_name}(sbyte[] x, int xAt, sbyte[] y, int yAt, sbyte[] s)", 1);
        RequantiseForm.Declare(code, _forms.Values, _shape.OutMin, _shape.OutMax, raised: false);
        if (_positions) Constants(code);
        foreach (int[] some in Enumerable.Range(0, _columnLocals).Chunk(16)) code.Line($"long {string.Join(", ", some.Select(i => $"x{i}"))};");
        if (_rowLocals > 0) code.Line($"long {string.Join(", ", Enumerable.Range(0, _rowLocals).Select(i => $"r{i}"))};");
        bool loop = _tiles.Count > 1;
        if (loop) code.Open($"for (int i = 0; i < {_tiles.Count}; i++)", 16);
        code.Line($"System.Array.Copy(x, xAt, s, 0, {_tiles.InBytes});", 14);
        string body = _body.ToString();
        code.Raw(loop ? body.Replace("\n", "\n    ", StringComparison.Ordinal).TrimEnd(' ') : body, loop ? "    " : "", _body.IlBytes);
        code.Line($"System.Array.Copy(s, {_tiles.InBytes}, y, yAt, {_tiles.OutBytes});", 16);
        if (loop)
        {
            int x = _tiles.Tile * _g.Vertical.Stride * _tiles.InRow, y = _tiles.OutBytes;
            int lastX = _tiles.LastStep * _g.Vertical.Stride * _tiles.InRow, lastY = _tiles.LastStep * _tiles.OutRow;
            bool even = _tiles.LastStep == _tiles.Tile;
            code.Line(even ? $"xAt += {x};" : $"xAt += i == {_tiles.Count - 2} ? {lastX} : {x};", even ? 8 : 18);
            code.Line(even ? $"yAt += {y};" : $"yAt += i == {_tiles.Count - 2} ? {lastY} : {y};", even ? 8 : 18);
            code.Close();
        }

        code.Close();
        return new CodeMethod(_name, code.ToString(), code.IlBytes);
    }

    /// <summary>Weights and requantisation of all channels as locals: loading a small 64-bit constant costs more.</summary>
    private void Constants(CodeText code)
    {
        for (int c = 0; c < _channels.Length; c++)
        {
            RequantiseForm form = _forms[_channels[c].Index];
            foreach (int[] some in Enumerable.Range(0, _g.Taps).Where(t => _channels[c].Taps[t] != 0).Chunk(12))
                code.Line($"long {string.Join(", ", some.Select(t => $"w{c}_{t} = {CodeText.Long(_channels[c].Taps[t])}"))};", 5 * some.Length);
            code.Line($"long m{c} = {CodeText.Long(form.Multiplier)}, b{c} = {CodeText.Long(form.RaisedAddend)};", 22);
        }
    }

    private void Position(int j)
    {
        for (int k = 0; k < _g.Horizontal.Kernel; k++) Load(Column(j, k));
        if (_positions)
        {
            for (int c = 0; c < _channels.Length; c++) PositionSum(j, c);
        }
        else
        {
            foreach (LaneGroup group in _groups) ChannelSum(j, group);
        }

        foreach (var used in _kept.Where(v => Users(v.Key.Column).Max() == j).ToList())
        {
            _free.Add(used.Value);
            _kept.Remove(used.Key);
        }
    }

    private int Column(int j, int k) => j * _g.Horizontal.Stride + k * _g.Horizontal.Dilation;

    /// <summary>Output positions that read an input column.</summary>
    private List<int> Users(int column) =>
        [.. Enumerable.Range(0, _g.Horizontal.Out).Where(j => Enumerable.Range(0, _g.Horizontal.Kernel).Any(k => Column(j, k) == column))];

    /// <summary>Whether the values of a column are used more than once.</summary>
    private bool IsKept(int column) => Users(column).Count * (_positions ? _channels.Length : _groups.Count) > 1;

    private int Take((int, int, int) key)
    {
        int local = _free.Count > 0 ? _free.Min : _columnLocals++;
        _free.Remove(local);
        _kept[key] = local;
        return local;
    }

    /// <summary>Puts a column's values into locals, unless they are there or need none.</summary>
    private void Load(int column)
    {
        if (_kept.ContainsKey((column, 0, 0)) || !IsKept(column)) return;
        int used = 0;
        string[] packed = _positions ? Packed(column, ref used) : [];
        for (int o = 0; o < _g.Vertical.Kernel; o++)
        {
            for (int c = 0; c < _g.Channels; c++)
            {
                int local = Take((column, o, c));
                _body.Line($"x{local} = {(_positions ? packed[o] : Byte(column, o * _g.Vertical.Dilation, c))};", 2);
            }
        }
    }

    private string Byte(int column, int row, int channel)
    {
        Loads++;
        int at = row * _tiles.InRow + column * _g.Channels + channel;
        _body.IlBytes += 3 + CodeText.IntBytes(at);
        return $"s[{at}]";
    }

    /// <summary>
    /// For each tap row the expression with the activations of all lanes; rows that several need go to locals first, the
    /// first of which is free from used on.
    /// </summary>
    private string[] Packed(int column, ref int used)
    {
        int Row(int tap, int lane) => tap * _g.Vertical.Dilation + lane * _g.Vertical.Stride;
        var rows = new Dictionary<int, string>();
        var taps = Enumerable.Range(0, _g.Vertical.Kernel);
        foreach (var row in taps.SelectMany(o => Enumerable.Range(0, _tiles.Tile).Select(t => Row(o, t))).GroupBy(r => r).Where(r => r.Count() > 1))
        {
            string name = $"r{used++}";
            _body.Line($"{name} = {Byte(column, row.Key, 0)};", 2);
            rows[row.Key] = name;
        }

        _rowLocals = Math.Max(_rowLocals, used);
        if (_tiles.Tile > 1) Packs += _g.Vertical.Kernel;
        return
        [
            .. taps.Select(o => string.Join(" + ", Enumerable.Range(0, _tiles.Tile).Select(t =>
            {
                string value = rows.TryGetValue(Row(o, t), out string? local) ? local : (t == 0 ? "" : "(long)") + Byte(column, Row(o, t), 0);
                _body.IlBytes += 2 + (t == 0 ? 0 : 4);
                return t == 0 ? value : $"({value} << {t * LaneBits})";
            }))),
        ];
    }

    private void PositionSum(int j, int c)
    {
        ChannelData channel = _channels[c];
        long lift = -channel.SumRange(_shape.Input, 0, channel.Taps.Length).Low, start = 0;
        for (int t = 0; t < _tiles.Tile; t++) start += lift << (t * LaneBits);
        var terms = new List<string> { CodeText.Long(start) };
        int used = 0;
        for (int k = 0; k < _g.Horizontal.Kernel; k++)
        {
            int column = Column(j, k);
            string[] packed = IsKept(column) ? [] : Packed(column, ref used);
            for (int o = 0; o < _g.Vertical.Kernel; o++)
            {
                int tap = o * _g.Vertical.TapStep + k * _g.Horizontal.TapStep;
                if (channel.Taps[tap] == 0) continue;
                string value = packed.Length == 0 ? $"x{_kept[(column, o, 0)]}" : _tiles.Tile == 1 ? packed[o] : $"({packed[o]})";
                terms.Add($"{value} * w{c}_{tap}");
                _body.IlBytes += 6;
            }
        }

        Count(terms);
        for (int t = 0; t < _tiles.Tile; t++)
        {
            Lane[] lanes = [.. Enumerable.Range(0, _tiles.Tile).Select(l => new Lane(c, l * LaneBits, LaneBits))];
            Store(LaneGroup.Unpack("a", lanes, t), t * _tiles.OutRow + j * _g.OutChannels + channel.Index, channel.Index, $"m{c}", $"b{c}");
        }
    }

    private void ChannelSum(int j, LaneGroup group)
    {
        LaneSegment segment = group.Segments.Single();
        var terms = new List<string>();
        if (segment.Start != 0) terms.Add(CodeText.Long(segment.Start));
        for (int t = 0; t < _g.Taps; t++)
        {
            long weight = group.Weight(segment, t);
            if (weight == 0) continue;
            int o = t / _g.Vertical.TapStep, k = t % _g.Vertical.TapStep / _g.Horizontal.TapStep, c = t % _g.Horizontal.TapStep, column = Column(j, k);
            string value = IsKept(column) ? $"x{_kept[(column, o, c)]}" : Byte(column, o * _g.Vertical.Dilation, c);
            terms.Add(weight == 1 ? value : $"{value} * {CodeText.Long(weight)}");
            _body.IlBytes += 4 + (weight == 1 ? 0 : CodeText.LongBytes(weight));
        }

        Count(terms);
        for (int l = 0; l < group.Channels.Length; l++)
            Store(LaneGroup.Unpack("a", segment.Lanes, l), j * _g.OutChannels + group.Channels[l].Index, group.Channels[l].Index, null, null);
    }

    private void Count(List<string> terms)
    {
        _body.Sum("a = ", terms, 11);
        Sums++;
        Terms += terms.Count;
    }

    private void Store(string sum, int at, int channel, string? multiplier, string? addend) =>
        _forms[channel].Write(_body, sum, 7, $"s[{_tiles.InBytes + at}]", 1 + CodeText.IntBytes(_tiles.InBytes + at), raised: false, multiplier, addend);
}

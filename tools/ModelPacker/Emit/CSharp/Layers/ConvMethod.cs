using TinyAI.ModelPacker.Emit.CSharp.Sums;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes one method of a convolution: loops over positions, and inside them the code of some groups of channels.
/// Parameters and the first locals are those used most, because the first four of each have one-byte instructions.
/// </summary>
internal class ConvMethod
{
    private readonly CodeText _code = new(2);
    private readonly ConvShape _shape;
    private readonly WindowWalk _walk;
    private readonly List<LaneGroup> _groups;
    private readonly string _name;
    private readonly (int Offset, int Column, int InColumn)[] _places;
    private readonly Dictionary<int, RequantiseForm> _forms;
    private readonly SharedStore? _store;

    /// <summary>A method for some groups; worth null: their constants are none of the method's own.</summary>
    public ConvMethod(ConvShape shape, List<LaneGroup> groups, string name, CodeWorth? worth)
    {
        (_shape, _walk, _groups, _name) = (shape, shape.Walk, groups, name);
        _places = shape.TapPlaces();
        _forms = worth is null ? [] : RequantiseForm.Of(shape, groups, name);
        double positions = (double)_walk.Batch * _walk.Outer.Pooled * _walk.Inner.Pooled;
        if (worth is null) return;
        _store = SharedStore.Of(groups, _forms, shape.OutMin, shape.OutMax, shape.Pools, positions, worth);
        SharedChannels = _groups.Where(g => _store?.Takes(g, shape.Pools) == true).Sum(g => g.Channels.Length);
    }

    /// <summary>What the layer's methods have in common, and the name of this one.</summary>
    protected (ConvShape Shape, string Name) Own => (_shape, _name);

    /// <summary>Channels that are stored by calls.</summary>
    public int SharedChannels { get; }

    /// <summary>The cost of storing an output of each channel once.</summary>
    public double StoreAdds => _forms.Values.Sum(f => f.Adds(_shape.Pools));

    /// <summary>One chunk: sums can be used at once. Otherwise they wait in locals for the next chunk.</summary>
    private bool Whole => _shape.ChunkEnds.Length == 1;

    /// <summary>Whether each activation is used once and need not be kept.</summary>
    private bool Inline => _groups.Count == 1 && !_shape.Slides;

    public CodeMethod Write()
    {
        Open(_code);
        Declare();
        if (_walk.Batch > 1) _code.Open($"for (int n = 0; n < {_walk.Batch}; n++)", 16);
        if (_walk.PoolsInTwoDirections) LoopsOverPoolWindows();
        else LoopsOverPositions();
        if (_walk.Batch > 1) _code.Close();
        _code.Close();
        return new CodeMethod(_name, _code.ToString(), _code.IlBytes) { Helpers = _store?.Methods ?? [] };
    }

    /// <summary>Writes the method's head, and the locals for values and constants.</summary>
    protected virtual void Open(CodeText code)
    {
        code.Line($"// Output channels {string.Join(", ", CodeText.Ranges(_groups.SelectMany(g => g.Channels).Select(c => c.Index)))}.");
        code.Open(_shape.IsOnePosition ? $"public static void {_name}(sbyte[] x, sbyte[] y)" : $"public static void {_name}(sbyte[] x, int xAt, sbyte[] y, int yAt)", 1);
        RequantiseForm.Declare(code, _forms.Values, _shape.OutMin, _shape.OutMax, _shape.Pools);
    }

    /// <summary>The start of a sum as an expression.</summary>
    protected virtual (string Text, int Il) Start(LaneSegment segment) => (segment.Start == 0 ? "" : CodeText.Long(segment.Start), CodeText.LongBytes(segment.Start));

    /// <summary>The packed weight of a tap as an expression, empty for 1; null where it is 0.</summary>
    protected virtual (string Text, int Il)? Factor(int g, LaneSegment segment, int tap)
    {
        long weight = _groups[g].Weight(segment, tap);
        return weight == 0 ? null : weight == 1 ? ("", 0) : (CodeText.Long(weight), CodeText.LongBytes(weight));
    }

    /// <summary>What a sum is given to.</summary>
    protected virtual (string Text, int Il) Target(int g) => (Whole ? "a = " : $"a{g} = ", 2);

    /// <summary>What the maxima of a group begin at: the largest sums that give the smallest output, so that the lower clamp costs nothing.</summary>
    private (string Text, int Il)[] Leasts(int g)
    {
        Lane[] lanes = _groups[g].Segments[0].Lanes;
        long[] least = [.. lanes.Select(lane => Math.Max(0, _forms[lane.Channel].LowThreshold))];
        if (_groups[g].HasGuards) least = [lanes.Zip(least, (lane, value) => value << lane.Shift).Sum()];
        return [.. least.Select(value => (CodeText.Long(value), CodeText.LongBytes(value)))];
    }

    private void Declare()
    {
        if (_shape.Pools)
        {
            _code.Line("long k;");
            LaneGroup? guarded = _groups.FirstOrDefault(g => g is { HasGuards: true, Channels.Length: 3 });
            if (guarded is not null) _code.Line($"long guard = {CodeText.Long(Guard(guarded))};", 10);
            for (int g = 0; g < _groups.Count; g++) _code.Line($"long {string.Join(", ", Maxima(g))};");
            // Those of a pooling inside the inner loop are set there, which the compiler does not see.
            if (_walk is { PoolsInTwoDirections: false, Inner.Pool: > 1 }) Clear([.. Enumerable.Range(0, _groups.Count).SelectMany(Maxima)]);
        }

        if (!Inline)
        {
            foreach (int[] some in Enumerable.Range(0, _shape.WindowLocals).Chunk(16)) _code.Line($"long {string.Join(", ", some.Select(t => $"x{t}"))};");
            // Locals that the first position moves before it has read them begin at 0.
            if (_shape.Slides) Clear([.. Enumerable.Range(0, _places.Length).Where(t => _places[t].Column >= _walk.Inner.SlideTaps).Select(t => $"x{t}")]);
        }

        if (!Inline && !_shape.IsOnePosition && _places.Any(p => p.Offset > sbyte.MaxValue)) _code.Line("int p;");
        if (Whole) return;
        for (int g = 0; g < _groups.Count; g++)
        {
            string sums = _groups[g].Segments.Length == 1 ? "" : string.Concat(_groups[g].Channels.Select((_, l) => $", s{g}_{l}"));
            _code.Line($"long a{g}{sums};");
        }
    }

    /// <summary>Sets locals to 0 by one statement, whose constant is loaded once.</summary>
    private void Clear(IReadOnlyList<string> locals)
    {
        foreach (string[] some in locals.Chunk(24)) _code.Line($"{string.Join(" = ", some)} = 0;", 2 + 3 * some.Length);
    }

    private void LoopsOverPositions()
    {
        WalkAxis inner = _walk.Inner, outer = _walk.Outer;
        bool pools = _shape.Pools && inner.Pool > 1;
        int kept = _shape.Slides ? inner.Kernel - inner.SlideTaps : 0;
        bool warmUp = kept > 0 && kept % inner.SlideTaps == 0;
        int before = warmUp ? kept / inner.SlideTaps : 0;
        if (outer.Out > 1) _code.Open($"for (int i = 0; i < {outer.Out}; i++)", 16);
        if (kept > 0 && !warmUp) LoadColumns(0, kept, inner.SlideTaps);
        Advance("xAt", -before * inner.Advance);
        if (pools) _code.Line($"int left = {inner.Pool};", 2);

        bool loop = inner.Out > 1 || before > 0 || pools;
        if (loop) _code.Open($"for (int j = {-before}; j < {inner.Out}; j++)", 16);
        if (!pools) ResetMaxima();
        if (_shape.Slides)
        {
            Slide();
            LoadColumns(kept, inner.Kernel, 0);
        }

        if (before > 0)
        {
            // Nothing to compute yet: the window is being filled.
            _code.Open("if (j < 0)", 4);
            Advance("xAt", inner.Advance);
            _code.Line("continue;", 2);
            _code.Close();
        }

        if (pools)
        {
            _code.Open($"if (left == {inner.Pool})", 4);
            ResetMaxima();
            _code.Close();
        }

        Sums();
        if (loop) Advance("xAt", inner.Advance);
        if (pools)
        {
            string more = inner.HasPartialPool ? $" && j < {inner.Out - 1}" : "";
            _code.Line("left--;", 4);
            _code.Line($"if (left > 0{more}) continue;", more.Length > 0 ? 10 : 6);
            _code.Line($"left = {inner.Pool};", 3);
        }

        Store();
        if (loop) Advance("yAt", inner.OutBytes);
        if (loop) _code.Close();

        int movedX = loop ? inner.Out * inner.Advance : 0, movedY = loop ? inner.Pooled * inner.OutBytes : 0;
        if (outer.Out > 1)
        {
            Advance("xAt", outer.Advance - movedX);
            Advance("yAt", outer.OutBytes - movedY);
            _code.Close();
            (movedX, movedY) = (outer.Out * outer.Advance, outer.Out * outer.OutBytes);
        }

        NextImage(movedX, movedY);
    }

    /// <summary>Pooling windows of several rows: two loops over stored outputs, two over the positions of a window.</summary>
    private void LoopsOverPoolWindows()
    {
        WalkAxis inner = _walk.Inner, outer = _walk.Outer;
        _code.Open($"for (int i = 0; i < {outer.Pooled}; i++)", 16);
        _code.Open($"for (int j = 0; j < {inner.Pooled}; j++)", 16);
        ResetMaxima();
        if (outer.HasPartialPool) _code.Line($"int rows = i == {outer.Pooled - 1} ? {outer.Out - (outer.Pooled - 1) * outer.Pool} : {outer.Pool};", 12);
        if (inner.HasPartialPool) _code.Line($"int columns = j == {inner.Pooled - 1} ? {inner.Out - (inner.Pooled - 1) * inner.Pool} : {inner.Pool};", 12);
        _code.Line("int origin = xAt;", 4);
        _code.Open($"for (int u = 0; u < {(outer.HasPartialPool ? "rows" : outer.Pool)}; u++)", 16);
        _code.Line("xAt = origin;", 4);
        _code.Open($"for (int v = 0; v < {(inner.HasPartialPool ? "columns" : inner.Pool)}; v++)", 16);
        Sums();
        Advance("xAt", inner.Advance);
        _code.Close();
        Advance("origin", outer.Advance);
        _code.Close();
        Store();
        // Back to the first row of this window, and on to the next window.
        string rows = outer.HasPartialPool ? $"rows * {outer.Advance}" : $"{outer.Pool * outer.Advance}";
        _code.Line($"xAt = origin - {rows} + {inner.Pool * inner.Advance};", 14);
        Advance("yAt", inner.OutBytes);
        _code.Close();
        Advance("xAt", outer.Pool * outer.Advance - inner.Pooled * inner.Pool * inner.Advance);
        Advance("yAt", outer.OutBytes - inner.Pooled * inner.OutBytes);
        _code.Close();
        NextImage(outer.Pooled * outer.Pool * outer.Advance, outer.Pooled * outer.OutBytes);
    }

    private void NextImage(int movedX, int movedY)
    {
        if (_walk.Batch == 1) return;
        Advance("xAt", _walk.InImageBytes - movedX);
        Advance("yAt", _walk.OutImageBytes - movedY);
    }

    private void Advance(string variable, int by)
    {
        if (by != 0) _code.Line(by > 0 ? $"{variable} += {by};" : $"{variable} -= {-by};", 4 + CodeText.IntBytes(by));
    }

    /// <summary>Moves the columns that the next window has in common with the last one.</summary>
    private void Slide()
    {
        var at = new Dictionary<(int, int), int>();
        for (int t = 0; t < _places.Length; t++) at[(_places[t].Column, _places[t].InColumn)] = t;
        int columns = _walk.Inner.Kernel - _walk.Inner.SlideTaps, height = _places.Length / _walk.Inner.Kernel;
        for (int c = 0; c < columns; c++)
        {
            var moves = Enumerable.Range(0, height).Select(h => $"x{at[(c, h)]} = x{at[(c + _walk.Inner.SlideTaps, h)]};");
            foreach (string[] some in moves.Chunk(12)) _code.Line(string.Join(' ', some), 4 * some.Length);
        }
    }

    /// <summary>Reads columns from..to-1 of the window; each goes into the locals of the column shift later.</summary>
    private void LoadColumns(int from, int to, int shift)
    {
        var targets = new Dictionary<(int, int), int>();
        for (int t = 0; t < _places.Length; t++) targets[(_places[t].Column, _places[t].InColumn)] = t;
        var loads = Enumerable.Range(0, _places.Length).Where(t => _places[t].Column >= from && _places[t].Column < to)
            .Select(t => (targets[(_places[t].Column + shift, _places[t].InColumn)], _places[t].Offset));
        Load(loads);
    }

    private void Load(IEnumerable<(int Local, int Offset)> loads)
    {
        string pointer = "xAt";
        int origin = 0;
        var line = new List<string>();
        void Flush()
        {
            foreach (string[] some in line.Chunk(8)) _code.Line(string.Join(' ', some));
            line.Clear();
        }

        foreach ((int local, int offset) in loads.OrderBy(l => l.Offset))
        {
            if (offset - origin > sbyte.MaxValue && !_shape.IsOnePosition)
            {
                // A new base, so that distances stay within one byte.
                Flush();
                (pointer, origin) = ("p", offset);
                _code.Line($"p = xAt + {offset};", 8);
            }

            line.Add($"x{local} = x[{_shape.X(pointer, offset - origin)}];");
            _code.IlBytes += 5 + _shape.IndexBytes(offset - origin, _shape.XBase);
        }

        Flush();
    }

    /// <summary>Reads the window, chunk by chunk, and adds the groups' sums; whole sums are used at once.</summary>
    private void Sums()
    {
        int from = 0;
        for (int c = 0; c < _shape.ChunkEnds.Length; c++)
        {
            int to = _shape.ChunkEnds[c];
            if (!Inline && !_shape.Slides) Load(Enumerable.Range(from, to - from).Select(t => (t - from, _places[t].Offset)));
            for (int g = 0; g < _groups.Count; g++) SumOf(g, from, to);
            from = to;
        }
    }

    private void SumOf(int g, int from, int to)
    {
        LaneGroup group = _groups[g];
        LaneSegment segment = group.Segments.Single(s => s.FromTap <= from && to <= s.ToTap);
        bool begins = segment.FromTap == from, ends = segment.ToTap == to;
        string sum = Whole ? "a" : $"a{g}";
        var terms = new List<string>();
        (string target, int il) = Target(g);
        (string start, int startIl) = begins ? Start(segment) : (sum, 2);
        if (start.Length > 0)
        {
            terms.Add(start);
            il += startIl;
        }

        for (int t = from; t < to; t++)
        {
            if (Factor(g, segment, t) is not { } factor) continue;
            string x = Inline ? $"x[{_shape.X("xAt", _places[t].Offset)}]" : $"x{t - from}";
            il += (Inline ? 3 + _shape.IndexBytes(_places[t].Offset, _shape.XBase) : 2) + 2 + factor.Il;
            terms.Add(factor.Text.Length == 0 ? x : $"{x} * {factor.Text}");
        }

        if (begins || terms.Count > 1) _code.Sum(target, terms, il);
        if (_shape.Pools && ends) Maximum(g, sum);
        if (!Whole && ends && group.Segments.Length > 1)
        {
            bool first = segment.FromTap == 0;
            for (int l = 0; l < group.Channels.Length; l++)
                _code.Line($"s{g}_{l} {(first ? "=" : "+=")} {LaneGroup.Unpack(sum, segment.Lanes, l)};", first ? 9 : 13);
        }

        if (Whole && !_shape.Pools) StoreGroup(g);
    }

    /// <summary>Locals that hold a group's maxima: one with all lanes, or one for each.</summary>
    private IEnumerable<string> Maxima(int g) =>
        _groups[g].HasGuards ? [$"m{g}"] : Enumerable.Range(0, _groups[g].Channels.Length).Select(l => $"m{g}_{l}");

    /// <summary>
    /// m = max(m, a). With guards lane by lane at once: with the lanes' top bits set in a, a borrow in a - m stays inside
    /// its lane and clears that bit where m is larger; the bit then selects the difference.
    /// </summary>
    private void Maximum(int g, string sum)
    {
        LaneGroup group = _groups[g];
        if (!group.HasGuards)
        {
            for (int l = 0; l < group.Channels.Length; l++)
                _code.Line($"q = {LaneGroup.Unpack(sum, group.Segments[0].Lanes, l)}; if (q > m{g}_{l}) m{g}_{l} = q;", 17);
            return;
        }

        string guard = group.Channels.Length == 3 ? "guard" : CodeText.Long(Guard(group));
        int bits = group.Segments[0].Lanes[0].Bits;
        _code.Line($"q = ({sum} | {guard}) - m{g}; k = q & {guard}; m{g} += q & (k - (k >>> {bits - 1}));", 28);
    }

    private static long Guard(LaneGroup group)
    {
        long guard = 0;
        foreach (Lane lane in group.Segments[0].Lanes) guard |= 1L << (lane.Shift + lane.Bits - 1);
        return guard;
    }

    private void ResetMaxima()
    {
        if (!_shape.Pools) return;
        for (int g = 0; g < _groups.Count; g++)
        {
            (string Text, int Il)[] least = Leasts(g);
            _code.Line(string.Join(' ', Maxima(g).Zip(least, (m, value) => $"{m} = {value.Text};")), least.Sum(value => 2 + value.Il));
        }
    }

    /// <summary>Stores what has waited for the whole window or the whole pooling window.</summary>
    private void Store()
    {
        if (Whole && !_shape.Pools) return;
        for (int g = 0; g < _groups.Count; g++) StoreGroup(g);
    }

    private void StoreGroup(int g)
    {
        LaneGroup group = _groups[g];
        string packed = _shape.Pools ? $"m{g}" : Whole ? "a" : $"a{g}";
        StoreGroup(_code, packed, l => group.Segments.Length > 1 ? $"s{g}_{l}" : _shape.Pools && !group.HasGuards ? $"m{g}_{l}" : null, group);
    }

    /// <summary>Requantises and stores a group: packed has all sums, unless they have locals of their own.</summary>
    protected virtual void StoreGroup(CodeText code, string packed, Func<int, string?> own, LaneGroup group)
    {
        if (_store?.Takes(group, _shape.Pools) == true)
        {
            string[] sums = own(0) is null ? [packed] : [.. group.Channels.Select((_, l) => own(l)!)];
            int first = group.Channels[0].Index;
            _store.Call(code, group, sums, _shape.Y(first), _shape.IndexBytes(first, _shape.YBase));
            return;
        }

        for (int l = 0; l < group.Channels.Length; l++)
        {
            int channel = group.Channels[l].Index;
            string sum = own(l) ?? LaneGroup.Unpack(packed, group.Segments[0].Lanes, l);
            RequantiseForm form = _shape.IsFast ? _forms[channel].Widened() : _forms[channel];
            form.Write(code, sum, 7, $"y[{_shape.Y(channel)}]", 1 + _shape.IndexBytes(channel, _shape.YBase), raised: _shape.Pools);
        }
    }
}

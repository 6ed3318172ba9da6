using TinyAI.ModelPacker.Emit.CSharp.Sums;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes the methods of a <see cref="BlockEmitter"/> layer. A lane must hold the sum of all blocks; where some are too wide,
/// blocks are divided into runs whose sums wait in places of their own and are added up after they have been cut out. Maxima are
/// taken of all lanes at once where these have a free bit at the top, and are those of one run.
/// </summary>
internal sealed class BlockWriter
{
    private static readonly Lane[] s_lanes = LanePacking.EvenLanes(3);

    private readonly BlockPlan _plan;
    private readonly ChannelData[][] _channels;
    private readonly BlockWeights _weights;
    private readonly List<List<TapBlock>> _runs = [];
    private readonly LaneGroup[] _groups;
    private readonly ConvShape _shape;
    private readonly Dictionary<int, RequantiseForm> _forms;
    private readonly SharedStore? _store;

    public BlockWriter(ConvShape shape, BlockPlan plan, ChannelData[][] channels, string name, CodeWorth worth)
    {
        (_shape, _plan, _channels, _weights) = (shape, plan, channels, new BlockWeights(plan, channels));
        foreach (TapBlock block in plan.Blocks)
        {
            if (_runs.Count == 0 || !Fits([.. _runs[^1], block])) _runs.Add([]);
            _runs[^1].Add(block);
        }

        _groups = [.. channels.Select(c => new LaneGroup(c, [.. _runs.Select(run => new LaneSegment(0, plan.G.Taps, s_lanes[..c.Length], Start(c, run)))]))];
        _forms = RequantiseForm.Of(_shape, _groups, name);
        _store = SharedStore.Of(_groups, _forms, _shape.OutMin, _shape.OutMax, pooled: false, plan.Walk.Windows, worth);
        SharedChannels = _groups.Where(g => _store?.Takes(g, pooled: false) == true).Sum(g => g.Channels.Length);
    }

    /// <summary>Whether maxima can be taken, if they are wanted.</summary>
    public bool CanWrite => !Pools || _runs.Count == 1;

    /// <summary>Sums that wait at a time.</summary>
    public int Sums => _plan.Positions * Slots;

    /// <summary>Channels that are stored by calls.</summary>
    public int SharedChannels { get; }

    /// <summary>The mean cost of storing an output.</summary>
    public double StoreAdds => _forms.Values.Average(f => f.Adds(raised: false));

    private bool HasGuards => Fits(_runs[0], BlockHelpers.MaximumBits);

    private bool Pools => _plan.Positions > _plan.Walk.Windows;

    /// <summary>Sums of a position.</summary>
    private int Slots => _plan.Groups * _runs.Count;

    /// <summary>Writes the method for some ranges, with the one that it calls for each block.</summary>
    public CodeMethod Write(int fromRange, int toRange, string name)
    {
        var code = new CodeText(2);
        code.Open($"public static void {name}(sbyte[] x, int xAt, sbyte[] y, int yAt, long[] s)", 1);
        RequantiseForm.Declare(code, _forms.Values, _shape.OutMin, _shape.OutMax, raised: false);
        if (_plan.Positions > 1) code.Line("int at, to;");
        if (_runs.Count > 1) code.Line("long r0, r1, r2;");
        for (int range = fromRange; range < toRange; range++)
        {
            code.Line($"System.Array.Clear(s, 0, {Sums});", 11);
            for (int run = 0; run < _runs.Count; run++)
            {
                foreach (TapBlock block in _runs[run]) Call(code, range, run, block, $"{name}Block");
            }

            Store(code, range);
        }

        code.Close();
        code.Line();
        CodeMethod worker = new BlockMethod(_shape with { G = _plan.Geometry, Walk = WalkOf(), ChunkEnds = [_plan.Taps], HasPointers = true }, _plan, $"{name}Block").Write();
        code.Raw(worker.Text, "", worker.IlBytes);
        List<CodeMethod> helpers = [.. _store?.Methods ?? []];
        if (Pools) helpers.Add(BlockHelpers.Larger(HasGuards));
        return new CodeMethod(name, code.ToString(), code.IlBytes, Methods: 2) { Helpers = helpers };
    }

    /// <summary>Whether the sums of some blocks fit their lanes.</summary>
    private bool Fits(List<TapBlock> run, int mostBits = 64) =>
        _channels.All(g => g.Select((c, l) => Range(c, run) is var (low, high) && high - low < 1L << Math.Min(mostBits, s_lanes[l].Bits)).All(fits => fits));

    /// <summary>The least and the largest sum of some blocks.</summary>
    private (long Low, long High) Range(ChannelData channel, List<TapBlock> run)
    {
        long low = 0, high = 0;
        foreach (int tap in run.SelectMany(TapsOf))
        {
            (long least, long most) = channel.SumRange(_shape.Input, tap, tap + 1);
            (low, high) = (low + least, high + most);
        }

        return (low, high);
    }

    /// <summary>The taps that a block adds.</summary>
    private IEnumerable<int> TapsOf(TapBlock block) =>
        from row in Enumerable.Range(block.RowsDone, block.Row + _plan.Rows - block.RowsDone)
        from column in Enumerable.Range(0, _plan.G.Horizontal.Kernel)
        from c in Enumerable.Range(block.ChannelsDone, block.Channel + _plan.Channels - block.ChannelsDone)
        select row * _plan.G.Vertical.TapStep + column * _plan.G.Horizontal.TapStep + c;

    private long Start(ChannelData[] channels, List<TapBlock> run) =>
        channels.Select((c, l) => -Range(c, run).Low << s_lanes[l].Shift).Sum();

    /// <summary>The walk of a block, with the sums of a position in place of its outputs.</summary>
    private WindowWalk WalkOf()
    {
        WindowGeometry block = _plan.Geometry;
        WindowWalk walk = _plan.Walk.Conv;
        bool turned = walk.IsTurned;
        return walk with
        {
            Inner = walk.Inner with { OutBytes = Slots, Kernel = turned ? block.Vertical.Kernel : block.Horizontal.Kernel, TapStep = turned ? block.Vertical.TapStep : block.Horizontal.TapStep },
            Outer = walk.Outer with
            {
                OutBytes = Slots * walk.Inner.Out, Kernel = turned ? block.Horizontal.Kernel : block.Vertical.Kernel, TapStep = turned ? block.Horizontal.TapStep : block.Vertical.TapStep,
            },
            Slides = walk.Slides && (!turned || block.Vertical.Kernel > walk.Inner.SlideTaps),
        };
    }

    private void Call(CodeText code, int range, int run, TapBlock block, string name)
    {
        WalkAxis vertical = _plan.Walk.Conv.IsTurned ? _plan.Walk.Conv.Inner : _plan.Walk.Conv.Outer;
        int from = block.Row * vertical.TapBytes + block.Channel;
        long[] weights = [.. _weights.Of(range, block)];
        code.List($"{name}(x, {CodeText.At("xAt", from)}, s, {run * _plan.Groups}", weights.Select(CodeText.Long), ");", 9 + CodeText.IntBytes(from) + weights.Sum(CodeText.LongBytes));
    }

    /// <summary>Requantises and stores what the blocks of a range have summed up.</summary>
    private void Store(CodeText code, int range)
    {
        BlockWalk walk = _plan.Walk;
        int rows = walk.Conv.Outer.Out / walk.OuterPool, columns = walk.Conv.Inner.Out / walk.InnerPool, row = walk.Conv.Inner.Out * Slots;
        bool loops = _plan.Positions > 1;
        if (loops)
        {
            code.Line("at = 0;", 2);
            code.Line("to = yAt;", 2);
            if (rows > 1) code.Open($"for (int i = 0; i < {rows}; i++)", 14);
            if (columns > 1) code.Open($"for (int j = 0; j < {columns}; j++)", 14);
        }

        for (int k = 0; k < _plan.Groups && range * _plan.Groups + k < _groups.Length; k++) Store(code, _groups[range * _plan.Groups + k], k, loops);
        (int at, int to) = (0, 0);
        if (columns > 1)
        {
            (at, to) = (columns * walk.InnerPool * Slots, columns * walk.InnerBytes);
            Advance(code, "at", walk.InnerPool * Slots);
            Advance(code, "to", walk.InnerBytes);
            code.Close();
        }

        if (rows == 1) return;
        Advance(code, "at", walk.OuterPool * row - at);
        Advance(code, "to", walk.OuterBytes - to);
        code.Close();
    }

    private static void Advance(CodeText code, string variable, int by)
    {
        if (by != 0) code.Line($"{variable} += {by};", 3 + CodeText.IntBytes(by));
    }

    private void Store(CodeText code, LaneGroup group, int slot, bool loops)
    {
        const int SumIl = 15;
        int count = group.Channels.Length, first = group.Channels[0].Index;
        string Y(int channel) => CodeText.At(loops ? "to" : "yAt", channel);
        string Sum(int run, int distance = 0)
        {
            int at = run * _plan.Groups + slot + distance;
            string index = loops ? CodeText.At("at", at) : $"{at}";
            return group.Segments[run].Start == 0 ? $"s[{index}]" : $"s[{index}] + {CodeText.Long(group.Segments[run].Start)}";
        }

        for (int run = 0; run < _runs.Count && _runs.Count > 1; run++)
        {
            code.Line($"a = {Sum(run)};", SumIl + 1);
            for (int l = 0; l < count; l++) code.Line($"r{l} {(run == 0 ? "=" : "+=")} {LaneGroup.Unpack("a", s_lanes[..count], l)};", run == 0 ? 8 : 10);
        }

        // The largest of a pooling window.
        int[] window = [.. Enumerable.Range(0, _plan.Walk.OuterPool).SelectMany(u => Enumerable.Range(0, _plan.Walk.InnerPool).Select(v => (u * _plan.Walk.Conv.Inner.Out + v) * Slots))];
        string all = window.Skip(1).Aggregate(Sum(0), (sum, distance) => $"{BlockHelpers.LargerName(HasGuards)}({sum}, {Sum(0, distance)})");
        int il = SumIl + (window.Length - 1) * (SumIl + 6);
        if (_store?.Takes(group, pooled: false) == true)
        {
            string[] sums = _runs.Count > 1 ? ["r0", "r1", "r2"] : [all];
            _store.Call(code, group, sums, Y(first), 3 + (_runs.Count > 1 ? 0 : il - 2));
            return;
        }

        if (_runs.Count == 1) code.Line($"a = {all};", il + 1);
        for (int l = 0; l < count; l++)
        {
            RequantiseForm form = _forms[group.Channels[l].Index];
            string sum = _runs.Count > 1 ? $"r{l}" : LaneGroup.Unpack("a", s_lanes[..count], l);
            (_shape.IsFast ? form.Widened() : form).Write(code, sum, 7, $"y[{Y(first + l)}]", 4, raised: false);
        }
    }
}

/// <summary>The method that adds the products of a block to the sums that wait.</summary>
internal sealed class BlockMethod(ConvShape shape, BlockPlan plan, string name)
    : ConvMethod(shape, [.. Enumerable.Range(0, plan.Groups).Select(_ => new LaneGroup([], [new LaneSegment(0, plan.Taps, [], 0)]))], name, null)
{
    /// <inheritdoc/>
    protected override void Open(CodeText code)
    {
        IEnumerable<string> weights = Enumerable.Range(0, plan.Arguments).Select(i => $"long {(plan.Fields > 1 ? "v" : "w")}{i}");
        code.Line("// Adds the products of some inputs with their weights to the sums that begin at yAt, a group of channels after the other.");
        code.List($"private static void {Own.Name}(sbyte[] x, int xAt, long[] s, int yAt", weights, ")", 1);
        code.Brace();
        if (plan.Fields == 1) return;
        code.Line($"long mask = {CodeText.Long(BlockWeights.InLanes((1L << plan.FieldBits) - 1))}, bias = {CodeText.Long(BlockWeights.InLanes(1L << (plan.FieldBits - 1)))};", 22);
        foreach (int[] some in Enumerable.Range(0, plan.Weights).Chunk(6)) code.Line($"long {string.Join(", ", some.Select(i => $"w{i} = {Field(i)}"))};", some.Sum(i => i % plan.Fields == 0 ? 8 : 11));
    }

    /// <summary>A field of an argument, which holds weights that are raised so that none is negative.</summary>
    private string Field(int weight)
    {
        int shift = weight % plan.Fields * plan.FieldBits;
        string value = $"v{weight / plan.Fields}";
        return $"({(shift == 0 ? value : $"({value} >> {shift})")} & mask) - bias";
    }

    /// <inheritdoc/>
    protected override (string Text, int Il) Start(LaneSegment segment) => ("", 0);

    /// <inheritdoc/>
    protected override (string Text, int Il)? Factor(int g, LaneSegment segment, int tap) => ($"w{g * plan.Taps + tap}", 2);

    /// <inheritdoc/>
    protected override (string Text, int Il) Target(int g) => ($"s[{Own.Shape.Y(g)}] += ", 13);

    /// <inheritdoc/>
    protected override void StoreGroup(CodeText code, string packed, Func<int, string?> own, LaneGroup group)
    {
    }
}

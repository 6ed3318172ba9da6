using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Plan;

/// <summary>Layers that are to run row by row.</summary>
/// <param name="Start">The first layer.</param>
/// <param name="End">The last layer.</param>
/// <param name="RowsPerStep">Rows of an image that a layer computes in one go, at most.</param>
public readonly record struct GroupChoice(int Start, int End, int RowsPerStep);

/// <summary>
/// Decides which layers run row by row together. Any run of consecutive layers whose kinds have a <see cref="RowMap"/> can
/// be a group; what a group needs follows from its <see cref="RowSchedule"/>, what a layer alone needs from the tensors that
/// live at it. Of all ways to cut the model into groups and single layers, dynamic programming finds one with the lowest
/// peak, and among those with that peak (or below a limit that is higher) one that reads the least weights again.
/// </summary>
public sealed class GroupPlanner
{
    /// <summary>Rows per step that are tried, the most first: each step reads a layer's weights.</summary>
    private static readonly int[] s_rowsPerStep = [32, 16, 8, 4, 3, 2, 1];

    /// <summary>A step's record and tables, as bytes read: what makes many steps on small weights dear.</summary>
    private const int BytesOfStep = 300;

    private readonly LoweredModel _model;
    private readonly RowMap?[] _maps;
    private readonly bool _feeds;
    private readonly bool[] _isWhole;
    private readonly Buffer[] _buffers;
    private readonly int[] _alone;
    private readonly Dictionary<(int Start, int End, int RowsPerStep), Choice?> _known = [];

    private sealed record Choice(int Start, int End, int RowsPerStep, int Bytes, long Work);

    /// <summary>A planner of a model, which stays as it is.</summary>
    /// <param name="original">The model, before any memory is shared.</param>
    /// <param name="feeds">Whether the input may be a stream that the caller feeds.</param>
    public GroupPlanner(LoweredModel original, bool feeds)
    {
        LoweredModel model = original.Copy();
        _model = model;
        _feeds = feeds;
        Layer[] forms = RowForm.Of(model);
        for (int i = 0; i < forms.Length; i++) model.Layers[i] = forms[i];
        _maps = [.. model.Layers.Select(RowMap.Of)];
        Lifetimes.Set(model);
        InPlaceSharing.Apply(model, keepSize: true, inStep: true);
        Lifetimes.Set(model);
        _buffers = [.. model.Buffers];
        _isWhole = [.. model.Layers.Select((l, i) => _maps[i] is null || l.Kind == PackFormat.KindConstant)];
        _alone = MemoryPlan.LiveBytes(model);
    }

    /// <summary>Chooses groups.</summary>
    /// <param name="limit">Bytes of activations that are no problem: below it, less work is better than less memory.</param>
    public GroupChoice[] Choose(int limit = 0)
    {
        if (_model.Layers.Count == 0) return [];
        Choice[] best = Best(limit);
        return [.. best.Where(c => c.RowsPerStep > 0).Select(c => new GroupChoice(c.Start, c.End, c.RowsPerStep))];
    }

    /// <summary>
    /// Works out the schedule of the chosen groups once it is settled which tensors share memory, and again where kernels
    /// have changed since.
    /// </summary>
    public static void Schedule(LoweredModel model, bool feedInput)
    {
        RowMap?[] maps = [.. model.Layers.Select(RowMap.Of)];
        bool[] isWhole = [.. model.Layers.Select((l, i) => maps[i] is null || l.Kind == PackFormat.KindConstant)];
        var groups = model.Groups.ToArray();
        model.Groups.Clear();
        foreach (Buffer buffer in model.Buffers) buffer.StreamBytes = null;
        Lifetimes.Set(model);
        Buffer[] buffers = [.. model.Buffers];
        foreach (RowGroup group in groups)
        {
            (Buffer, int)? fed = feedInput ? FedInput(model, isWhole, group.Start, group.End) : null;
            Buffer[] streams = Streamable(model, buffers, isWhole, group.Start, group.End, fed?.Item1);
            var schedule = new RowSchedule(model.Layers, maps, group.Start, group.End, streams, fed, group.RowsPerStep);
            for (int i = 0; i < streams.Length; i++) streams[i].StreamBytes = schedule.Held[i];
            model.Groups.Add(group with { Streams = streams, Steps = [.. schedule.Steps()], Fed = fed?.Item1 });
        }

        Lifetimes.Set(model);
    }

    /// <summary>The buffers that only the group touches, none of its layers as a whole.</summary>
    private static Buffer[] Streamable(LoweredModel model, Buffer[] buffers, bool[] isWhole, int start, int end, Buffer? fed)
    {
        bool IsInside(Buffer b) => b == fed || (!b.IsState && b.FirstUse >= start && b.LastUse <= end);
        var whole = new HashSet<Buffer>();
        for (int i = start; i <= end; i++)
        {
            if (isWhole[i]) whole.UnionWith(model.Layers[i].Buffers);
        }

        return [.. buffers.Where(b => IsInside(b) && !whole.Contains(b)).Take(PackFormat.MaxStreams)];
    }

    /// <summary>The model's input and its rows, where there is one input and only these layers touch it.</summary>
    private static (Buffer, int)? FedInput(LoweredModel model, bool[] isWhole, int start, int end)
    {
        if (model.Inputs.Count != 1) return null;
        (Graphs.Tensor tensor, Place place) = model.Inputs[0];
        int rows = tensor.Shape.FirstOrDefault(n => n > 1, 1);
        int first = model.Layers.FindIndex(l => l.Buffers.Contains(place.Buffer));
        bool isMine = !place.Buffer.IsState && place.Bytes == place.Buffer.Bytes && first >= start && place.Buffer.LastUse <= end && rows > 1;
        return isMine && !isWhole[first] ? (place.Buffer, rows) : null;
    }

    private Choice[] Best(int limit)
    {
        int n = _model.Layers.Count;
        var options = new List<Choice>[n];
        int peak = _alone.Max();
        for (int end = 0; end < n; end++)
        {
            options[end] = [new Choice(end, end, 0, _alone[end + 1], 0)];
            for (int start = end; start >= 0 && end - start < PackFormat.MaxMembers && _maps[start] is not null; start--)
            {
                if (Group(start, end, 1, peak) is { } group) options[end].Add(group);
            }
        }

        int lowest = Cut<int>(options, (a, b) => Math.Max(a, b.Bytes), out _);
        int most = Math.Max(lowest, limit);
        for (int end = 0; end < n; end++)
        {
            options[end].RemoveAll(c => c.Bytes > most);
            for (int i = 0; i < options[end].Count; i++)
            {
                Choice c = options[end][i];
                if (c.RowsPerStep > 0) options[end][i] = s_rowsPerStep.Select(rows => Group(c.Start, c.End, rows, most)).First(g => g is not null)!;
            }
        }

        Cut<long>(options, (a, b) => a + b.Work, out Choice[] chosen);
        return chosen;
    }

    /// <summary>The cheapest way to cover all layers with one choice after the other.</summary>
    private static T Cut<T>(List<Choice>[] options, Func<T, Choice, T> add, out Choice[] chosen)
        where T : struct, IComparable<T>
    {
        int n = options.Length;
        var cost = new T?[n + 1];
        var last = new Choice?[n + 1];
        cost[0] = default(T);
        for (int end = 0; end < n; end++)
        {
            foreach (Choice c in options[end])
            {
                if (cost[c.Start] is not { } before) continue;
                T sum = add(before, c);
                if (cost[end + 1] is not { } old || sum.CompareTo(old) < 0) (cost[end + 1], last[end + 1]) = (sum, c);
            }
        }

        var way = new List<Choice>();
        for (int at = n; at > 0; at = last[at]!.Start) way.Add(last[at]!);
        way.Reverse();
        chosen = [.. way];
        return cost[n]!.Value;
    }

    /// <summary>These layers as a group, or null where that takes more than a limit or streams nothing.</summary>
    private Choice? Group(int start, int end, int rowsPerStep, int most)
    {
        if (!_known.TryGetValue((start, end, rowsPerStep), out Choice? group)) _known[(start, end, rowsPerStep)] = group = Group(start, end, rowsPerStep);
        return group is null || group.Bytes > most ? null : group;
    }

    private Choice? Group(int start, int end, int rowsPerStep)
    {
        (Buffer Buffer, int)? fed = _feeds ? FedInput(_model, _isWhole, start, end) : null;
        Buffer[] streams = Streamable(_model, _buffers, _isWhole, start, end, fed?.Buffer);
        if (streams.Length == 0) return null;
        int others = _buffers.Where(b => b.FirstUse <= end && b.LastUse >= start && !streams.Contains(b)).Sum(b => b.Bytes);
        var schedule = new RowSchedule(_model.Layers, _maps, start, end, streams, fed, rowsPerStep);
        int bytes = others + schedule.Held.Sum();
        long work = schedule.Runs().Select((runs, i) => (long)(runs - 1) * (_model.Layers[start + i].Weights.Length + BytesOfStep)).Sum();
        return new Choice(start, end, rowsPerStep, bytes, work);
    }
}

using TinyAI.ModelPacker.Lower;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Plan;

/// <summary>
/// The order in which a group of layers computes its rows, and how much of each tensor must be in memory for it.
/// <para>
/// The last layers are asked for one row after the other; before a row is computed, every earlier layer that touches the
/// same bytes is brought as far as the row needs, no further. That one rule covers rows not yet written, rows not yet
/// overwritten, and rows still to be read before they are. Each row of each layer is computed exactly once. A stream holds
/// the bytes from the first that a layer will still touch to the last that has been written.
/// </para>
/// </summary>
public sealed class RowSchedule
{
    private readonly Member[] _members;
    private readonly List<Touch>[] _touches;
    private readonly List<(int Member, int Rows, int FirstWrite)> _runs = [];
    private readonly List<(int Stream, int Low, int High)> _writes = [];
    private readonly int[] _held;

    private sealed class Member(int index, int layer, int rows)
    {
        public readonly int Index = index;
        public readonly int Layer = layer;
        public readonly int Rows = rows;
        public readonly List<Touch> Touches = [];
        public int PerStep;
        public int Done;
        public bool IsSink = true;
    }

    /// <summary>One operand of one member.</summary>
    private sealed record Touch(Member By, int Buffer, bool Writes, int From, int To, RowSpan Span)
    {
        /// <summary>The first byte that the rows from row on touch.</summary>
        public int Low(int row) => row >= By.Rows ? int.MaxValue : Math.Max(From, From + row * Span.Step + Span.Low);

        /// <summary>The byte behind the last that the rows before row touch.</summary>
        public int High(int row) => Math.Min(To, From + (row - 1) * Span.Step + Span.High);

        /// <summary>Rows after which nothing before byte is touched any more.</summary>
        public int RowsUntil(int to)
        {
            if (From >= to) return 0;
            int far = to - From - Span.Low;
            return far <= 0 ? 0 : Span.Step == 0 ? By.Rows : Math.Min(By.Rows, (far + Span.Step - 1) / Span.Step);
        }
    }

    /// <summary>Works the schedule out. layers and maps are those of the whole model; streams those tensors that live only in the group.</summary>
    /// <param name="layers">All layers of the model, in row form.</param>
    /// <param name="maps">What their rows touch.</param>
    /// <param name="start">First layer of the group.</param>
    /// <param name="end">Last layer of the group.</param>
    /// <param name="streams">Buffers of which only the rows in use are kept.</param>
    /// <param name="fed">The one among them that holds the model's input, and its rows.</param>
    /// <param name="rowsPerStep">Rows of an image that a layer computes at once, at most.</param>
    public RowSchedule(
        IReadOnlyList<Layer> layers, IReadOnlyList<RowMap?> maps, int start, int end, IReadOnlyList<Buffer> streams, (Buffer Buffer, int Rows)? fed, int rowsPerStep)
    {
        var index = new Dictionary<Buffer, int>();
        foreach (Buffer stream in streams) index.Add(stream, index.Count);
        Streams = streams;
        _held = new int[streams.Count];
        var touches = new List<List<Touch>>();
        for (int i = 0; i < streams.Count; i++) touches.Add([]);
        void Add(Member member, Place? place, RowSpan? span, bool writes)
        {
            if (place is not { } at) return;
            if (!index.TryGetValue(at.Buffer, out int buffer))
            {
                index.Add(at.Buffer, buffer = index.Count);
                touches.Add([]);
            }

            var touch = new Touch(member, buffer, writes, at.Offset, at.Offset + at.Bytes, span ?? new RowSpan(0, 0, at.Bytes));
            member.Touches.Add(touch);
            touches[buffer].Add(touch);
        }

        var members = new List<Member>();
        if (fed is { } input)
        {
            var feeder = new Member(0, -1, input.Rows);
            Add(feeder, new Place(input.Buffer, 0, input.Buffer.Bytes), RowSpan.Rows(input.Buffer.Bytes / input.Rows), true);
            members.Add(feeder);
        }

        for (int i = start; i <= end; i++)
        {
            (Layer layer, RowMap map) = (layers[i], maps[i]!);
            var member = new Member(members.Count, i - start, layer.Rows);
            Add(member, layer.Input, map.Input, false);
            Add(member, layer.Input2, map.Input2, false);
            Add(member, layer.Scratch, null, true);
            Add(member, layer.Output, map.Output, true);
            members.Add(member);
        }

        _members = [.. members];
        _touches = [.. touches];
        SetSteps(rowsPerStep);
        Run();
    }

    /// <summary>The tensors that are streamed.</summary>
    public IReadOnlyList<Buffer> Streams { get; }

    /// <summary>Bytes of each stream that must be in memory.</summary>
    public IReadOnlyList<int> Held => _held;

    /// <summary>How often each layer of the group is run: each run reads its weights.</summary>
    public int[] Runs()
    {
        var runs = new int[_members.Max(m => m.Layer) + 1];
        foreach ((int member, _, _) in _runs)
        {
            if (_members[member].Layer >= 0) runs[_members[member].Layer]++;
        }

        return runs;
    }

    /// <summary>What happens, in order, with the slides that make room just before it is needed.</summary>
    public IEnumerable<RowStep> Steps()
    {
        var first = new int[_held.Length];
        for (int r = 0; r < _runs.Count; r++)
        {
            (int index, int rows, int from) = _runs[r];
            int to = r + 1 < _runs.Count ? _runs[r + 1].FirstWrite : _writes.Count;
            foreach ((int stream, int low, int high) in _writes[from..to])
            {
                if (high - first[stream] <= _held[stream]) continue;
                yield return new RowStep(RowStepKind.Slide, stream, low - first[stream]);
                first[stream] = low;
            }

            Member member = _members[index];
            yield return member.Layer < 0 ? new RowStep(RowStepKind.Feed, 0, rows) : new RowStep(RowStepKind.Rows, member.Layer, rows);
        }
    }

    /// <summary>
    /// A step is a row of the image: layers whose rows are finer, such as copies of single pixels, compute as many as a
    /// neighbour's row needs. A layer of which nothing is streamed runs whole.
    /// </summary>
    private void SetSteps(int rowsPerStep)
    {
        foreach (Member member in _members)
        {
            int rows = member.Touches.Any(t => t.Buffer < _held.Length && t.Span.Step > 0) ? 1 : member.Rows;
            foreach (Touch touch in member.Touches.Where(t => t.Span.Step > 0))
            {
                int image = _touches[touch.Buffer].Max(t => t.Span.Step);
                rows = Math.Max(rows, (image + touch.Span.Step - 1) / touch.Span.Step);
            }

            member.PerStep = (int)Math.Min(member.Rows, (long)rows * rowsPerStep);
            foreach (Touch touch in member.Touches)
            {
                foreach (Touch earlier in _touches[touch.Buffer].TakeWhile(t => t.By != member))
                {
                    if (earlier.Writes) earlier.By.IsSink = false;
                }
            }
        }
    }

    private void Run()
    {
        Member[] sinks = [.. _members.Where(m => m.IsSink)];
        while (true)
        {
            // Where several results leave the group, they advance together.
            Member? next = null;
            foreach (Member sink in sinks)
            {
                if (sink.Done < sink.Rows && (next is null || (long)sink.Done * next.Rows < (long)next.Done * sink.Rows)) next = sink;
            }

            if (next is null) break;
            Step(next);
        }

        // Rows that no one has asked for are still computed: a layer may have other readers than its rows say.
        foreach (Member member in _members) Bring(member, member.Rows);
    }

    private void Bring(Member member, int rows)
    {
        while (member.Done < rows) Step(member);
    }

    private void Step(Member member)
    {
        int rows = Math.Min(member.PerStep, member.Rows - member.Done), end = member.Done + rows;
        foreach (Touch touch in member.Touches)
        {
            (int low, int high) = (touch.Low(member.Done), touch.High(end));
            foreach (Touch earlier in _touches[touch.Buffer])
            {
                if (earlier.By == member) break;
                if ((earlier.Writes || touch.Writes) && earlier.High(earlier.By.Rows) > low) Bring(earlier.By, earlier.RowsUntil(high));
            }
        }

        _runs.Add((member.Index, rows, _writes.Count));
        foreach (Touch touch in member.Touches)
        {
            if (!touch.Writes || touch.Buffer >= _held.Length) continue;
            (int low, int high) = (Math.Min(LowOf(touch.Buffer), touch.Low(member.Done)), touch.High(end));
            _writes.Add((touch.Buffer, low, high));
            _held[touch.Buffer] = Math.Max(_held[touch.Buffer], high - low);
        }

        member.Done = end;
    }

    private int LowOf(int buffer)
    {
        int low = int.MaxValue;
        foreach (Touch touch in _touches[buffer]) low = Math.Min(low, touch.Low(touch.By.Done));
        return low;
    }
}

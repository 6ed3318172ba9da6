using TinyAI.Boards;

namespace TinyAI.ModelPacker.Recording;

/// <summary>
/// Cuts a stream of rows into windows with the ring and the motion gate that the board uses: a window begins with the
/// motion, and the next one only after stillness; or, without the gate, windows follow each other.
/// </summary>
public sealed class WindowRecorder
{
    private readonly SampleWindow _ring;
    private readonly MotionGate? _gate;
    private int _expected = -1;
    private int _row;
    private int _due;

    /// <summary>Windows of rows times channels.</summary>
    /// <param name="rows">Rows of a window.</param>
    /// <param name="channels">Values of a row.</param>
    /// <param name="gate">The motion that begins a window, or null for window after window.</param>
    public WindowRecorder(int rows, int channels, GestureSettings? gate)
    {
        _ring = new SampleWindow(rows, channels);
        if (gate is not null) _gate = new MotionGate(gate.GateFirst, gate.GateCount, gate.GateThreshold);
        Restart();
    }

    /// <summary>Rows lost, told by their numbers.</summary>
    public long LostRows { get; private set; }

    /// <summary>Windows that had begun when rows were lost, and were dropped.</summary>
    public int BrokenWindows { get; private set; }

    /// <summary>Whether a window has begun.</summary>
    public bool IsRecording => _due != int.MaxValue;

    /// <summary>Rows of the window that has begun.</summary>
    public int RecordedRows => IsRecording ? Math.Clamp(_ring.Rows - (_due - _row) - 1, 0, _ring.Rows) : 0;

    /// <summary>Takes a row and gives the window that it completes, row after row, or null.</summary>
    public short[]? Add(GestureLine.Row row)
    {
        if (_expected >= 0 && row.Number != _expected)
        {
            LostRows += Math.Max(0, row.Number - _expected);
            Break();
        }

        _expected = row.Number + 1;
        _ring.Add(row.Counts, 0);
        int at = _row++;
        if (_gate is not null && _gate.Add(row.Counts, 0) && !IsRecording) _due = at - (MotionGate.Rows - 1) + _ring.Rows - 1;
        if (at < _due || !_ring.IsFull) return null;
        var window = new short[_ring.Rows * _ring.Channels];
        _ring.CopyTo(window, 0);
        _due = _gate is null ? at + _ring.Rows : int.MaxValue;
        _gate?.Close();
        return window;
    }

    /// <summary>Rows are missing here: what had begun is dropped.</summary>
    public void Break()
    {
        if (_gate is null ? _row > _due - _ring.Rows + 1 : IsRecording) BrokenWindows++;
        Restart();
    }

    private void Restart()
    {
        _ring.Clear();
        _gate?.Reset();
        _expected = -1;
        _due = _gate is null ? _row + _ring.Rows - 1 : int.MaxValue;
    }
}

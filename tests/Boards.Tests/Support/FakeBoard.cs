namespace TinyAI.Boards.Tests.Support;

/// <summary>A board whose clock goes a millisecond further each time it is looked at; it keeps what its pins showed.</summary>
internal sealed class FakeBoard : IDutBoard
{
    private long _microseconds;

    public List<int> Phases { get; } = [];

    public int Edges { get; private set; }

    public void Reset() => _microseconds = 0;

    public long Microseconds() => _microseconds += 1000;

    public void Timestamp() => Edges++;

    public void Mark(int phase) => Phases.Add(phase);
}

namespace TinyAI.ModelPacker.Lower;

/// <summary>How much managed heap, in bytes beyond the plain form's, may go into lane form.</summary>
/// <param name="Bytes">The budget.</param>
public sealed record LanePolicy(int Bytes)
{
    /// <summary>Plain form everywhere: the least memory.</summary>
    public static LanePolicy Never { get; } = new(0);

    /// <summary>Lane form wherever it is proved and faster, with all weights resident.</summary>
    public static LanePolicy Always { get; } = new(int.MaxValue);

    /// <summary>The fastest mixture within so many bytes.</summary>
    public static LanePolicy WithinBudget(int bytes) => new(Math.Max(bytes, 0));
}

namespace TinyAI.ModelPacker.Plan;

/// <summary>Whether layers may run row by row, and what for.</summary>
/// <param name="Streams">Whether at all.</param>
/// <param name="FeedsInput">Whether the input may be a stream too, which the caller then feeds by rows.</param>
/// <param name="Limit">Bytes of activations that are no problem: below it, less work is better than less memory.</param>
public sealed record RowPolicy(bool Streams, bool FeedsInput, int Limit)
{
    /// <summary>Layer by layer.</summary>
    public static RowPolicy Never { get; } = new(false, false, 0);

    /// <summary>The least memory, with an input that is fed by rows where that lowers the peak.</summary>
    public static RowPolicy LeastMemory { get; } = new(true, true, 0);

    /// <summary>The least memory beside an input that exists as a whole.</summary>
    public static RowPolicy WholeInput { get; } = new(true, false, 0);

    /// <summary>As few weights read again as so many bytes of activations allow, beside an input that exists as a whole.</summary>
    public static RowPolicy Within(int bytes) => new(true, false, bytes);
}

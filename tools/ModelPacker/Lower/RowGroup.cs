namespace TinyAI.ModelPacker.Lower;

/// <summary>What a step of a group does.</summary>
public enum RowStepKind
{
    /// <summary>Runs a member: so many of its rows.</summary>
    Rows,

    /// <summary>Drops bytes at the front of a stream.</summary>
    Slide,

    /// <summary>Waits for so many rows of the model's input.</summary>
    Feed,
}

/// <summary>A step of a group.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Index">Which member or stream.</param>
/// <param name="Count">Rows, or bytes.</param>
public readonly record struct RowStep(RowStepKind Kind, int Index, int Count);

/// <summary>
/// Layers that run row by row in an order that the planner has chosen, so that some tensors between them need memory for
/// a few rows only.
/// </summary>
/// <param name="Start">The first layer.</param>
/// <param name="End">The last layer.</param>
/// <param name="RowsPerStep">Rows that a layer computes in one go, at most: more read its weights less often and take more memory.</param>
/// <param name="Streams">The tensors of which some rows are in memory at a time: <see cref="Buffer.Held"/> bytes.</param>
/// <param name="Steps">What happens, in order.</param>
/// <param name="Fed">The stream that holds the model's input, or null where the input exists as a whole.</param>
public sealed record RowGroup(int Start, int End, int RowsPerStep, IReadOnlyList<Buffer> Streams, IReadOnlyList<RowStep> Steps, Buffer? Fed)
{
    /// <summary>Number of layers.</summary>
    public int Count => End - Start + 1;

    /// <summary>Whether a layer belongs to the group.</summary>
    public bool Contains(int layer) => layer >= Start && layer <= End;

    /// <summary>How often the group asks for a member's weights.</summary>
    public int RunsOf(int layer) => Steps.Count(s => s.Kind == RowStepKind.Rows && s.Index == layer - Start);
}

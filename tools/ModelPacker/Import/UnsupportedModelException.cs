namespace TinyAI.ModelPacker.Import;

/// <summary>A sound model that cannot run here, with every reason at once.</summary>
public sealed class UnsupportedModelException(IReadOnlyList<string> reasons)
    : Exception(string.Join(Environment.NewLine, reasons))
{
    /// <summary>The reasons, one sentence each.</summary>
    public IReadOnlyList<string> Reasons { get; } = reasons;
}

namespace TinyAI.ModelPacker.Graphs;

/// <summary>A resource variable of a streaming model: it keeps its value from run to run.</summary>
public sealed class Variable
{
    /// <summary>The shared name, by which handles in different subgraphs mean the same variable.</summary>
    public required string Name { get; init; }

    /// <summary>Initial bytes, or null where all elements begin at the zero point.</summary>
    public byte[]? Initial { get; set; }
}

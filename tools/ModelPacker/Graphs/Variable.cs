namespace TinyAI.ModelPacker.Graphs;

/// <summary>A resource variable of a streaming model: it keeps its value from run to run.</summary>
public sealed class Variable
{
    /// <summary>The shared name, by which handles in different subgraphs mean the same variable.</summary>
    public required string Name { get; init; }

    /// <summary>The first tensor that is read from it or assigned to it, which says what it holds.</summary>
    public Tensor? Value { get; set; }

    /// <summary>Initial bytes, or null where all elements begin at the zero point.</summary>
    public byte[]? Initial { get; set; }
}

using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Lower;

/// <summary>A border tensor and its place in activation memory.</summary>
public sealed record Border(Tensor Tensor, Place Place);

/// <summary>A state and the bytes it begins with (null: all elements are <paramref name="ZeroPoint"/>).</summary>
public sealed record State(string Name, Place Place, int ElementBytes, int ZeroPoint, byte[]? Initial);

/// <summary>The whole model as kernel calls on buffers: what the planner gives addresses and the writer writes.</summary>
public sealed class LoweredModel
{
    /// <summary>Name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Kernel calls in execution order.</summary>
    public List<Layer> Layers { get; init; } = [];

    /// <summary>Input tensors.</summary>
    public List<Border> Inputs { get; init; } = [];

    /// <summary>Output tensors.</summary>
    public List<Border> Outputs { get; init; } = [];

    /// <summary>States, in the order of their creation.</summary>
    public List<State> States { get; init; } = [];

    /// <summary>Every buffer, each once.</summary>
    public IEnumerable<Buffer> Buffers =>
        Layers.SelectMany(l => l.Buffers)
            .Concat(Inputs.Select(b => b.Place.Buffer)).Concat(Outputs.Select(b => b.Place.Buffer)).Concat(States.Select(s => s.Place.Buffer))
            .Distinct();
}

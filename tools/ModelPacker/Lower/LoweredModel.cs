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

    /// <summary>Layers that run row by row together, in order.</summary>
    public List<RowGroup> Groups { get; init; } = [];

    /// <summary>Whether a session keeps the layer records as arrays, beside layers in lane form.</summary>
    public bool KeepsRecords { get; set; }

    /// <summary>The group that a layer belongs to, or null.</summary>
    public RowGroup? GroupOf(int layer) => Groups.Find(g => g.Contains(layer));

    /// <summary>Every buffer, each once.</summary>
    public IEnumerable<Buffer> Buffers =>
        Layers.SelectMany(l => l.Buffers)
            .Concat(Inputs.Select(b => b.Place.Buffer)).Concat(Outputs.Select(b => b.Place.Buffer)).Concat(States.Select(s => s.Place.Buffer))
            .Distinct();

    /// <summary>The same model on buffers of its own, without groups, so that it can be planned in another way.</summary>
    public LoweredModel Copy()
    {
        var buffers = Buffers.ToDictionary(b => b, b => new Buffer { Name = b.Name, Bytes = b.Bytes, IsState = b.IsState });
        Place Moved(Place place) => place with { Buffer = buffers[place.Buffer] };
        Place? MovedOrNull(Place? place) => place is { } p ? Moved(p) : null;
        return new LoweredModel
        {
            Name = Name,
            Layers =
            [
                .. Layers.Select(l => l with
                {
                    Input = MovedOrNull(l.Input), Input2 = MovedOrNull(l.Input2), Output = MovedOrNull(l.Output), Scratch = MovedOrNull(l.Scratch),
                }),
            ],
            Inputs = [.. Inputs.Select(b => b with { Place = Moved(b.Place) })],
            Outputs = [.. Outputs.Select(b => b with { Place = Moved(b.Place) })],
            States = [.. States.Select(s => s with { Place = Moved(s.Place) })],
        };
    }
}

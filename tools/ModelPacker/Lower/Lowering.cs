using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Operators;
using TinyAI.TinyRuntime;
using GraphTensor = TinyAI.ModelPacker.Graphs.Tensor;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Turns a graph into kernel calls. Operators add their layers through this class; it keeps the place of every tensor,
/// so that an operator which only renames memory (reshape, a contiguous slice) adds a view and no layer. Constants that
/// a kernel reads as activations are copied into a buffer right before the layer that needs them.
/// </summary>
public sealed class Lowering
{
    private readonly Graph _graph;
    private readonly Dictionary<GraphTensor, Place> _places = [];
    private readonly Dictionary<GraphTensor, Place> _kept;
    private readonly Dictionary<Variable, Place> _variables = [];

    private Lowering(Graph graph)
    {
        _graph = graph;
        _kept = StraightPlaces.Find(graph);
        Model = new LoweredModel { Name = graph.Name };
    }

    /// <summary>What has been lowered so far.</summary>
    public LoweredModel Model { get; }

    /// <summary>The graph being lowered, for questions about readers.</summary>
    public Graph Graph => _graph;

    /// <summary>Lowers a whole graph that <see cref="OperatorTable.Check"/> has found sound.</summary>
    public static LoweredModel Run(Graph graph)
    {
        var lowering = new Lowering(graph);
        foreach (GraphTensor input in graph.Inputs)
            lowering.Model.Inputs.Add(new Border(input, lowering.Create(input)));
        foreach (Node node in graph.Nodes)
            OperatorTable.For(node).Lower(node, lowering);
        foreach (GraphTensor output in graph.Outputs)
            lowering.Model.Outputs.Add(new Border(output, lowering.PlaceOf(output, graph.Nodes.LastOrDefault())));
        return lowering.Model;
    }

    /// <summary>Where a tensor lies; a constant is copied into a buffer of its own first.</summary>
    public Place PlaceOf(GraphTensor tensor, Node? reader)
    {
        if (_places.TryGetValue(tensor, out Place place)) return place;
        if (!tensor.IsConstant || reader is null)
            throw new InvalidOperationException($"Tensor {tensor.Name} is read before it has a place.");
        place = new Place(new Buffer { Name = tensor.Name, Bytes = tensor.Bytes }, 0, tensor.Bytes);
        AddConstant(tensor.Data!, tensor.Count, reader, place);
        return place;
    }

    /// <summary>Writes constants to a place whenever the model runs.</summary>
    public void AddConstant(byte[] data, int count, Node reader, Place place) => Model.Layers.Add(new Layer
    {
        Kind = PackFormat.KindConstant, Name = "Constant", Origin = reader, Output = place, Rows = 1, Weights = data, WeightCount = count,
    });

    /// <summary>Gives a tensor a buffer of its own, or the place kept for it where a concatenation will want it.</summary>
    public Place Create(GraphTensor tensor)
    {
        if (!_kept.TryGetValue(tensor, out Place place))
            place = new Place(new Buffer { Name = tensor.Name, Bytes = tensor.Bytes }, 0, tensor.Bytes);
        _places[tensor] = place;
        return place;
    }

    /// <summary>Makes a tensor a view of memory that has a place already.</summary>
    public void View(GraphTensor tensor, Place place) => _places[tensor] = place;

    /// <summary>Memory that a layer needs only while it runs.</summary>
    public static Place Scratch(string name, int bytes) => new(new Buffer { Name = name, Bytes = bytes }, 0, bytes);

    /// <summary>Memory that keeps its content from run to run.</summary>
    public Place CreateState(string name, int bytes, int elementBytes, int zeroPoint, byte[]? initial)
    {
        var place = new Place(new Buffer { Name = name, Bytes = bytes, IsState = true }, 0, bytes);
        Model.States.Add(new State(name, place, elementBytes, zeroPoint, initial));
        return place;
    }

    /// <summary>The state behind a resource variable, made at its first mention with the tensor's type and zero point.</summary>
    public Place StateOf(Variable variable, GraphTensor tensor)
    {
        if (!_variables.TryGetValue(variable, out Place place))
        {
            _variables[variable] = place = CreateState(
                variable.Name, tensor.Bytes, tensor.ElementBytes, tensor.Quantisation?.ZeroPoint ?? 0, variable.Initial);
        }

        return place;
    }

    /// <summary>
    /// Saves the content of a state, which the node is about to replace, as far as tensors that are views of it are read
    /// after the node: those become views of a copy.
    /// </summary>
    public void SaveOldValue(Place state, Node node)
    {
        int at = _graph.Nodes.IndexOf(node);
        bool ReadLater(GraphTensor tensor) => _graph.Outputs.Contains(tensor) || _graph.Nodes.Skip(at + 1).Any(n => n.Inputs.Contains(tensor));
        GraphTensor[] late = [.. _places.Where(p => p.Value.Buffer == state.Buffer && ReadLater(p.Key)).Select(p => p.Key)];
        if (late.Length == 0) return;
        var saved = new Place(new Buffer { Name = state.Buffer.Name + " before", Bytes = state.Bytes }, 0, state.Bytes);
        MoveLayers.Copy(this, node, state, 0, saved, 0, [new CopyAxis(state.Bytes, 1, 1)]);
        foreach (GraphTensor tensor in late) _places[tensor] = _places[tensor] with { Buffer = saved.Buffer };
    }

    /// <summary>Appends a layer.</summary>
    public void Add(Layer layer) => Model.Layers.Add(layer);
}

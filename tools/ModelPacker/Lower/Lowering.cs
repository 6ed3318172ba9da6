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
    private readonly Dictionary<Variable, Place> _variables = [];

    private Lowering(Graph graph)
    {
        _graph = graph;
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
        Lifetimes.Set(lowering.Model);
        InPlaceSharing.Apply(lowering.Model);
        return lowering.Model;
    }

    /// <summary>Where a tensor lies; a constant is copied into a buffer of its own first.</summary>
    public Place PlaceOf(GraphTensor tensor, Node? reader)
    {
        if (_places.TryGetValue(tensor, out Place place)) return place;
        if (!tensor.IsConstant || reader is null)
            throw new InvalidOperationException($"Tensor {tensor.Name} is read before it has a place.");
        place = new Place(new Buffer { Name = tensor.Name, Bytes = tensor.Bytes }, 0, tensor.Bytes);
        Model.Layers.Add(new Layer
        {
            Kind = PackFormat.KindConstant, Name = "Constant", Origin = reader, Output = place, Rows = 1, Weights = tensor.Data!,
            WeightCount = tensor.Count,
        });
        return place;
    }

    /// <summary>Gives a tensor a buffer of its own.</summary>
    public Place Create(GraphTensor tensor)
    {
        var place = new Place(new Buffer { Name = tensor.Name, Bytes = tensor.Bytes }, 0, tensor.Bytes);
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

    /// <summary>Appends a layer.</summary>
    public void Add(Layer layer) => Model.Layers.Add(layer);
}

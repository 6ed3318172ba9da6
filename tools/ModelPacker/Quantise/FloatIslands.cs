using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Passes;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// Operators that stay in float between a DEQUANTIZE and a QUANTIZE, because together they are a function of one value of
/// one tensor: <see cref="FoldFloatIslands"/> makes a table of them, which rounds once however many operators it was. A
/// single operator that has an int8 form is no island.
/// </summary>
internal sealed class FloatIslands
{
    private static readonly HashSet<BuiltinOperator> s_two =
    [
        BuiltinOperator.ADD, BuiltinOperator.SUB, BuiltinOperator.MUL, BuiltinOperator.DIV, BuiltinOperator.SQUARED_DIFFERENCE,
        BuiltinOperator.MAXIMUM, BuiltinOperator.MINIMUM, BuiltinOperator.POW,
    ];

    private const float Margin = 1.25f;

    private readonly Graph _graph;
    private readonly Dictionary<Tensor, Tensor> _sources = [];
    private readonly HashSet<Node> _held = [];
    private readonly HashSet<Tensor> _given = [];

    private readonly HashSet<Tensor> _narrow = [];
    private readonly Func<Tensor, ValueRange>? _range;

    /// <param name="graph">The float graph.</param>
    /// <param name="range">Calibrated ranges, where they are known already.</param>
    public FloatIslands(Graph graph, Func<Tensor, ValueRange>? range = null)
    {
        (_graph, _range) = (graph, range);
        foreach (Node node in graph.Nodes)
        {
            if (SourceOf(node) is { } source) _sources[node.Output] = source;
        }

        foreach (Tensor tensor in _sources.Keys)
        {
            if (IsNeededOutside(tensor)) Hold(tensor);
        }

        // What an island computes on the way and something outside needs too is given out of it as well.
        foreach (Tensor tensor in _sources.Keys.Where(t => _held.Contains(graph.Producer(t)!) && IsNeededOutside(t))) _given.Add(tensor);
    }

    /// <summary>
    /// The range for a tensor: one that gave up a fixed range which nothing could leave gets a margin for values that the
    /// calibration data lacked.
    /// </summary>
    public ValueRange WithMargin(Tensor tensor, ValueRange range) => _narrow.Contains(tensor) ? range with { Min = Margin * range.Min, Max = Margin * range.Max } : range;

    /// <summary>Whether a node stays in float.</summary>
    public bool Holds(Node node) => _held.Contains(node);

    /// <summary>Whether a tensor leaves an island, so that it gets integers.</summary>
    public bool Gives(Tensor tensor) => _given.Contains(tensor);

    /// <summary>
    /// The functions that everything outside sees of a tensor, or null where something reads the tensor itself. What lies beyond
    /// the part of its range where they change need not be told apart.
    /// </summary>
    public List<Func<float, float>>? FunctionsOf(Tensor source)
    {
        if (_graph.Outputs.Contains(source) || !_graph.Consumers(source).All(n => n.Outputs.Count == 1 && _sources.GetValueOrDefault(n.Output) == source)) return null;
        return [.. _sources.Where(s => s.Value == source && IsNeededOutside(s.Key)).Select(s => Function(s.Key, source))];
    }

    private Func<float, float> Function(Tensor tensor, Tensor source)
    {
        if (tensor == source) return x => x;
        Node node = _graph.Producer(tensor)!;
        if (ScalarFunctions.Of(node) is { } unary)
        {
            Func<float, float> inner = Function(node.Input(), source);
            return x => unary(inner(x));
        }

        Func<float, float, float> binary = FloatFunctions.Binary(node)!;
        (Func<float, float> left, Func<float, float> right) = (Operand(node.Input(), source), Operand(node.Input(1), source));
        return x => binary(left(x), right(x));
    }

    private Func<float, float> Operand(Tensor tensor, Tensor source)
    {
        if (!IsNumber(tensor)) return Function(tensor, source);
        float number = RealNumbers.Of(tensor)[0];
        return _ => number;
    }

    /// <summary>The tensor whose elements the node is a function of, or null where it is none.</summary>
    private Tensor? SourceOf(Node node)
    {
        if (node.Outputs.Count != 1 || node.Output.Type != TfliteType.FLOAT32 || node.Inputs.Count == 0 || node.Inputs[0] is not { } first) return null;
        if (ScalarFunctions.Of(node) is not null) return Sharing.IsActivation(first) ? Source(first) : null;
        if (!s_two.Contains(node.Operator) || node.Inputs.Count != 2 || node.Inputs[1] is not { } second || FloatFunctions.Binary(node) is null) return null;
        if (IsNumber(first) && Sharing.IsActivation(second) && second.Count == node.Output.Count) return Source(second);
        if (IsNumber(second) && Sharing.IsActivation(first) && first.Count == node.Output.Count) return Source(first);
        bool alike = Sharing.IsActivation(first) && Sharing.IsActivation(second) && first.Shape.AsSpan().SequenceEqual(second.Shape);
        return alike && Source(first) == Source(second) ? Source(first) : null;
    }

    private static bool IsNumber(Tensor tensor) => tensor is { IsConstant: true, Type: TfliteType.FLOAT32, Count: 1 };

    private Tensor Source(Tensor tensor) => _sources.GetValueOrDefault(tensor, tensor);

    /// <summary>Whether the model gives the tensor out or a node reads it that is no function of the same source.</summary>
    private bool IsNeededOutside(Tensor tensor) =>
        _graph.Outputs.Contains(tensor) || _graph.Consumers(tensor).Any(n => n.Outputs.Count != 1 || !_sources.ContainsKey(n.Output));

    private void Hold(Tensor tensor)
    {
        var nodes = new HashSet<Node>();
        Collect(tensor, nodes);
        if (nodes.Count == 1 && RuleTable.Find(nodes.First()) is { } rule && !HasOtherScale(rule, nodes.First()) && !WastesRange(rule, nodes.First())) return;
        _held.UnionWith(nodes);
    }

    /// <summary>Whether an int8 operator has a fixed output range and the model gives another one: a table rounds to that at once.</summary>
    private bool HasOtherScale(QuantisationRule rule, Node node) =>
        rule.Output(node, 0) is { Kind: NeedKind.Exactly, Fixed: { } fixedRange } && _graph.HasOneReader(node.Output)
        && _graph.Consumers(node.Output).First() is { Operator: BuiltinOperator.QUANTIZE, Output: var given } && !fixedRange.SameAs(given.Quantisation);

    /// <summary>Whether an int8 operator has a fixed output range of which the values use less than half: a table can have their own.</summary>
    private bool WastesRange(QuantisationRule rule, Node node)
    {
        if (_range is null || rule.Output(node, 0) is not { Kind: NeedKind.Exactly, Fixed: { } fixedRange }) return false;
        ValueRange range = _range(node.Output);
        if (!(range.Max > range.Min) || Margin * Affine.Of(range).Scale >= fixedRange.Scale / 2) return false;
        _narrow.Add(node.Output);
        return true;
    }

    private void Collect(Tensor tensor, HashSet<Node> nodes)
    {
        if (!_sources.ContainsKey(tensor) || !nodes.Add(_graph.Producer(tensor)!)) return;
        foreach (Tensor? input in _graph.Producer(tensor)!.Inputs)
        {
            if (input is not null) Collect(input, nodes);
        }
    }
}

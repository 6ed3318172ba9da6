using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Quantise.Prepare;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>The making of an int8 graph from a float one, which stays as it is: every tensor and node is a new one.</summary>
public sealed class Conversion
{
    private readonly Graph _source;
    private readonly Func<Tensor, Quantisation> _quantisation;
    private readonly Func<Tensor, ValueRange> _range;
    private readonly FloatIslands _islands;
    private readonly Dictionary<Tensor, Tensor> _integers = [];
    private readonly Dictionary<Tensor, Tensor> _floats = [];
    private Node? _current;

    internal Conversion(Graph source, FloatIslands islands, Func<Tensor, Quantisation> quantisation, Func<Tensor, ValueRange> range)
    {
        (_source, _islands, _quantisation, _range) = (source, islands, quantisation, range);
        Graph = new Graph { Name = source.Name };
    }

    /// <summary>The graph that is being made.</summary>
    public Graph Graph { get; }

    /// <summary>The integer tensor that stands for each activation of the source.</summary>
    public IReadOnlyDictionary<Tensor, Tensor> Integers => _integers;

    /// <summary>The quantisation chosen for a float activation of the source.</summary>
    public Quantisation QuantisationOf(Tensor activation) => _quantisation(activation);

    /// <summary>The calibrated range of a float activation of the source, or of a value that a block's float form kept under this tensor.</summary>
    public ValueRange RangeOf(Tensor activation) => _range(activation);

    /// <summary>The integer form of a node's input, as its rule needs it; a constant is made, a rescaling put before it where it takes one.</summary>
    public Tensor Input(Node node, int index)
    {
        Tensor tensor = node.Input(index);
        if (tensor.Type != TfliteType.FLOAT32 && !tensor.IsConstant) return Integer(tensor);
        if (tensor.Type != TfliteType.FLOAT32) return tensor;
        QuantisationRule rule = RuleTable.Find(node)!;
        Need need = rule.Input(node, index);
        if (tensor.IsConstant) return Constant(node, rule, tensor, need);
        Tensor integers = Integer(tensor);
        if (need.Kind != NeedKind.AsOutput) return integers;
        Quantisation wanted = node.Output.Type == TfliteType.FLOAT32 ? _quantisation(node.Output) : node.Output.Quantisation!;
        return integers.Quantisation!.SameAs(wanted) ? integers : Rescaled(node, integers, wanted);
    }

    /// <summary>The integer form of a node's output; made at the first question.</summary>
    public Tensor Output(Tensor tensor)
    {
        if (_integers.TryGetValue(tensor, out Tensor? known)) return known;
        bool real = tensor.Type == TfliteType.FLOAT32;
        Quantisation? q = real ? _quantisation(tensor) : tensor.Quantisation;
        return _integers[tensor] = new Tensor
        {
            Name = tensor.Name, Type = real ? TfliteType.INT8 : tensor.Type, Shape = tensor.Shape,
            Quantisation = q, ModelType = tensor.ModelType, IsVariable = tensor.IsVariable, RoundedDown = tensor.RoundedDown && q is { IsPerChannel: false, Scale: 1 },
        };
    }

    /// <summary>Makes two activations of the source one tensor.</summary>
    public void Rename(Tensor existing, Tensor other) => Adopt(Integer(existing), other);

    /// <summary>Lets an integer tensor of the graph that is made stand for an activation of the source.</summary>
    public void Adopt(Tensor integers, Tensor activation) => _integers[activation] = integers;

    /// <summary>Adds a node like one of the source with other tensors.</summary>
    public Node Emit(Node node, IReadOnlyList<Tensor?> inputs, IReadOnlyList<Tensor> outputs)
    {
        var copy = new Node
        {
            Operator = node.Operator, CustomCode = node.CustomCode, Options = node.Options, Inputs = [.. inputs], Outputs = [.. outputs],
            Origin = node.Origin, FusedPadding = node.FusedPadding, FusedClamp = node.FusedClamp, Variable = node.Variable, Table = node.Table,
        };
        copy.Intermediates.AddRange(node.Intermediates);
        Graph.Nodes.Add(copy);
        return copy;
    }

    /// <summary>A tensor brought to another quantisation by a QUANTIZE.</summary>
    public Tensor Rescaled(Node reader, Tensor integers, Quantisation wanted)
    {
        var rescaled = new Tensor { Name = integers.Name + " rescaled", Type = TfliteType.INT8, Shape = integers.Shape, Quantisation = wanted };
        Add(BuiltinOperator.QUANTIZE, integers, rescaled, reader.Origin);
        return rescaled;
    }

    /// <summary>Converts the whole graph.</summary>
    internal void Run()
    {
        foreach (Tensor input in _source.Inputs)
        {
            if (!Sharing.IsActivation(input))
            {
                Graph.Inputs.Add(Output(input));
                continue;
            }

            Graph.Inputs.Add(Float(input.Name, input));
            Add(BuiltinOperator.QUANTIZE, Graph.Inputs[^1], Output(input), 0);
        }

        foreach (Node node in _source.Nodes)
        {
            _current = node;
            if (_islands.Holds(node)) ConvertIsland(node);
            else RuleTable.Find(node)!.Convert(node, this);
        }

        foreach (Tensor output in _source.Outputs) GiveOut(output);
    }

    private void GiveOut(Tensor output)
    {
        if (output.IsConstant || !Sharing.IsActivation(output))
        {
            Graph.Outputs.Add(output.IsConstant ? output : Integer(output));
            return;
        }

        Tensor real = Float(output.Name, output);
        Add(BuiltinOperator.DEQUANTIZE, Integer(output), real, _current?.Origin ?? 0);
        Graph.Outputs.Add(real);
    }

    private void ConvertIsland(Node node)
    {
        Tensor[] inputs = [.. node.Inputs.Select(t => t!.IsConstant ? t : RealForm(t, node))];
        Tensor real = _floats[node.Output] = Float(node.Output.Name, node.Output);
        Emit(node, inputs, [real]);
        if (!_islands.Gives(node.Output)) return;
        Add(BuiltinOperator.QUANTIZE, real, Output(node.Output), node.Origin);
    }

    /// <summary>The float form of an island's operand: from inside the island, or dequantised at its border.</summary>
    private Tensor RealForm(Tensor tensor, Node reader)
    {
        if (_floats.TryGetValue(tensor, out Tensor? known)) return known;
        Tensor real = _floats[tensor] = Float(tensor.Name + " real", tensor);
        Add(BuiltinOperator.DEQUANTIZE, Integer(tensor), real, reader.Origin);
        return real;
    }

    private Tensor Integer(Tensor tensor) => _integers.TryGetValue(tensor, out Tensor? known) ? known : Output(tensor);

    private Tensor Constant(Node node, QuantisationRule rule, Tensor tensor, Need need)
    {
        switch (need.Kind)
        {
            case NeedKind.Untouched:
                return tensor;
            case NeedKind.Weights:
                int biasAt = Enumerable.Range(0, node.Inputs.Count).FirstOrDefault(i => node.Inputs[i] is { IsConstant: true } && rule.Input(node, i).Kind == NeedKind.Bias, -1);
                int inputAt = biasAt < 0 ? 0 : rule.Input(node, biasAt).Index;
                float scale = node.Inputs[inputAt] is { IsConstant: false } input ? Integer(input).Scale : 1;
                return Affine.Constant(tensor, Affine.Weights(tensor, need.Index, scale, biasAt < 0 ? null : RealNumbers.Of(node.Input(biasAt))));
            case NeedKind.Bias:
                bool down = Output(node.Output).RoundedDown;
                float[] reals = [.. RealNumbers.Of(tensor).Select(v => down ? v + FloorAsRound.Half : v)];
                return Affine.Bias(tensor, reals, Integer(node.Input(need.Index)).Scale, Input(node, need.Second).Quantisation!, down);
            case NeedKind.AsOutput:
                return Affine.Constant(tensor, node.Output.Type == TfliteType.FLOAT32 ? _quantisation(node.Output) : node.Output.Quantisation!);
            case NeedKind.Exactly:
                return Affine.Constant(tensor, need.Fixed!);
            default:
                return Affine.Constant(tensor, Affine.OfConstant(tensor));
        }
    }

    private void Add(BuiltinOperator op, Tensor input, Tensor output, int origin) =>
        Graph.Nodes.Add(new Node { Operator = op, Inputs = [input], Outputs = [output], Origin = origin });

    private static Tensor Float(string name, Tensor like) => new() { Name = name, Type = TfliteType.FLOAT32, Shape = like.Shape, ModelType = like.ModelType };
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.Bench.Baseline;

/// <summary>
/// A model as an ordinary port would hold it: one array per tensor (sbyte[], byte[], short[], int[] by its type), the
/// weights in arrays as well, one call per operator in the file's order. Reshapes share their input's array and
/// conversions from and to float at the model's borders happen on the desktop, as they do for packs.
/// </summary>
internal sealed class PlainModel
{
    private readonly Graph _graph;
    private readonly Dictionary<Tensor, Array> _arrays = [];
    private readonly Dictionary<Variable, Array> _variables = [];
    private readonly List<Action> _resets = [];

    /// <summary>Translates a graph fresh from the importer, without any of the packer's passes.</summary>
    /// <exception cref="UnsupportedModelException">The baseline has no such operator.</exception>
    public PlainModel(Graph graph)
    {
        _graph = graph;
        foreach (Tensor input in graph.Inputs) Array(input);
        foreach (Node node in graph.Nodes) PlainOperators.Add(this, node);
        Reset();
    }

    /// <summary>The calls of one inference.</summary>
    public List<PlainStep> Steps { get; } = [];

    /// <summary>Multiply-accumulates of one inference.</summary>
    public long Macs { get; set; }

    /// <summary>Arrays that inferences write: everything but the model's constants.</summary>
    public IEnumerable<Array> Activations => _arrays.Where(p => !p.Key.IsConstant).Select(p => p.Value).Concat(_variables.Values).Distinct();

    /// <summary>The array of a tensor, made at the first mention.</summary>
    public Array Array(Tensor tensor)
    {
        if (_arrays.TryGetValue(tensor, out Array? array)) return array;
        array = PlainArrays.Create(tensor);
        if (tensor.IsVariable) OnReset(array, tensor.Quantisation?.ZeroPoint ?? 0, null);
        return _arrays[tensor] = array;
    }

    /// <summary>Lets a tensor share another's array.</summary>
    public void Share(Tensor tensor, Array array) => _arrays[tensor] = array;

    /// <summary>The array of a resource variable.</summary>
    public Array Array(Variable variable, Tensor like)
    {
        if (_variables.TryGetValue(variable, out Array? array)) return array;
        array = PlainArrays.Create(like.Type, like.Count, like.Name);
        OnReset(array, like.Quantisation?.ZeroPoint ?? 0, variable.Initial);
        return _variables[variable] = array;
    }

    /// <summary>Gives states their initial values.</summary>
    public void Reset()
    {
        foreach (Action reset in _resets) reset();
    }

    /// <summary>Sets the inputs from raw tensors in the model's own types.</summary>
    public void Write(IReadOnlyList<byte[]> inputs)
    {
        for (int i = 0; i < inputs.Count; i++)
        {
            Tensor tensor = _graph.Inputs[i];
            PlainArrays.FromBytes(inputs[i], Array(tensor));
            if (tensor.Type != TfliteType.FLOAT32) continue;
            foreach (Node node in _graph.Nodes.Where(n => n.Operator == BuiltinOperator.QUANTIZE && Array(n.Input()) == Array(tensor)))
                PlainArrays.Quantise((float[])Array(tensor), Array(node.Output), node.Output);
        }
    }

    /// <summary>The outputs as raw tensors in the model's own types.</summary>
    public byte[][] Read()
    {
        foreach (Node node in _graph.Nodes.Where(n => n.Operator == BuiltinOperator.DEQUANTIZE))
            PlainArrays.Dequantise(Array(node.Input()), node.Input(), (float[])Array(node.Output));
        return [.. _graph.Outputs.Select(t => PlainArrays.ToBytes(Array(t)))];
    }

    /// <summary>Calls every step on the types that find gives, the plain library's or instrumented copies of them.</summary>
    public void Run(Func<string, Type> find)
    {
        foreach (PlainStep step in Steps) find(step.Type).GetMethod(step.Method)!.Invoke(null, step.Arguments);
    }

    private void OnReset(Array array, int zero, byte[]? initial)
    {
        _resets.Add(() =>
        {
            if (initial is not null) PlainArrays.FromBytes(initial, array);
            else PlainArrays.Fill(array, zero);
        });
    }
}

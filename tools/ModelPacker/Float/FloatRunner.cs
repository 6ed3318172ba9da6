using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Float;

/// <summary>
/// Computes a graph in float32 on the desktop and gives the values of all its tensors: the reference that quantisation is
/// calibrated with and measured against. Every value is held as real numbers: integers and truth values as they are
/// (exact below 2^24), quantised integers as the numbers they stand for. QUANTIZE rounds to its output's grid; no other
/// operator rounds, also not in a quantised graph, unless the caller asks for rounding: then every quantised tensor is
/// brought to its grid, which is what integers compute but for the last step.
/// </summary>
public sealed class FloatRunner
{
    private readonly Graph _graph;
    private readonly Dictionary<Tensor, float[]> _constants = [];
    private readonly Dictionary<Node, (FloatCall Call, Action<FloatCall> Function)> _calls = [];
    private readonly FloatState _state = new();
    private readonly bool _round;

    /// <summary>Prepares a graph, whose shapes must all be known.</summary>
    /// <param name="graph">The graph; it must not change afterwards.</param>
    /// <param name="round">Whether quantised tensors are rounded to their grids.</param>
    /// <exception cref="UnsupportedModelException">An operator has no float form here; all are named.</exception>
    public FloatRunner(Graph graph, bool round = false)
    {
        _round = round;
        List<string> reasons = Check(graph);
        if (reasons.Count > 0) throw new UnsupportedModelException(reasons);
        _graph = graph;
        foreach (Node node in graph.Nodes)
        {
            if (!FloatState.Handles(node)) _calls[node] = (new FloatCall(node), FloatTable.Find(node)!);
            foreach (Tensor? input in node.Inputs)
            {
                if (input is { IsConstant: true }) _constants.TryAdd(input, RealNumbers.Of(input));
            }
        }

        foreach (Tensor output in graph.Outputs.Where(o => o.IsConstant)) _constants.TryAdd(output, RealNumbers.Of(output));
    }

    /// <summary>Every reason why a graph cannot be computed in float.</summary>
    public static List<string> Check(Graph graph)
    {
        var reasons = new List<string>();
        foreach (Node node in graph.Nodes)
        {
            if (FloatState.Handles(node)) continue;
            if (FloatTable.Find(node) is null) reasons.Add($"The {node} is not supported: there is no float form of it here.");
            foreach (Tensor tensor in node.Outputs.Where(o => o.Shape.Any(d => d <= 0) || o.Shape.Aggregate(1L, (a, b) => a * b) > 1 << 26))
                reasons.Add($"The {node} gives tensor {tensor.Name} {tensor}, whose size is not known or not possible.");
        }

        foreach (Tensor input in graph.Inputs.Where(i => i.Shape.Any(d => d <= 0)))
            reasons.Add($"Input {input.Name} {input} has a dimension that is not known: give its shape.");
        return reasons;
    }

    /// <summary>One run of a graph from its initial state.</summary>
    public static Dictionary<Tensor, float[]> Run(Graph graph, IReadOnlyList<float[]> inputs) => new FloatRunner(graph).Run(inputs);

    /// <summary>Gives variables their initial values.</summary>
    public void Reset() => _state.Reset();

    /// <summary>One run; the values of all tensors, constants too. Variables keep their values for the next run.</summary>
    public Dictionary<Tensor, float[]> Run(IReadOnlyList<float[]> inputs)
    {
        var values = new Dictionary<Tensor, float[]>(_constants);
        for (int i = 0; i < inputs.Count; i++)
        {
            Tensor input = _graph.Inputs[i];
            if (inputs[i].Length != input.Count) throw new ModelFormatException($"Input {input.Name} {input} takes {input.Count} values, not {inputs[i].Length}.");
            values[input] = inputs[i];
        }

        foreach (Node node in _graph.Nodes)
        {
            if (FloatState.Handles(node)) _state.Run(node, values);
            else Run(node, values);
        }

        return values;
    }

    private void Run(Node node, Dictionary<Tensor, float[]> values)
    {
        (FloatCall call, Action<FloatCall> function) = _calls[node];
        call.Renew();
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            Tensor? input = node.Inputs[i];
            call.Set(i, input is null ? null : _state.Find(input) ?? values[input]);
        }

        function(call);
        for (int i = 0; i < node.Intermediates.Count; i++)
        {
            if (call.Intermediates[i] is { } between) values[node.Intermediates[i]] = between;
        }

        for (int o = 0; o < node.Outputs.Count; o++)
        {
            Tensor output = node.Outputs[o];
            if (output.Quantisation is not null && node.FusedClamp is { } clamp) RealNumbers.Clamp(output, call.Outputs[o], clamp);
            if (_round && output.Quantisation is not null && output.Type is TfliteType.INT8 or TfliteType.UINT8 or TfliteType.INT16)
                FloatElementwise.Round(output, call.Outputs[o], call.Outputs[o]);
            values[output] = call.Outputs[o];
        }
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// Which tensors of a float graph must have one quantisation: outputs that only move or pick their input's elements, and
/// what is joined. An input of a joining operator shares its output's scale where no other operator reads it; otherwise it
/// keeps its own, and a QUANTIZE brings it to the output's.
/// </summary>
public sealed class Sharing
{
    private readonly Graph _graph;
    private readonly FloatIslands _islands;
    private readonly Dictionary<Tensor, Tensor> _parents = [];
    private readonly Dictionary<Tensor, Quantisation> _fixed = [];

    internal Sharing(Graph graph, FloatIslands islands)
    {
        _graph = graph;
        _islands = islands;
        foreach (Tensor tensor in Quantised(graph)) _fixed[tensor] = tensor.Quantisation!;
        foreach (Node node in graph.Nodes) ShareWithInputs(node);
        foreach (Node node in graph.Nodes) ShareWithOutput(node);
    }

    /// <summary>The tensor that stands for all that have this one's quantisation.</summary>
    public Tensor Root(Tensor tensor)
    {
        while (_parents.TryGetValue(tensor, out Tensor? parent)) tensor = parent;
        return tensor;
    }

    /// <summary>The quantisation that something demands of a tensor's group, or null where calibration decides.</summary>
    public Quantisation? Fixed(Tensor tensor) => _fixed.GetValueOrDefault(Root(tensor));

    /// <summary>Whether a tensor is a float activation, which needs a quantisation.</summary>
    public static bool IsActivation(Tensor tensor) => tensor.Type == TfliteType.FLOAT32 && !tensor.IsConstant;

    private static IEnumerable<Tensor> Quantised(Graph graph) => graph.Nodes
        .SelectMany(n => n.Inputs.Concat(n.Outputs)).OfType<Tensor>().Distinct()
        .Where(t => t is { IsConstant: false, Type: TfliteType.INT8, Quantisation.IsPerChannel: false });

    private void ShareWithInputs(Node node)
    {
        if (RuleTable.Find(node) is not { } rule || _islands.Holds(node)) return;
        for (int o = 0; o < node.Outputs.Count; o++)
        {
            if (!IsActivation(node.Outputs[o])) continue;
            Need need = rule.Output(node, o);
            if (need.Kind == NeedKind.Exactly) _fixed[Root(node.Outputs[o])] = need.Fixed!;
            if (need.Kind != NeedKind.AsInput) continue;
            Tensor input = node.Input(need.Index);
            if (input.IsConstant) _fixed[Root(node.Outputs[o])] = Affine.OfConstant(input);
            else Join(node.Outputs[o], input);
        }
    }

    private void ShareWithOutput(Node node)
    {
        if (RuleTable.Find(node) is not { } rule || _islands.Holds(node) || node.Outputs.Count == 0) return;
        Tensor output = node.Output;
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            if (node.Inputs[i] is not { } input || !IsActivation(input) || rule.Input(node, i).Kind != NeedKind.AsOutput) continue;
            if (Fixed(input) is { } own && !(Fixed(output) is { } others && own.SameAs(others))) continue;
            if (Adopts(input)) Join(input, output);
        }
    }

    /// <summary>Whether nothing but its one reader would notice another scale of the tensor.</summary>
    private bool Adopts(Tensor tensor)
    {
        if (!_graph.HasOneReader(tensor)) return false;
        if (_graph.Producer(tensor) is not { } producer || _islands.Holds(producer) || RuleTable.Find(producer) is not { } rule) return true;
        Need need = rule.Output(producer, producer.Outputs.IndexOf(tensor));
        return need.Kind switch
        {
            NeedKind.AsInput => producer.Outputs.Count == 1 && Adopts(producer.Input(need.Index)),
            NeedKind.Exactly => false,
            _ => true,
        };
    }

    private void Join(Tensor a, Tensor b)
    {
        (Tensor from, Tensor to) = (Root(a), Root(b));
        if (from == to) return;
        _parents[from] = to;
        if (_fixed.Remove(from, out Quantisation? demanded)) _fixed.TryAdd(to, demanded);
    }
}

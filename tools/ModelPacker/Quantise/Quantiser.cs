using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>An int8 graph with float borders, and the integer tensor of each activation of the float graph it was made of.</summary>
public sealed record QuantisedGraph(Graph Graph, IReadOnlyDictionary<Tensor, Tensor> Integers)
{
    /// <summary>The range of each tensor that stands for a group of one quantisation, where calibration decided it.</summary>
    public IReadOnlyDictionary<Tensor, ValueRange> Ranges { get; init; } = new Dictionary<Tensor, ValueRange>();
}

/// <summary>
/// Makes an int8 graph from a float one and the ranges of its activations. The result is a model as a converter would
/// have left it: float at the borders, int8 between; it takes the same way through the passes as a .tflite file.
/// </summary>
public static class Quantiser
{
    /// <summary>Every reason why a graph cannot be quantised, one sentence each.</summary>
    public static List<string> Check(Graph graph)
    {
        var islands = new FloatIslands(graph);
        return [.. graph.Nodes.Where(n => !islands.Holds(n) && RuleTable.Find(n) is null)
            .Select(n => $"The {n} cannot be quantised to int8: replace it in the model; docs/quantisation.md lists what can.")];
    }

    /// <summary>Converts a graph.</summary>
    /// <param name="graph">The float graph, or a partly quantised one.</param>
    /// <param name="range">The calibrated range of each float activation.</param>
    /// <param name="chosen">Ranges that take the place of calibrated ones, by the tensors of <see cref="QuantisedGraph.Ranges"/>.</param>
    /// <exception cref="UnsupportedModelException">An operator cannot be quantised; all are named.</exception>
    public static QuantisedGraph Run(Graph graph, Func<Tensor, ValueRange> range, IReadOnlyDictionary<Tensor, ValueRange>? chosen = null)
    {
        List<string> reasons = Check(graph);
        if (reasons.Count > 0) throw new UnsupportedModelException(reasons);
        var islands = new FloatIslands(graph, range);
        var sharing = new Sharing(graph, islands);
        var ranges = new Dictionary<Tensor, ValueRange>();
        IEnumerable<Tensor> activations = graph.Inputs.Concat(graph.Nodes.SelectMany(n => n.Outputs)).Where(Sharing.IsActivation);
        foreach (Tensor tensor in activations.Where(t => sharing.Fixed(t) is null && IsQuantised(graph, islands, t)))
        {
            Tensor root = sharing.Root(tensor);
            ValueRange own = islands.WithMargin(tensor, RecurrentRange.Of(graph, tensor, range));
            ranges[root] = ranges.TryGetValue(root, out ValueRange known) ? known.Union(own) : own;
        }

        foreach (Tensor root in ranges.Keys.ToArray())
        {
            Tensor[] members = [.. activations.Where(t => sharing.Root(t) == root)];
            ranges[root] = SaturatingRange.Of(graph, islands, members, ranges[root]);
            if (IsRounded(graph, members)) ranges[root] = ranges[root] with { Step = 1 };
            if (chosen is not null && chosen.TryGetValue(root, out ValueRange better)) ranges[root] = better;
        }

        var conversion = new Conversion(graph, islands, t => sharing.Fixed(t) ?? Affine.Of(ranges[sharing.Root(t)]), range);
        conversion.Run();
        return new QuantisedGraph(conversion.Graph, conversion.Integers) { Ranges = ranges };
    }

    /// <summary>Whether everything that reads the tensors, and something does, rounds them to whole numbers.</summary>
    private static bool IsRounded(Graph graph, Tensor[] members) => !members.Any(graph.Outputs.Contains) && members.Any(m => graph.Consumers(m).Any())
        && members.All(m => graph.Consumers(m).All(n => n.Operator == BuiltinOperator.ROUND || n.Outputs.All(members.Contains)));

    /// <summary>Whether a tensor gets integers: what an island keeps to itself does not.</summary>
    private static bool IsQuantised(Graph graph, FloatIslands islands, Tensor tensor) =>
        graph.Producer(tensor) is not { } producer || !islands.Holds(producer) || islands.Gives(tensor);
}

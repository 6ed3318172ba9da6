using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// Matrix products and convolutions of the same input that come together again become one: joined along the channels they are
/// one product with all rows of weights, added they are one with the sum of the weights (RepVGG, Ding et al. 2021), which halves
/// the multiplications. Both are where nothing is lost: what is joined or added shares one output anyway. Branches that stay apart,
/// as query, key and value of attention do, are left alone: in int8 one product has one zero point and one scale, so the narrowest of
/// them would lose what the widest needs, and taking the parts out of the rows again costs copies, while not one
/// multiplication is saved.
/// </summary>
public static class MergeParallel
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Operator == BuiltinOperator.CONCATENATION) Join(graph, node);
            else if (node.Operator == BuiltinOperator.ADD) Add(graph, node);
        }
    }

    /// <summary>Neighbours in a concatenation of channels.</summary>
    private static void Join(Graph graph, Node join)
    {
        if (join.Options is not ConcatenationOptions { Activation: TfliteActivation.NONE } options) return;
        int rank = join.Output.Shape.Length;
        if ((options.Axis < 0 ? options.Axis + rank : options.Axis) != rank - 1) return;
        for (int i = 0; i < join.Inputs.Count; i++)
        {
            if (Branch(graph, join.Inputs[i]) is not { } first) continue;
            List<Node> group = [first];
            while (i + group.Count < join.Inputs.Count && Branch(graph, join.Inputs[i + group.Count]) is { } next && !group.Contains(next) && AreAlike(first, next)) group.Add(next);
            if (group.Count < 2) continue;
            Tensor weights = Rows([.. group.Select(n => n.Input(1))]);
            Tensor? bias = group.All(n => n.OptionalInput(2) is null) ? null
                : ConstantTensors.Reals(join.Output.Name, [weights.Shape[0]], [.. group.SelectMany(Bias)]);
            bool all = group.Count == join.Inputs.Count;
            Tensor output = all ? join.Output
                : new Tensor { Name = first.Output.Name, Type = TfliteType.FLOAT32, Shape = [.. first.Output.Shape[..^1], group.Sum(n => n.Output.Shape[^1])] };
            Put(graph, join, first, weights, bias, output, first.Options, group);
            if (all)
            {
                graph.Nodes.Remove(join);
                return;
            }

            join.Inputs.RemoveRange(i, group.Count);
            join.Inputs.Insert(i, output);
        }
    }

    /// <summary>Two branches that are added.</summary>
    private static void Add(Graph graph, Node sum)
    {
        if (sum.Inputs is not [{ } left, { } right] || left == right || sum.Options is not AddOptions added) return;
        if (Branch(graph, left) is not { } a || Branch(graph, right) is not { } b || !AreAlike(a, b) || !a.Input(1).Shape.AsSpan().SequenceEqual(b.Input(1).Shape)) return;
        if (a.Input(1).Quantisation is not null || b.Input(1).Quantisation is not null) return;
        TfliteOptions? options = a.Options switch
        {
            FullyConnectedOptions { Activation: TfliteActivation.NONE } o => o with { Activation = added.Activation },
            Conv2DOptions { Activation: TfliteActivation.NONE } o => o with { Activation = added.Activation },
            _ => null,
        };
        if (options is null) return;
        float[] weights = [.. RealNumbers.Of(a.Input(1)).Zip(RealNumbers.Of(b.Input(1)), (x, y) => x + y)], bias = [.. Bias(a).Zip(Bias(b), (x, y) => x + y)];
        bool plain = a.OptionalInput(2) is null && b.OptionalInput(2) is null;
        Put(
            graph, sum, a, ConstantTensors.Reals(a.Input(1).Name, a.Input(1).Shape, weights), plain ? null : ConstantTensors.Reals(sum.Output.Name, [bias.Length], bias),
            sum.Output, options, [a, b]);
        graph.Nodes.Remove(sum);
    }

    /// <summary>The product that a tensor comes from, where nothing else reads it and all of it is float.</summary>
    private static Node? Branch(Graph graph, Tensor? tensor)
    {
        if (tensor is not { IsConstant: false, Quantisation: null } || !graph.HasOneReader(tensor) || graph.Producer(tensor) is not { } node) return null;
        if (!(node.Operator is BuiltinOperator.FULLY_CONNECTED or BuiltinOperator.CONV_2D) || node.FusedPadding is not null || node.FusedClamp is not null) return null;
        if (node.Input(1) is not { IsConstant: true, Type: TfliteType.FLOAT32 } || node.OptionalInput(2) is { } bias && bias is not { IsConstant: true, Type: TfliteType.FLOAT32 }) return null;
        return node.Output.Shape[^1] == node.Input(1).Shape[0] ? node : null;
    }

    /// <summary>Whether two products differ in nothing but their weights.</summary>
    private static bool AreAlike(Node a, Node b) => a.Operator == b.Operator && a.Input() == b.Input() && Equals(a.Options, b.Options)
        && a.Input(1).Shape.AsSpan(1).SequenceEqual(b.Input(1).Shape.AsSpan(1)) && a.Output.Shape.AsSpan(0, a.Output.Shape.Length - 1).SequenceEqual(b.Output.Shape.AsSpan(0, b.Output.Shape.Length - 1))
        && a.Input(1).Quantisation is null == b.Input(1).Quantisation is null && !(a.Input(1).Quantisation is { Axis: not 0 } || b.Input(1).Quantisation is { Axis: not 0 });

    private static IEnumerable<float> Bias(Node node) => node.OptionalInput(2) is { } bias ? RealNumbers.Of(bias) : new float[node.Input(1).Shape[0]];

    /// <summary>The rows of several matrices; grids that they lie on stay theirs.</summary>
    private static Tensor Rows(Tensor[] parts)
    {
        int rows = parts.Sum(p => p.Shape[0]);
        Quantisation? grid = parts[0].Quantisation is null ? null : new Quantisation(
            [.. parts.SelectMany(p => Each(p, p.Quantisation!.Scales))], [.. parts.SelectMany(p => Each(p, p.Quantisation!.ZeroPoints))], 0);
        return new Tensor { Name = parts[0].Name, Type = TfliteType.FLOAT32, Shape = [rows, .. parts[0].Shape[1..]], Data = [.. parts.SelectMany(p => p.Data!)], Quantisation = grid };
    }

    private static IEnumerable<T> Each<T>(Tensor matrix, IReadOnlyList<T> values) => values.Count == matrix.Shape[0] ? values : Enumerable.Repeat(values[0], matrix.Shape[0]);

    private static void Put(Graph graph, Node at, Node like, Tensor weights, Tensor? bias, Tensor output, TfliteOptions? options, List<Node> gone)
    {
        graph.Nodes.Insert(graph.Nodes.IndexOf(at), new Node { Operator = like.Operator, Options = options, Inputs = [like.Input(), weights, bias], Outputs = [output], Origin = like.Origin });
        foreach (Node node in gone) graph.Nodes.Remove(node);
    }
}

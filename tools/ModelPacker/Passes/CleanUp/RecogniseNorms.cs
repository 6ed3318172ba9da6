using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// Puts layer norms and RMS norms together again that exporters write in pieces: mean, difference, mean of squares, root and
/// quotient (or product with the reciprocal root) over the last dimensions, then a product and a sum with constants.
/// </summary>
public static class RecogniseNorms
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (Core(graph, node) is not { } norm) continue;
            int[] shape = norm.Source.Shape;
            int first = shape.Length - norm.Dimensions, length = 1;
            for (int d = first; d < shape.Length; d++) length *= shape[d];
            Node last = node;
            Tensor? scale = Parameter(graph, ref last, BuiltinOperator.MUL, shape, norm.Dimensions, length);
            Tensor? bias = norm.Centred ? Parameter(graph, ref last, BuiltinOperator.ADD, shape, norm.Dimensions, length) : null;
            Replace(graph, last, norm, [.. shape[..first], length], scale, bias);
        }

        RemoveDeadNodes.Run(graph);
    }

    /// <summary>What is normalised, over how many of the last dimensions, with what added to the variance, and whether the mean is taken off.</summary>
    private sealed record Norm(Tensor Source, int Dimensions, float Epsilon, bool Centred);

    private static Norm? Core(Graph graph, Node node)
    {
        if (node.Inputs is not [{ IsConstant: false } x, { IsConstant: false } y]) return null;
        Norm? found = node.Operator switch
        {
            BuiltinOperator.DIV when graph.Producer(y) is { Operator: BuiltinOperator.SQRT } root => Of(graph, x, root.Input()),
            BuiltinOperator.MUL => Reciprocal(graph, x, y) ?? Reciprocal(graph, y, x),
            _ => null,
        };
        return found;
    }

    private static Norm? Reciprocal(Graph graph, Tensor x, Tensor y) => graph.Producer(y) switch
    {
        { Operator: BuiltinOperator.RSQRT } root => Of(graph, x, root.Input()),
        { Options: FunctionOptions { Function: ScalarFunction.Reciprocal } } over when graph.Producer(over.Input()) is { Operator: BuiltinOperator.SQRT } root => Of(graph, x, root.Input()),
        { Operator: BuiltinOperator.DIV } over when ConstantTensors.Scalar(over.Inputs[0]) == 1 && over.Inputs[1] is { } below && graph.Producer(below) is { Operator: BuiltinOperator.SQRT } root
            => Of(graph, x, root.Input()),
        _ => null,
    };

    /// <summary>The dividend is centred by the mean of its source, and the variance is the mean of its square with a small number added.</summary>
    private static Norm? Of(Graph graph, Tensor dividend, Tensor variance)
    {
        if (graph.Producer(variance) is not { Operator: BuiltinOperator.ADD, Inputs: [{ } p, { } q] }) return null;
        (Tensor mean, float? epsilon) = p.IsConstant ? (q, ConstantTensors.Scalar(p)) : (p, ConstantTensors.Scalar(q));
        if (epsilon is not (>= 0 and < 1) || graph.Producer(mean) is not { } average || LastDimensions(average) is not { } dimensions) return null;
        if (Squared(graph, average.Input()) is not { } squared) return null;
        if (Centre(graph, dividend, dimensions) is { } source && Centre(graph, squared, dimensions) == source) return new Norm(source, dimensions, epsilon.Value, true);
        return squared == dividend ? new Norm(dividend, dimensions, epsilon.Value, false) : null;
    }

    /// <summary>The tensor whose square this is.</summary>
    private static Tensor? Squared(Graph graph, Tensor tensor) => graph.Producer(tensor) switch
    {
        { Operator: BuiltinOperator.SQUARE } node => node.Inputs[0],
        { Operator: BuiltinOperator.MUL, Inputs: [{ } a, { } b] } when a == b => a,
        { Operator: BuiltinOperator.POW, Inputs: [{ } a, { } b] } when ConstantTensors.Scalar(b) == 2 => a,
        _ => null,
    };

    /// <summary>The tensor of which this is what is left after taking off its mean.</summary>
    private static Tensor? Centre(Graph graph, Tensor tensor, int dimensions) =>
        graph.Producer(tensor) is { Operator: BuiltinOperator.SUB, Inputs: [{ } x, { } m] } && graph.Producer(m) is { } average && LastDimensions(average) == dimensions && average.Input() == x
            ? x : null;

    /// <summary>Over how many of the last dimensions a mean goes; null where it is none that keeps its dimensions.</summary>
    private static int? LastDimensions(Node node)
    {
        if (node.Operator != BuiltinOperator.MEAN || node.Options is not ReducerOptions { KeepDims: true } || ConstantTensors.Values(node.Inputs[1]) is not { Length: > 0 } axes) return null;
        int rank = node.Input().Shape.Length;
        int[] sorted = [.. axes.Select(a => a < 0 ? a + rank : a).Order()];
        return sorted.Select((a, i) => a == rank - sorted.Length + i).All(last => last) ? sorted.Length : null;
    }

    /// <summary>The constant that the only reader multiplies or adds; the chain then ends one node later.</summary>
    private static Tensor? Parameter(Graph graph, ref Node last, BuiltinOperator op, int[] shape, int dimensions, int length)
    {
        if (!graph.HasOneReader(last.Output) || graph.Consumers(last.Output).Single() is not { } next || next.Operator != op || next.Inputs.Count != 2) return null;
        Tensor constant = next.Input(next.Inputs[0] == last.Output ? 1 : 0);
        if (!constant.IsConstant || constant.Type != TfliteType.FLOAT32 || !next.Output.Shape.AsSpan().SequenceEqual(shape)) return null;
        float[] values = RealNumbers.Of(constant);
        if (values.Length == 1) values = [.. Enumerable.Repeat(values[0], length)];
        else if (values.Length != length || constant.Shape.Length < dimensions || !constant.Shape.AsSpan()[^dimensions..].SequenceEqual(shape.AsSpan()[^dimensions..])) return null;
        last = next;
        return ConstantTensors.Reals(constant.Name, [length], values);
    }

    private static void Replace(Graph graph, Node last, Norm norm, int[] rows, Tensor? scale, Tensor? bias)
    {
        Tensor source = norm.Source, result = last.Output;
        int at = graph.Nodes.IndexOf(last);
        graph.Nodes.RemoveAt(at);
        var nodes = new List<Node>();
        Tensor Shaped(Tensor x, int[] shape)
        {
            var y = new Tensor { Name = x.Name, Type = x.Type, Shape = shape };
            nodes.Add(new Node { Operator = BuiltinOperator.RESHAPE, Options = new ReshapeOptions(shape), Inputs = [x], Outputs = [y], Origin = last.Origin });
            return y;
        }

        bool same = rows.AsSpan().SequenceEqual(source.Shape);
        Tensor input = same ? source : Shaped(source, rows);
        Tensor output = same ? result : new Tensor { Name = result.Name, Type = result.Type, Shape = rows };
        BlockOptions options = norm.Centred ? new LayerNormOptions(norm.Epsilon) : new RmsNormOptions(norm.Epsilon);
        nodes.Add(new Node
        {
            Operator = BuiltinOperator.CUSTOM, CustomCode = options.Code, Options = options, Inputs = norm.Centred ? [input, scale, bias] : [input, scale], Outputs = [output], Origin = last.Origin,
        });
        if (!same) nodes.Add(new Node { Operator = BuiltinOperator.RESHAPE, Options = new ReshapeOptions(result.Shape), Inputs = [output], Outputs = [result], Origin = last.Origin });
        graph.Nodes.InsertRange(at, nodes);
    }
}

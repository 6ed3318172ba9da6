using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// Finds activations that exporters write in pieces (GELU by erf or tanh, SiLU, hard-swish, Mish …): any operators that
/// together are a function of one value of one tensor are computed at sample points and compared with the functions that
/// have a name. So the order in which an exporter multiplies does not matter.
/// </summary>
public static class RecogniseFunctions
{
    private const float Tolerance = 2e-5f;
    private static readonly float[] s_points = [.. Enumerable.Range(-48, 97).Select(i => i / 6f)];

    private static readonly (BuiltinOperator Operator, TfliteOptions? Options)[] s_named =
    [
        (BuiltinOperator.GELU, new GeluOptions(false)), (BuiltinOperator.GELU, new GeluOptions(true)), (BuiltinOperator.HARD_SWISH, null),
        (BuiltinOperator.CUSTOM, new FunctionOptions(ScalarFunction.Silu)), (BuiltinOperator.CUSTOM, new FunctionOptions(ScalarFunction.Mish)),
        (BuiltinOperator.CUSTOM, new FunctionOptions(ScalarFunction.Softplus)), (BuiltinOperator.CUSTOM, new FunctionOptions(ScalarFunction.Softsign)),
        (BuiltinOperator.LOGISTIC, null), (BuiltinOperator.TANH, null),
    ];

    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            if (i >= graph.Nodes.Count) continue;
            Node node = graph.Nodes[i];
            if (node.Outputs.Count != 1 || node.Output.Type != TfliteType.FLOAT32 || Pieces(graph, node.Output) is not { } island || island.Count < 2) continue;
            float[] wanted = [.. s_points.Select(island.Function)];
            foreach ((BuiltinOperator op, TfliteOptions? options) in s_named)
            {
                var named = new Node
                {
                    Operator = op, CustomCode = (options as BlockOptions)?.Code, Options = options, Inputs = [island.Source], Outputs = [node.Output], Origin = node.Origin,
                };
                Func<float, float> function = ScalarFunctions.Of(named)!;
                if (s_points.Where((x, k) => !(Math.Abs(function(x) - wanted[k]) <= Tolerance * (1 + Math.Abs(wanted[k])))).Any()) continue;
                graph.Nodes[i] = named;
                break;
            }
        }

        RemoveDeadNodes.Run(graph);
    }

    private sealed record Island(Tensor Source, Func<float, float> Function, int Count);

    /// <summary>The tensor as a function of one other, as far back as all pieces are functions of one value.</summary>
    private static Island? Pieces(Graph graph, Tensor tensor)
    {
        Island? best = null;
        foreach (Tensor source in Candidates(graph, tensor))
        {
            int count = 0;
            if (Function(graph, tensor, source, ref count) is { } function && (best is null || count > best.Count)) best = new Island(source, function, count);
        }

        return best;
    }

    /// <summary>Tensors a few operators before, nearest first.</summary>
    private static List<Tensor> Candidates(Graph graph, Tensor tensor)
    {
        var found = new List<Tensor> { tensor };
        for (int i = 0; i < found.Count && found.Count < 16; i++)
        {
            if (graph.Producer(found[i]) is not { } node || !(SinkMoves.IsUnary(node) || SinkMoves.IsBinary(node))) continue;
            found.AddRange(node.Inputs.Where(t => t is { IsConstant: false, Type: TfliteType.FLOAT32 } && !found.Contains(t))!);
        }

        return found[1..];
    }

    private static Func<float, float>? Function(Graph graph, Tensor tensor, Tensor source, ref int count)
    {
        if (tensor == source) return x => x;
        if (ConstantTensors.Scalar(tensor) is { } constant) return _ => constant;
        if (tensor.IsConstant || graph.Producer(tensor) is not { Outputs.Count: 1 } node || node.Output.Type != TfliteType.FLOAT32 || count > 16) return null;
        count++;
        if (node.Operator is BuiltinOperator.QUANTIZE or BuiltinOperator.DEQUANTIZE or BuiltinOperator.CAST) return null;
        if (ScalarFunctions.Of(node) is { } unary) return Function(graph, node.Input(), source, ref count) is { } inner ? x => unary(inner(x)) : null;
        if (!SinkMoves.IsBinary(node) || FloatFunctions.Binary(node) is not { } binary || !node.Output.Shape.AsSpan().SequenceEqual(source.Shape)) return null;
        return Function(graph, node.Input(), source, ref count) is { } a && Function(graph, node.Input(1), source, ref count) is { } b ? x => binary(a(x), b(x)) : null;
    }
}

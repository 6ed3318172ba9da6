using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// The pieces of attention in their shortest form: the scale of scores goes into the softmax, a constant triangular mask
/// becomes a causal softmax, a mask that hides nothing goes, a transposition of a product's right side becomes a flag.
/// </summary>
public static class FoldAttention
{
    /// <summary>What is at least this much below the other scores has weight 0.</summary>
    private const float Hidden = -1000;

    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Operator == BuiltinOperator.BATCH_MATMUL) Adjoin(graph, node);
            if (node.Operator != BuiltinOperator.SOFTMAX) continue;
            Node softmax = node;
            while (Simplify(graph, ref softmax))
            {
            }
        }

        RemoveDeadNodes.Run(graph);
    }

    /// <summary>A product whose right side is transposed in its last two dimensions reads it as it was.</summary>
    private static void Adjoin(Graph graph, Node product)
    {
        if (product.Options is not BatchMatMulOptions options || product.Inputs[1] is not { IsConstant: false } right) return;
        if (graph.Producer(right) is not { } turn || MergeMoves.Permutation(turn) is not { } order) return;
        int rank = order.Length;
        if (rank < 2 || !order[..^2].SequenceEqual(Enumerable.Range(0, rank - 2)) || order[^1] != rank - 2) return;
        product.Inputs[1] = turn.Input();
        product.Options = options with { AdjY = !options.AdjY };
    }

    private static bool Simplify(Graph graph, ref Node softmax)
    {
        if (graph.Producer(softmax.Input()) is not { Outputs.Count: 1 } before || !graph.HasOneReader(before.Output)) return false;
        float beta = softmax.Options switch { SoftmaxOptions o => o.Beta, CausalSoftmaxOptions c => c.Beta, _ => 1 };
        switch (before.Operator)
        {
            case BuiltinOperator.MUL or BuiltinOperator.DIV when before.Inputs is [{ IsConstant: false } scores, { IsConstant: true } constant]
                && ConstantTensors.Scalar(constant) is { } factor && factor > 0 && scores.Shape.AsSpan().SequenceEqual(before.Output.Shape):
                beta = before.Operator == BuiltinOperator.MUL ? beta * factor : beta / factor;
                softmax.Options = softmax.Options is CausalSoftmaxOptions causal ? causal with { Beta = beta } : new SoftmaxOptions(beta);
                softmax.Inputs[0] = scores;
                return true;

            case BuiltinOperator.ADD when softmax.Operator == BuiltinOperator.SOFTMAX && before.Inputs is [{ IsConstant: false } scores, { IsConstant: true } mask]
                && scores.Shape.AsSpan().SequenceEqual(before.Output.Shape) && Seen(mask, v => v == 0 ? true : v * beta <= Hidden ? false : null) is { } seen:
                return Masked(graph, ref softmax, scores, mask.Shape, seen, beta);

            case BuiltinOperator.SELECT_V2 when softmax.Operator == BuiltinOperator.SOFTMAX && before.Inputs is [{ IsConstant: true } condition, { IsConstant: false } scores, { } low]
                && ConstantTensors.Scalar(low) * beta <= Hidden && scores.Shape.AsSpan().SequenceEqual(before.Output.Shape):
                return Masked(graph, ref softmax, scores, condition.Shape, [.. condition.Integers().Select(v => v != 0)], beta);

            default:
                return false;
        }
    }

    /// <summary>Which scores a mask of numbers leaves; null where it does more than hide.</summary>
    private static bool[]? Seen(Tensor mask, Func<float, bool?> sees)
    {
        bool?[] all = [.. RealNumbers.Of(mask).Select(sees)];
        return all.Contains(null) ? null : [.. all.Select(s => s!.Value)];
    }

    private static bool Masked(Graph graph, ref Node softmax, Tensor scores, int[] shape, bool[] seen, float beta)
    {
        if (seen.All(s => s))
        {
            softmax.Inputs[0] = scores;
            return true;
        }

        if (shape.Length < 2 || seen.Length != shape[^1] * shape[^2] || shape[^1] != scores.Shape[^1] || shape[^2] != scores.Shape[^2]) return false;
        (int queries, int keys) = (shape[^2], shape[^1]);
        int offset = Enumerable.Range(0, keys).Count(k => seen[k]) - 1;
        for (int i = 0; i < seen.Length; i++)
        {
            if (seen[i] != (i % keys <= i / keys + offset)) return false;
        }

        var options = new CausalSoftmaxOptions(beta, offset);
        var causal = new Node
        {
            Operator = BuiltinOperator.CUSTOM, CustomCode = options.Code, Options = options, Inputs = [scores], Outputs = [softmax.Output], Origin = softmax.Origin,
        };
        graph.Nodes[graph.Nodes.IndexOf(softmax)] = causal;
        softmax = causal;
        return true;
    }
}

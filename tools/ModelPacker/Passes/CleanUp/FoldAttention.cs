using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators.Blocks;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// The pieces of attention in their shortest form: the scale of scores goes into the softmax, a constant triangular mask
/// becomes a causal softmax, a mask that hides nothing goes, any other mask is read by the softmax itself, so that no score
/// of minus ten thousand takes part in the arithmetic; a transposition of a product's right side becomes a flag.
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

            case BuiltinOperator.ADD when before.Inputs is [{ IsConstant: false } a, { IsConstant: false } b]:
                return AddedMask(graph, ref softmax, before, a, b, beta) || AddedMask(graph, ref softmax, before, b, a, beta);

            case BuiltinOperator.SELECT_V2 when before.Inputs is [{ IsConstant: false, Type: TfliteType.BOOL } condition, { } yes, { } no]:
                bool hides = ConstantTensors.Scalar(yes) * beta <= Hidden;
                if (!hides && !(ConstantTensors.Scalar(no) * beta <= Hidden)) return false;
                return Read(graph, ref softmax, before, hides ? no : yes, condition, condition.Shape, hides, beta);

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

        if (IsCausal(scores, shape, seen) is { } offset)
        {
            Become(graph, ref softmax, new CausalSoftmaxOptions(beta, offset), scores);
            return true;
        }

        if (CausalSoftmaxOperator.MaskRows(scores.Shape, shape) is null) return false;
        var mask = new Tensor { Name = softmax.Output.Name, Type = TfliteType.BOOL, Shape = shape, Data = [.. seen.Select(s => (byte)(s ? 1 : 0))] };
        Become(graph, ref softmax, new CausalSoftmaxOptions(beta, scores.Shape[^1]), scores, null, mask);
        return true;
    }

    /// <summary>How many keys before its own a query sees more, where each sees all up to there and nothing behind.</summary>
    private static int? IsCausal(Tensor scores, int[] shape, bool[] seen)
    {
        if (shape.Length < 2 || seen.Length != shape[^1] * shape[^2] || shape[^1] != scores.Shape[^1] || shape[^2] != scores.Shape[^2]) return null;
        int keys = shape[^1], offset = Enumerable.Range(0, keys).Count(k => seen[k]) - 1;
        for (int i = 0; i < seen.Length; i++)
        {
            if (seen[i] != (i % keys <= i / keys + offset)) return null;
        }

        return offset;
    }

    private static bool AddedMask(Graph graph, ref Node softmax, Node sum, Tensor scores, Tensor added, float beta)
    {
        if (MaskChains.Find(graph, added) is not { } mask) return false;
        bool hides = mask.AtZero == 0 && mask.AtOne * beta <= Hidden;
        if (!hides && !(mask.AtOne == 0 && mask.AtZero * beta <= Hidden)) return false;
        return Read(graph, ref softmax, sum, scores, mask.Tensor, mask.Shape, hides, beta);
    }

    /// <summary>A mask that is known only when the model runs becomes an input of the softmax.</summary>
    private static bool Read(Graph graph, ref Node softmax, Node before, Tensor scores, Tensor mask, int[] shape, bool hides, float beta)
    {
        int keys = scores.Shape[^1];
        if (softmax.Operator != BuiltinOperator.SOFTMAX && softmax is not { Options: CausalSoftmaxOptions, Inputs.Count: 1 }) return false;
        if (scores.IsConstant || !scores.Shape.AsSpan().SequenceEqual(before.Output.Shape) || CausalSoftmaxOperator.MaskRows(scores.Shape, shape) is null) return false;
        int offset = softmax.Options is CausalSoftmaxOptions causal ? causal.Offset : keys;
        if (!mask.Shape.AsSpan().SequenceEqual(shape))
        {
            var reshaped = new Tensor { Name = mask.Name, Type = mask.Type, Shape = shape };
            graph.Nodes.Insert(graph.Nodes.IndexOf(softmax), new Node
            {
                Operator = BuiltinOperator.RESHAPE, Options = new ReshapeOptions(shape), Inputs = [mask, ConstantTensors.Ints(mask.Name, [shape.Length], shape)], Outputs = [reshaped],
                Origin = softmax.Origin,
            });
            mask = reshaped;
        }

        Become(graph, ref softmax, new CausalSoftmaxOptions(beta, offset, hides), scores, null, mask);
        return true;
    }

    private static void Become(Graph graph, ref Node softmax, CausalSoftmaxOptions options, params Tensor?[] inputs)
    {
        var causal = new Node
        {
            Operator = BuiltinOperator.CUSTOM, CustomCode = options.Code, Options = options, Inputs = [.. inputs], Outputs = [softmax.Output], Origin = softmax.Origin,
        };
        graph.Nodes[graph.Nodes.IndexOf(softmax)] = causal;
        softmax = causal;
    }
}

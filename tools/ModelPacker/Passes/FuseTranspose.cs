using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Takes a transposition of the last two dimensions into the matrix product that it follows or precedes: (A * B) transposed
/// is B transposed * A transposed, the same sums of the same products, and a product reads its operands either way round.
/// Converters write attention so: the scores of all queries are then made in the order in which softmax reads them, and
/// need not exist together. Limit: nothing else may read what lies between, and both operands must be computed.
/// </summary>
public static class FuseTranspose
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        foreach (Node product in graph.Nodes.Where(n => n.Operator == BuiltinOperator.BATCH_MATMUL).ToArray())
        {
            if (!OperatorTable.For(product).Check(product).Any() && product.Inputs.All(i => i is { IsConstant: false })) Fuse(graph, product);
        }
    }

    private static void Fuse(Graph graph, Node product)
    {
        var options = product.Options as BatchMatMulOptions ?? new BatchMatMulOptions();
        Tensor[] inputs = [product.Input(), product.Input(1)];
        bool[] turned = [options.AdjX, options.AdjY];
        Tensor output = product.Output;
        bool changed = false;
        for (int i = 0; i < 2; i++)
        {
            if (graph.Producer(inputs[i]) is not { } before || !SwapsLastTwo(before) || !graph.HasOneReader(inputs[i])) continue;
            (inputs[i], turned[i], changed) = (before.Input(), !turned[i], true);
            graph.Nodes.Remove(before);
        }

        if (graph.HasOneReader(output) && graph.Nodes.Find(n => n.Inputs.Contains(output)) is { } after && SwapsLastTwo(after))
        {
            (inputs, turned, output, changed) = ([inputs[1], inputs[0]], [!turned[1], !turned[0]], after.Output, true);
            graph.Nodes.Remove(after);
        }

        if (!changed) return;
        graph.Nodes[graph.Nodes.IndexOf(product)] = new Node
        {
            Operator = product.Operator, Options = options with { AdjX = turned[0], AdjY = turned[1] }, Inputs = [.. inputs], Outputs = [output], Origin = product.Origin,
        };
    }

    private static bool SwapsLastTwo(Node node)
    {
        if (node.Operator != BuiltinOperator.TRANSPOSE || OperatorTable.For(node).Check(node).Any()) return false;
        int rank = node.Input().Shape.Length;
        long[] swapped = [.. Enumerable.Range(0, rank).Select(d => (long)(d < rank - 2 ? d : 2 * rank - 3 - d))];
        return rank >= 2 && node.Input(1).Integers().Select(p => p < 0 ? p + rank : p).SequenceEqual(swapped);
    }
}

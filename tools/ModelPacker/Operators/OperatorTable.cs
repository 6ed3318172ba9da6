using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Operators;

/// <summary>Every supported operator, a line each.</summary>
public static class OperatorTable
{
    private static readonly Dictionary<BuiltinOperator, Operator> s_operators = new()
    {
        [BuiltinOperator.CONV_2D] = new Conv2DOperator(),
        [BuiltinOperator.DEPTHWISE_CONV_2D] = new DepthwiseConv2DOperator(),
        [BuiltinOperator.FULLY_CONNECTED] = new FullyConnectedOperator(),
        [BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM] = new LstmOperator(),
        [BuiltinOperator.SVDF] = new SvdfOperator(),
        [BuiltinOperator.BATCH_MATMUL] = new BatchMatMulOperator(),
        [BuiltinOperator.TRANSPOSE_CONV] = new TransposeConvOperator(),
        [BuiltinOperator.L2_NORMALIZATION] = new L2NormalizationOperator(),
        [BuiltinOperator.RESHAPE] = new ReshapeOperator(),
        [BuiltinOperator.SQUEEZE] = new ReshapeOperator(),
        [BuiltinOperator.EXPAND_DIMS] = new ReshapeOperator(),
    };

    /// <summary>The supported operators.</summary>
    public static IReadOnlyCollection<BuiltinOperator> Supported => s_operators.Keys;

    /// <summary>The operator behind a node that has passed <see cref="Check"/>.</summary>
    public static Operator For(Node node) => s_operators[node.Operator];

    /// <summary>Every reason why the graph cannot run, one sentence each; none when it can.</summary>
    public static List<string> Check(Graph graph)
    {
        var reasons = new List<string>();
        foreach (Node node in graph.Nodes)
        {
            if (!s_operators.TryGetValue(node.Operator, out Operator? op))
            {
                reasons.Add(node.CustomCode is null
                    ? $"The {node} is not supported: run `inspect` for the list, or replace the operator before conversion."
                    : $"The {node} is a custom operator, which is not supported: build the model without it, or do this step outside the model.");
                continue;
            }

            IEnumerable<string> own = Tensors(node).Concat(op.Check(node));
            reasons.AddRange(own.Select(reason => $"The {node} cannot run: {reason}"));
        }

        return reasons;
    }

    /// <summary>Throws with all reasons where the graph cannot run.</summary>
    public static void Require(Graph graph)
    {
        List<string> reasons = Check(graph);
        if (reasons.Count > 0) throw new UnsupportedModelException(reasons);
    }

    private static IEnumerable<string> Tensors(Node node)
    {
        foreach (Tensor tensor in node.Inputs.Where(t => t is not null).Concat(node.Outputs).Distinct()!)
        {
            if (tensor.Shape.Length > TinyRuntime.PackFormat.MaxRank)
                yield return $"tensor {tensor.Name} has {tensor.Shape.Length} dimensions, {TinyRuntime.PackFormat.MaxRank} are the limit.";
            if (tensor.Shape.Any(d => d <= 0) && !tensor.IsConstant && tensor.Type != TfliteType.RESOURCE)
                yield return $"tensor {tensor.Name} has the shape {tensor}, in which a dimension is not known: convert the model with a fixed batch and input size.";
            if (tensor.Shape.Aggregate(1L, (a, b) => a * Math.Max(b, 1)) * Math.Max(tensor.ElementBytes, 1) > 1 << 24)
                yield return $"tensor {tensor.Name} of shape {tensor} is larger than 16 MiB, more than any board holds.";
        }
    }
}

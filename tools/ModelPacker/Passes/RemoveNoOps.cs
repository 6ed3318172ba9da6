using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Removes nodes that change no bit: a function of one byte whose table is the identity (RELU at the end of the range,
/// multiplication by one, QUANTIZE to the same mapping …) and reductions over single elements. Input and output must be
/// quantised alike. Where the shape changes, a reshape stays.
/// </summary>
public static class RemoveNoOps
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            Node node = graph.Nodes[i];
            if (node.Outputs.Count != 1 || Unchanged(node) is not { } input) continue;
            Tensor output = node.Output;
            if (input.Type != output.Type || input.Quantisation is null || !input.Quantisation.SameAs(output.Quantisation)) continue;
            if (input.Shape.AsSpan().SequenceEqual(output.Shape)) Remove(graph, node, input, output);
            else graph.Nodes[i] = new Node { Operator = BuiltinOperator.RESHAPE, Options = new ReshapeOptions(output.Shape), Inputs = [input], Outputs = [output], Origin = node.Origin };
        }
    }

    /// <summary>The input that the node passes on as it is, or null.</summary>
    private static Tensor? Unchanged(Node node)
    {
        if (node.Inputs.Count == 0 || node.Inputs[0] is not { IsConstant: false } input) return OperatorTable.TableOf(node) is { IsIdentity: true } other ? other.Input : null;
        switch (node.Operator)
        {
            case BuiltinOperator.QUANTIZE when input.Type == node.Output.Type && input.Count == node.Output.Count:
                return input.Quantisation is { IsPerChannel: false } ? input : null;
            case BuiltinOperator.MEAN or BuiltinOperator.SUM or BuiltinOperator.REDUCE_MAX or BuiltinOperator.REDUCE_MIN
                when input.Count == node.Output.Count && node.FusedClamp is null:
                return OperatorTable.Find(node)!.Check(node).Any() ? null : input;
            default:
                return OperatorTable.TableOf(node) is { IsIdentity: true } table ? table.Input : null;
        }
    }

    /// <summary>
    /// Takes the node out. A tensor of the model's border stays itself: then the operator before writes it, and where
    /// nothing computes the input the node stays.
    /// </summary>
    private static void Remove(Graph graph, Node node, Tensor input, Tensor output)
    {
        if (!graph.Outputs.Contains(output))
        {
            graph.Nodes.Remove(node);
            graph.Replace(output, input);
            return;
        }

        if (graph.Producer(input) is not { } producer || graph.Outputs.Contains(input) || input.IsVariable) return;
        graph.Nodes.Remove(node);
        producer.Outputs[producer.Outputs.IndexOf(input)] = output;
        graph.Replace(input, output);
    }
}

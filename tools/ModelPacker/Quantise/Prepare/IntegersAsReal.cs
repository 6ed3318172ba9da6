using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise.Prepare;

/// <summary>
/// Some exporters imitate integer arithmetic inside a float model: CAST to an integer, multiply, divide, CAST back. Such
/// integers become real numbers again, each CAST and each division a truncation, so that the whole is a function of one
/// value. Only where nothing else reads the integers.
/// </summary>
public static class IntegersAsReal
{
    private static readonly HashSet<BuiltinOperator> s_arithmetic =
        [BuiltinOperator.ADD, BuiltinOperator.SUB, BuiltinOperator.MUL, BuiltinOperator.DIV, BuiltinOperator.MAXIMUM, BuiltinOperator.MINIMUM];

    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        HashSet<Tensor> integers = Find(graph);
        if (integers.Count == 0) return;
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            bool makes = node.Outputs.Any(integers.Contains), reads = node.Inputs.Any(t => t is not null && integers.Contains(t));
            if (!makes && !reads) continue;
            if (node.Operator == BuiltinOperator.CAST)
            {
                bool truncates = makes && !reads;
                graph.Nodes[i] = truncates ? Truncate(node.Input(), node.Output, node.Origin)
                    : new Node { Operator = BuiltinOperator.RESHAPE, Inputs = [node.Input()], Outputs = [node.Output], Origin = node.Origin };
                continue;
            }

            for (int k = 0; k < node.Inputs.Count; k++)
            {
                if (node.Inputs[k] is { IsConstant: true } constant) node.Inputs[k] = Floats.Constant(constant.Name, constant.Shape, RealNumbers.Of(constant));
            }

            if (node.Operator != BuiltinOperator.DIV) continue;
            var quotient = new Tensor { Name = node.Output.Name + " quotient", Type = TfliteType.FLOAT32, Shape = node.Output.Shape };
            graph.Nodes.Insert(i + 1, Truncate(quotient, node.Output, node.Origin));
            node.Outputs[0] = quotient;
            i++;
        }

        foreach (Tensor tensor in integers) (tensor.Type, tensor.ModelType) = (TfliteType.FLOAT32, null);
        foreach (Node node in graph.Nodes.Where(n => n.Operator == BuiltinOperator.RESHAPE && n.Inputs.Count == 1 && n.Input().Shape.AsSpan().SequenceEqual(n.Output.Shape)).ToArray())
        {
            if (graph.Outputs.Contains(node.Output) || node.Input().IsConstant) continue;
            graph.Nodes.Remove(node);
            graph.Replace(node.Output, node.Input());
        }
    }

    private static Node Truncate(Tensor input, Tensor output, int origin) => new()
    {
        Operator = BuiltinOperator.CUSTOM, CustomCode = "TRUNCATE", Options = new FunctionOptions(ScalarFunction.Truncate), Inputs = [input], Outputs = [output], Origin = origin,
    };

    private static HashSet<Tensor> Find(Graph graph)
    {
        var integers = new HashSet<Tensor>();
        foreach (Node node in graph.Nodes)
        {
            if (node.Outputs is not [{ Type: TfliteType.INT32 or TfliteType.INT64 } output] || graph.Outputs.Contains(output)) continue;
            bool cast = node.Operator == BuiltinOperator.CAST && (node.Input().Type == TfliteType.FLOAT32 || integers.Contains(node.Input()));
            if (cast || (s_arithmetic.Contains(node.Operator) && node.Inputs.All(t => t is not null && (t.IsConstant || integers.Contains(t))))) integers.Add(output);
        }

        // A tensor that something else reads as integers stays one, and so does all that depends on it.
        bool Allowed(Node reader) => reader.Outputs is [var o] && (integers.Contains(o) || (reader.Operator == BuiltinOperator.CAST && o.Type == TfliteType.FLOAT32));
        bool Sound(Tensor t) => graph.Consumers(t).All(Allowed) && graph.Producer(t)!.Inputs.All(i => i is null || i.IsConstant || i.Type == TfliteType.FLOAT32 || integers.Contains(i));
        while (integers.RemoveWhere(t => !Sound(t)) > 0)
        {
        }

        return integers;
    }
}

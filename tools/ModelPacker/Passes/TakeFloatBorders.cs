using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Takes QUANTIZE off a float input and DEQUANTIZE off a float output: the desktop tool converts there with the same
/// formula, and on the device the session takes and gives the integers. Integers that the model gives out as they are too,
/// or twice as floats, get a tensor more for the second output. Limit: a float input that anything else reads stays, and is
/// then refused by the operator that reads it.
/// </summary>
public static class TakeFloatBorders
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            Tensor input = graph.Inputs[i];
            Node[] readers = [.. graph.Consumers(input)];
            if (input.Type != TfliteType.FLOAT32 || graph.Outputs.Contains(input) || readers.Length == 0) continue;
            if (!readers.All(n => n.Operator == BuiltinOperator.QUANTIZE && Border(n.Output))) continue;
            Tensor quantised = readers[0].Output;
            if (readers.Any(n => n.Output.Type != quantised.Type || !quantised.Quantisation!.SameAs(n.Output.Quantisation))) continue;
            foreach (Node reader in readers)
            {
                graph.Replace(reader.Output, quantised);
                graph.Nodes.Remove(reader);
            }

            if (graph.Outputs.Contains(quantised)) GiveOutACopy(graph, quantised, readers[0].Origin);
            quantised.ModelType = TfliteType.FLOAT32;
            graph.Inputs[i] = quantised;
        }

        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            Tensor output = graph.Outputs[i];
            if (output.Type != TfliteType.FLOAT32 || graph.Producer(output) is not { Operator: BuiltinOperator.DEQUANTIZE } node) continue;
            Tensor quantised = node.Input();
            if (!Border(quantised) || graph.Consumers(output).Any()) continue;
            if (quantised.ModelType is not null || graph.Inputs.Contains(quantised) || graph.Outputs.Contains(quantised))
                (graph.Nodes[graph.Nodes.IndexOf(node)], quantised) = Copy(quantised, output.Name, node.Origin);
            else
                graph.Nodes.Remove(node);
            quantised.ModelType = TfliteType.FLOAT32;
            for (int o = i; o < graph.Outputs.Count; o++)
            {
                if (graph.Outputs[o] == output) graph.Outputs[o] = quantised;
            }
        }
    }

    /// <summary>The integers of a float input, given out as they are: the output is no float, so it needs a tensor of its own.</summary>
    private static void GiveOutACopy(Graph graph, Tensor quantised, int origin)
    {
        (Node node, Tensor copy) = Copy(quantised, quantised.Name + " given out", origin);
        graph.Nodes.Insert(0, node);
        for (int o = 0; o < graph.Outputs.Count; o++)
        {
            if (graph.Outputs[o] == quantised) graph.Outputs[o] = copy;
        }
    }

    /// <summary>A reshape to the same shape and its output.</summary>
    private static (Node Node, Tensor Copy) Copy(Tensor input, string name, int origin)
    {
        var copy = new Tensor { Name = name, Type = input.Type, Shape = input.Shape, Quantisation = input.Quantisation };
        return (new Node { Operator = BuiltinOperator.RESHAPE, Inputs = [input], Outputs = [copy], Origin = origin }, copy);
    }

    private static bool Border(Tensor tensor) =>
        tensor.Type is TfliteType.INT8 or TfliteType.UINT8 or TfliteType.INT16 && tensor.Quantisation is { IsPerChannel: false } q
        && float.IsFinite(q.Scale) && q.Scale > 0;
}

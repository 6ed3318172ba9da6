using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Takes QUANTIZE off a float input and DEQUANTIZE off a float output: the desktop tool converts there with the same
/// formula, and on the device the session takes and gives the integers. Limit: a float input that anything else reads
/// stays, and is then refused by the operator that reads it.
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

            quantised.ModelType = TfliteType.FLOAT32;
            graph.Inputs[i] = quantised;
        }

        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            Tensor output = graph.Outputs[i];
            if (output.Type != TfliteType.FLOAT32 || graph.Producer(output) is not { Operator: BuiltinOperator.DEQUANTIZE } node) continue;
            Tensor quantised = node.Input();
            if (!Border(quantised) || quantised.ModelType is not null || graph.Outputs.Contains(quantised) || graph.Consumers(output).Any()) continue;
            quantised.ModelType = TfliteType.FLOAT32;
            graph.Outputs[i] = quantised;
            graph.Nodes.Remove(node);
        }
    }

    private static bool Border(Tensor tensor) =>
        tensor.Type is TfliteType.INT8 or TfliteType.UINT8 or TfliteType.INT16 && tensor.Quantisation is { IsPerChannel: false } q
        && float.IsFinite(q.Scale) && q.Scale > 0;
}

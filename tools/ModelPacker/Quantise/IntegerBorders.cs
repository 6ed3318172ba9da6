using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// Takes the QUANTIZE behind each float input and the DEQUANTIZE before each float output of a quantised graph away, so
/// that the model takes and gives integers: for callers that have their numbers as integers anyway, such as a sensor's.
/// </summary>
public static class IntegerBorders
{
    /// <summary>Changes the graph in place; borders that are integers already stay.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            Node[] readers = [.. graph.Consumers(graph.Inputs[i])];
            if (readers is not [{ Operator: BuiltinOperator.QUANTIZE } quantise] || graph.Inputs[i].Type != TfliteType.FLOAT32) continue;
            graph.Inputs[i] = quantise.Output;
            graph.Nodes.Remove(quantise);
        }

        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            Tensor output = graph.Outputs[i];
            if (graph.Producer(output) is not { Operator: BuiltinOperator.DEQUANTIZE } dequantise || graph.Outputs.Count(o => o == output) > 1) continue;
            graph.Outputs[i] = dequantise.Input();
            if (!graph.Consumers(output).Any()) graph.Nodes.Remove(dequantise);
        }
    }
}

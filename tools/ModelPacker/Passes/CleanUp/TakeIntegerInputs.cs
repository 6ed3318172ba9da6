using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// An input that is given as float32 but only ever cut to integers (indices of an embedding) becomes an input of integers:
/// the desktop tool cuts at the border, and no scale blurs the indices.
/// </summary>
public static class TakeIntegerInputs
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            Tensor input = graph.Inputs[i];
            Node[] readers = [.. graph.Consumers(input)];
            bool counts = readers.Length > 0 && readers.All(n => n is { Operator: BuiltinOperator.CAST, Output.Type: TfliteType.INT32 });
            if (input.Type != TfliteType.FLOAT32 || !counts || graph.Outputs.Contains(input)) continue;
            input.Type = TfliteType.INT32;
            input.ModelType = TfliteType.FLOAT32;
            foreach (Node reader in readers.Where(r => !graph.Outputs.Contains(r.Output)))
            {
                graph.Nodes.Remove(reader);
                graph.Replace(reader.Output, input);
            }
        }
    }
}

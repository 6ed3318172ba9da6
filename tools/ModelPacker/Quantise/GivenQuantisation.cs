using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Quantise.Prepare;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// Makes the int8 graph of a model that says its quantisation itself, by operators in float between DEQUANTIZE and QUANTIZE
/// (QDQ, QLinear and integer operators of ONNX): with the scales that the model gives, and ranges that follow from them
/// where it gives none. Every layer then gives the integers nearest to its exact result.
/// </summary>
public static class GivenQuantisation
{
    /// <summary>Converts a graph; one that computes nothing in float, or means its float, comes back as it is.</summary>
    /// <exception cref="UnsupportedModelException">The model is not quantised, or not enough of it.</exception>
    public static Graph Run(Graph graph)
    {
        if (!graph.SaysQuantisation) return graph;
        bool computesFloat = graph.Nodes.Any(n => n.Operator is not (BuiltinOperator.QUANTIZE or BuiltinOperator.DEQUANTIZE) && n.Outputs.Any(o => o.Type == TfliteType.FLOAT32));
        if (!computesFloat) return graph;
        if (!graph.Nodes.Any(n => n.Operator is BuiltinOperator.QUANTIZE))
            throw new UnsupportedModelException([
                $"{graph.Name} computes in float32, the device with integers only: make an int8 model of it with `quantize MODEL --data DIR -o FILE`, where DIR holds recorded inputs."]);
        Graph copy = ShootOut.Prepare(graph);
        AveragesAsWeights.Run(copy);
        List<string> reasons = Quantiser.Check(copy);
        if (reasons.Count > 0) throw new UnsupportedModelException(reasons);
        var ranges = new DerivedRanges(copy);
        QuantisedGraph result = Quantiser.Run(copy, ranges.Of);
        foreach (Tensor tensor in result.Graph.Nodes.SelectMany(n => n.Outputs)) tensor.RoundedOnce = tensor.Type == TfliteType.INT8;
        if (ranges.Unknown.Count == 0) return result.Graph;
        string[] names = [.. ranges.Unknown.Take(3).Select(t => t.Name)];
        throw new UnsupportedModelException([
            $"The model gives no range for {ranges.Unknown.Count} of its values ({string.Join(", ", names)}{(ranges.Unknown.Count > names.Length ? ", …" : "")}): "
            + "`quantize MODEL --data DIR -o FILE` measures them with recorded inputs and keeps the scales that the model gives."]);
    }
}

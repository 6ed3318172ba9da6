using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Run;

/// <summary>Computes a float model on the desktop, which the device cannot: what its int8 form is compared with.</summary>
public sealed class FloatModelRunner : IModelRunner
{
    private readonly Graph _graph;
    private readonly FloatRunner _runner;

    /// <summary>Prepares a graph.</summary>
    /// <exception cref="UnsupportedModelException">An operator has no float form.</exception>
    public FloatModelRunner(Graph graph)
    {
        _graph = graph;
        _runner = new FloatRunner(graph);
    }

    /// <summary>Whether a graph computes anything in float.</summary>
    public static bool IsFloat(Graph graph) =>
        graph.Nodes.Any(n => n.Operator is not (BuiltinOperator.QUANTIZE or BuiltinOperator.DEQUANTIZE) && n.Outputs.Any(o => o.Type == TfliteType.FLOAT32));

    /// <inheritdoc/>
    public int InputCount => _graph.Inputs.Count;

    /// <inheritdoc/>
    public int OutputCount => _graph.Outputs.Count;

    /// <inheritdoc/>
    public int InputBytes(int index) => _graph.Inputs[index].Count * Width(_graph.Inputs[index]);

    /// <inheritdoc/>
    public int OutputElementBytes(int index) => Width(_graph.Outputs[index]);

    /// <inheritdoc/>
    public string WriterOf(int index) => $"the {_graph.Producer(_graph.Outputs[index])?.ToString() ?? "model's input"}, in float32";

    /// <inheritdoc/>
    public void Reset() => _runner.Reset();

    /// <inheritdoc/>
    public byte[][] Run(IReadOnlyList<byte[]> inputs)
    {
        Dictionary<Tensor, float[]> values = _runner.Run([.. inputs.Select((bytes, i) => RealNumbers.Of(_graph.Inputs[i], TypeOf(_graph.Inputs[i]), bytes))]);
        return [.. _graph.Outputs.Select(o => Bytes(o, values[o]))];
    }

    /// <summary>The model's own type of a border.</summary>
    private static TfliteType TypeOf(Tensor tensor) => tensor.ModelType ?? tensor.Type;

    private static int Width(Tensor tensor) => TypeOf(tensor).BitsPerElement() / 8;

    private static byte[] Bytes(Tensor tensor, float[] values)
    {
        TfliteType type = TypeOf(tensor);
        if (tensor.Quantisation is not { } q || type == TfliteType.FLOAT32) return RealNumbers.Bytes(values, type);
        (int low, int high) = type == TfliteType.UINT8 ? (0, 255) : type == TfliteType.INT16 ? (short.MinValue, short.MaxValue) : (-128, 127);
        return RealNumbers.Bytes([.. values.Select(v => (float)RealNumbers.Quantise(v, q.Scale, q.ZeroPoint, low, high))], type);
    }
}

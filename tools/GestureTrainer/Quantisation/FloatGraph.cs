using System.Runtime.InteropServices;
using TinyAI.GestureTrainer.Network;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.GestureTrainer.Quantisation;

/// <summary>
/// A trained network in the packer's graph: time is the width of an image one row high. Each tensor is paired with the
/// array in which the network leaves its values at every forward pass, so that ranges can be measured there.
/// </summary>
internal sealed class FloatGraph
{
    private readonly List<(Tensor Tensor, float[] Values)> _activations = [];
    private Tensor _current;
    private int _named;

    private FloatGraph()
    {
        _current = Activation("input", [1, Recordings.Window, Recordings.Channels]);
        Graph.Inputs.Add(_current);
    }

    public Graph Graph { get; } = new() { Name = "gesture" };

    /// <summary>The tensors whose ranges are measured, each with its values after a forward pass.</summary>
    public IReadOnlyList<(Tensor Tensor, float[] Values)> Activations => _activations;

    public static FloatGraph Of(Sequential network)
    {
        FloatGraph graph = new();
        graph.Reshape([1, 1, Recordings.Window, Recordings.Channels]);
        for (int i = 0; i < network.Layers.Count; i++)
        {
            bool relu = i + 1 < network.Layers.Count && network.Layers[i + 1] is Relu;
            graph.Add(network.Layers[i], relu, network.Layers[relu ? i + 1 : i].Output);
        }
        graph.Emit(BuiltinOperator.SOFTMAX, new SoftmaxOptions(), [graph._current], graph.Activation("probabilities", graph._current.Shape));
        graph.Graph.Outputs.Add(graph._current);
        return graph;
    }

    private void Add(Layer layer, bool relu, float[] values)
    {
        _named++;
        switch (layer)
        {
            case Convolution1D c:
                Tensor filter = Constant("weights", [c.Outputs, 1, c.Kernel, c.InputChannels], ByOutput(c));
                Emit(
                    BuiltinOperator.CONV_2D,
                    new Conv2DOptions(TflitePadding.VALID, c.Stride, 1, relu ? TfliteActivation.RELU : TfliteActivation.NONE),
                    [_current, filter, Bias(c)],
                    Measured("conv", [1, 1, c.OutputLength, c.Outputs], values));
                break;
            case MaxPool1D p:
                Emit(
                    BuiltinOperator.MAX_POOL_2D,
                    new Pool2DOptions(TflitePadding.VALID, p.Size, 1, p.Size, 1),
                    [_current],
                    Measured("pool", [1, 1, p.OutputLength, p.Channels], values));
                break;
            case AttentionPool a:
                Attend(a);
                break;
            case Dense d:
                Reshape([1, d.InputSize]);
                Tensor matrix = Constant("weights", [d.Outputs, d.InputSize], ByOutput(d));
                Emit(BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptions(), [_current, matrix, Bias(d)], Measured("logits", [1, d.Outputs], values));
                break;
            case Relu or Dropout:
                break;
            default:
                throw new NotSupportedException(layer.GetType().Name);
        }
    }

    private void Attend(AttentionPool a)
    {
        Reshape([1, a.Length, a.Channels]);
        Tensor values = _current;
        Tensor queries = Constant("queries", [1, a.Heads, a.Channels], a.Queries.Value);
        Emit(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(AdjY: true), [queries, values], Measured("match", [1, a.Heads, a.Length], a.Match));
        Tensor positions = Constant("positions", [1, a.Heads, a.Length], a.Positions.Value);
        Emit(BuiltinOperator.ADD, new AddOptions(), [_current, positions], Measured("score", [1, a.Heads, a.Length], a.Scores));
        Emit(BuiltinOperator.SOFTMAX, new SoftmaxOptions(), [_current], Activation("attention", [1, a.Heads, a.Length]));
        Emit(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(), [_current, values], Measured("attended", [1, a.Heads, a.Channels], a.Output));
    }

    private void Reshape(int[] shape)
    {
        Tensor target = new() { Name = $"shape{_named}", Type = TfliteType.INT32, Shape = [shape.Length], Data = MemoryMarshal.AsBytes(shape.AsSpan()).ToArray() };
        Emit(BuiltinOperator.RESHAPE, new ReshapeOptions(shape), [_current, target], Activation("reshaped", shape));
    }

    private void Emit(BuiltinOperator op, TfliteOptions options, List<Tensor?> inputs, Tensor output)
    {
        Graph.Nodes.Add(new Node { Operator = op, Options = options, Inputs = inputs, Outputs = [output], Origin = Graph.Nodes.Count });
        _current = output;
    }

    private Tensor Measured(string name, int[] shape, float[] values)
    {
        Tensor tensor = Activation(name, shape);
        _activations.Add((tensor, values));
        return tensor;
    }

    private Tensor Activation(string name, int[] shape) => new() { Name = name + _named, Type = TfliteType.FLOAT32, Shape = shape };

    private Tensor Bias(WeightedLayer layer) => Constant("bias", [layer.Outputs], layer.Bias.Value);

    private Tensor Constant(string name, int[] shape, float[] values) =>
        new() { Name = name + _named, Type = TfliteType.FLOAT32, Shape = shape, Data = MemoryMarshal.AsBytes(values.AsSpan()).ToArray() };

    /// <summary>Weights [output][input], as the operators want them.</summary>
    private static float[] ByOutput(WeightedLayer layer)
    {
        float[] turned = new float[layer.Weights.Value.Length];
        for (int i = 0; i < turned.Length; i++)
            turned[i % layer.Outputs * layer.FanIn + i / layer.Outputs] = layer.Weights.Value[i];
        return turned;
    }
}

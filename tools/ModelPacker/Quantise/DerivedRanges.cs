using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// Ranges of the values that a quantised model leaves in float between its integers, where they follow from the ranges
/// that it gives: of functions of one value, sums, differences, products and picks. What is a sum of many products does
/// not: its bound says nothing of what happens, and only data tell.
/// </summary>
public sealed class DerivedRanges(Graph graph)
{
    private readonly Dictionary<Tensor, ValueRange?> _known = [];

    /// <summary>Tensors that were asked for and whose range does not follow.</summary>
    public List<Tensor> Unknown { get; } = [];

    /// <summary>The range of a tensor; where it does not follow, the tensor is noted and the range means nothing.</summary>
    public ValueRange Of(Tensor tensor)
    {
        if (Find(tensor) is { } range) return range;
        if (!Unknown.Contains(tensor)) Unknown.Add(tensor);
        return new ValueRange(-1, 1);
    }

    private ValueRange? Find(Tensor tensor)
    {
        if (_known.TryGetValue(tensor, out ValueRange? known)) return known;
        _known[tensor] = null;
        return _known[tensor] = Derive(tensor);
    }

    private ValueRange? Derive(Tensor tensor)
    {
        if (tensor.IsConstant) return ValueRange.Of(RealNumbers.Of(tensor));
        if (tensor is { Type: TfliteType.INT8, Quantisation: { IsPerChannel: false } q }) return new ValueRange(q.Scale * (-128 - q.ZeroPoint), q.Scale * (127 - q.ZeroPoint));
        if (graph.Producer(tensor) is not { } node || node.Inputs.Count == 0) return null;
        ValueRange? range = ScalarFunctions.Of(node) is { } function ? Through(node.Input(), function) : FromInputs(node);
        return range is { } found ? Clamped(node, found) : Fixed(node);
    }

    /// <summary>Ends of the function over its input's range, looked for at many points.</summary>
    private ValueRange? Through(Tensor input, Func<float, float> function)
    {
        if (Find(input) is not { } x) return null;
        float[] values = [.. Enumerable.Range(0, 1025).Select(i => function(x.Min + (x.Max - x.Min) * i / 1024)).Where(float.IsFinite)];
        return values.Length == 0 ? null : ValueRange.Of(values);
    }

    private ValueRange? FromInputs(Node node)
    {
        switch (node.Operator)
        {
            case BuiltinOperator.ADD when Two(node) is var (a, b): return new ValueRange(a.Min + b.Min, a.Max + b.Max);
            case BuiltinOperator.SUB when Two(node) is var (a, b): return new ValueRange(a.Min - b.Max, a.Max - b.Min);
            case BuiltinOperator.MUL when Two(node) is var (a, b): return ValueRange.Of([a.Min * b.Min, a.Min * b.Max, a.Max * b.Min, a.Max * b.Max]);
            case BuiltinOperator.MAXIMUM when Two(node) is var (a, b): return new ValueRange(Math.Max(a.Min, b.Min), Math.Max(a.Max, b.Max));
            case BuiltinOperator.MINIMUM when Two(node) is var (a, b): return new ValueRange(Math.Min(a.Min, b.Min), Math.Min(a.Max, b.Max));
            case BuiltinOperator.CONCATENATION or BuiltinOperator.PACK:
                ValueRange?[] parts = [.. node.Inputs.Select(t => Find(t!))];
                return parts.Contains(null) ? null : parts.Select(p => p!.Value).Aggregate((a, b) => a.Union(b));
            case BuiltinOperator.MEAN or BuiltinOperator.REDUCE_MAX or BuiltinOperator.REDUCE_MIN or BuiltinOperator.AVERAGE_POOL_2D or BuiltinOperator.MAX_POOL_2D
                or BuiltinOperator.RESHAPE or BuiltinOperator.TRANSPOSE or BuiltinOperator.SLICE or BuiltinOperator.STRIDED_SLICE or BuiltinOperator.GATHER
                or BuiltinOperator.SPLIT_V or BuiltinOperator.DEQUANTIZE or BuiltinOperator.QUANTIZE or BuiltinOperator.TILE or BuiltinOperator.BROADCAST_TO
                or BuiltinOperator.DEPTH_TO_SPACE or BuiltinOperator.SPACE_TO_DEPTH or BuiltinOperator.RESIZE_NEAREST_NEIGHBOR or BuiltinOperator.RESIZE_BILINEAR:
                return Find(node.Input());
            case BuiltinOperator.PAD:
                return Find(node.Input()) is { } inner ? inner.Union(default) : null;
            default:
                return null;
        }
    }

    private (ValueRange A, ValueRange B)? Two(Node node) =>
        node.Inputs is [{ } a, { } b] && Find(a) is { } first && Find(b) is { } second ? (first, second) : null;

    /// <summary>Ranges that a fused activation gives whatever is computed before it.</summary>
    private static ValueRange? Fixed(Node node) => Activation(node) switch
    {
        TfliteActivation.RELU6 => new ValueRange(0, 6),
        TfliteActivation.RELU_N1_TO_1 => new ValueRange(-1, 1),
        _ => node.Operator switch
        {
            BuiltinOperator.RELU6 => new ValueRange(0, 6),
            BuiltinOperator.RELU_N1_TO_1 => new ValueRange(-1, 1),
            BuiltinOperator.LOGISTIC or BuiltinOperator.SOFTMAX => new ValueRange(0, 1),
            BuiltinOperator.TANH or BuiltinOperator.L2_NORMALIZATION => new ValueRange(-1, 1),
            BuiltinOperator.CUSTOM when node.Options is FunctionOptions { Function: ScalarFunction.Clip } clip && float.IsFinite(clip.Alpha) && float.IsFinite(clip.Beta)
                => new ValueRange(clip.Alpha, clip.Beta),
            BuiltinOperator.CUSTOM when node.Options is FunctionOptions { Function: ScalarFunction.HardSigmoid } => new ValueRange(0, 1),
            BuiltinOperator.CUSTOM when node.Options is CausalSoftmaxOptions => new ValueRange(0, 1),
            _ => null,
        },
    };

    private static ValueRange Clamped(Node node, ValueRange range) => Activation(node) switch
    {
        TfliteActivation.RELU => new ValueRange(Math.Max(0, range.Min), Math.Max(0, range.Max)),
        TfliteActivation.RELU6 => new ValueRange(Math.Clamp(range.Min, 0, 6), Math.Clamp(range.Max, 0, 6)),
        TfliteActivation.RELU_N1_TO_1 => new ValueRange(Math.Clamp(range.Min, -1, 1), Math.Clamp(range.Max, -1, 1)),
        _ => range,
    };

    private static TfliteActivation Activation(Node node) => node.Options switch
    {
        AddOptions o => o.Activation,
        SubOptions o => o.Activation,
        MulOptions o => o.Activation,
        DivOptions o => o.Activation,
        Conv2DOptions o => o.Activation,
        DepthwiseConv2DOptions o => o.Activation,
        FullyConnectedOptions o => o.Activation,
        Pool2DOptions o => o.Activation,
        ConcatenationOptions o => o.Activation,
        _ => TfliteActivation.NONE,
    };
}

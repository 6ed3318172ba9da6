using System.Runtime.InteropServices;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>A random small float network as a .tflite file: convolutions, pools, branches, activations, a dense head; weights as initialisation scales them.</summary>
public sealed class RandomFloatModel
{
    private readonly Random _random;
    private readonly TfliteModelBuilder _builder = new();
    private readonly List<string> _names = [];
    private int[] _shape;
    private int _at;

    /// <summary>Makes the model of a seed.</summary>
    public RandomFloatModel(int seed)
    {
        _random = new Random(seed);
        InputShape = _shape = _random.Next(3) == 0 ? [1, _random.Next(4, 30)] : [1, _random.Next(5, 12), _random.Next(5, 12), _random.Next(1, 5)];
        int input = _at = _builder.AddTensor("input", TfliteType.FLOAT32, _shape);
        for (int i = _random.Next(2, 6); i > 0; i--)
        {
            if (_shape.Length == 4) AddImageLayer();
            else Dense(_random.Next(3, 20), (TfliteActivation)_random.Next(2));
        }

        if (_shape.Length == 4) Flatten();
        Dense(_random.Next(2, 8), TfliteActivation.NONE);
        if (_random.Next(2) == 0) Unary(BuiltinOperator.SOFTMAX, new SoftmaxOptions());
        File = TfliteWriter.Write(_builder.SetInputs(input).SetOutputs(_at).Build());
    }

    /// <summary>The file.</summary>
    public byte[] File { get; }

    /// <summary>Shape of the input.</summary>
    public int[] InputShape { get; }

    /// <summary>Its operators, for messages.</summary>
    public override string ToString() => string.Join(" ", _names);

    /// <summary>Inputs of normal distribution.</summary>
    public static float[][] Inputs(int[] shape, int cases, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, cases).Select(_ => Normal(random, shape.Aggregate(1, (a, b) => a * b), 1))];
    }

    private static float[] Normal(Random random, int count, double deviation) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    private void AddImageLayer()
    {
        switch (_random.Next(8))
        {
            case 0 or 1:
                Convolution(_random.Next(2, 9), _random.Next(1, 4), _random.Next(1, 3), (TfliteActivation)(_random.Next(2) * _random.Next(1, 4)));
                break;
            case 2:
                Depthwise(_random.Next(1, 4));
                break;
            case 3 when _shape[1] > 3 && _shape[2] > 3:
                BuiltinOperator pool = _random.Next(2) == 0 ? BuiltinOperator.MAX_POOL_2D : BuiltinOperator.AVERAGE_POOL_2D;
                Add(pool, [_at], [1, _shape[1] / 2, _shape[2] / 2, _shape[3]], new Pool2DOptions(TflitePadding.VALID, 2, 2, 2, 2));
                break;
            case 4:
                int skip = _at;
                Convolution(_shape[3], 3, 1, TfliteActivation.NONE);
                Add(_random.Next(2) == 0 ? BuiltinOperator.ADD : BuiltinOperator.SUB, [_at, skip], _shape, _names[^1] == "ADD" ? new AddOptions() : null);
                break;
            case 5:
                int left = _at;
                int[] shape = _shape;
                Convolution(_random.Next(1, 6), 1, 1, TfliteActivation.RELU);
                (int right, int channels) = (_at, _shape[3]);
                Add(BuiltinOperator.CONCATENATION, [left, right], [1, shape[1], shape[2], shape[3] + channels], new ConcatenationOptions(3));
                break;
            case 6:
                BuiltinOperator[] functions = [BuiltinOperator.LOGISTIC, BuiltinOperator.TANH, BuiltinOperator.HARD_SWISH, BuiltinOperator.GELU, BuiltinOperator.ELU, BuiltinOperator.RELU6];
                BuiltinOperator function = functions[_random.Next(functions.Length)];
                Unary(function, function == BuiltinOperator.GELU ? new GeluOptions() : null);
                break;
            default:
                int gate = _at;
                Unary(BuiltinOperator.LOGISTIC, null);
                Add(BuiltinOperator.MUL, [gate, _at], _shape, new MulOptions());
                break;
        }
    }

    private void Convolution(int outputs, int kernel, int stride, TfliteActivation activation)
    {
        int weights = Constant([outputs, kernel, kernel, _shape[3]], kernel * kernel * _shape[3]), bias = Constant([outputs], 100);
        int[] shape = [1, (_shape[1] + stride - 1) / stride, (_shape[2] + stride - 1) / stride, outputs];
        Add(BuiltinOperator.CONV_2D, [_at, weights, bias], shape, new Conv2DOptions(TflitePadding.SAME, stride, stride, activation));
    }

    private void Depthwise(int multiplier)
    {
        int weights = Constant([1, 3, 3, _shape[3] * multiplier], 9), bias = Constant([_shape[3] * multiplier], 100);
        Add(BuiltinOperator.DEPTHWISE_CONV_2D, [_at, weights, bias], [1, _shape[1], _shape[2], _shape[3] * multiplier], new DepthwiseConv2DOptions(TflitePadding.SAME, 1, 1, multiplier, TfliteActivation.RELU));
    }

    private void Dense(int outputs, TfliteActivation activation)
    {
        int weights = Constant([outputs, _shape[^1]], _shape[^1]), bias = Constant([outputs], 100);
        Add(BuiltinOperator.FULLY_CONNECTED, [_at, weights, bias], [1, outputs], new FullyConnectedOptions(activation));
    }

    private void Flatten()
    {
        int[] flat = [1, _shape[1] * _shape[2] * _shape[3]];
        int shape = _builder.AddConstant("shape", TfliteType.INT32, [2], flat);
        Add(BuiltinOperator.RESHAPE, [_at, shape], flat, new ReshapeOptions(flat));
    }

    private void Unary(BuiltinOperator op, TfliteOptions? options) => Add(op, [_at], _shape, options);

    private void Add(BuiltinOperator op, int[] inputs, int[] shape, TfliteOptions? options)
    {
        _names.Add(op.ToString());
        int output = _builder.AddTensor($"t{_names.Count}", TfliteType.FLOAT32, shape);
        _builder.AddOperator(op, inputs, [output], options);
        (_at, _shape) = (output, shape);
    }

    private int Constant(int[] shape, int fanIn) => _builder.AddTensor(
        "constant", TfliteType.FLOAT32, shape, data: MemoryMarshal.AsBytes<float>(Normal(_random, shape.Aggregate(1, (a, b) => a * b), Math.Sqrt(2.0 / fanIn))).ToArray());
}

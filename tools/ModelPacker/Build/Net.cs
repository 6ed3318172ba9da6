using System.Runtime.InteropServices;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Build;

/// <summary>
/// Builds float graphs layer by layer: each method adds nodes and returns their output. Weights come from a seed, in the
/// distributions with which frameworks begin training: Glorot and Bengio's (2010) for matrices, He's (2015) before rectifiers,
/// normal of deviation 0.02 for embeddings. The same calls with the same seed make the same weights. Trained weights can
/// take their place, in the order in which the same calls would draw them.
/// </summary>
public sealed partial class Net(string name, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Graph _graph = new() { Name = name };
    private readonly Dictionary<string, int> _names = [];
    private ReadOnlyMemory<float>? _trained;

    /// <summary>A builder whose weights are given, all tensors one behind the other, instead of drawn.</summary>
    public Net(string name, ReadOnlyMemory<float> weights)
        : this(name, 0) => _trained = weights;

    /// <summary>A float input of the model.</summary>
    public Tensor Input(string inputName, params int[] shape) => AddInput(inputName, TfliteType.FLOAT32, shape);

    /// <summary>An int32 input: ids or positions.</summary>
    public Tensor Ids(string inputName, params int[] shape) => AddInput(inputName, TfliteType.INT32, shape);

    /// <summary>An input of truth values, a byte each.</summary>
    public Tensor Mask(string inputName, params int[] shape) => AddInput(inputName, TfliteType.BOOL, shape);

    /// <summary>The graph with these outputs.</summary>
    public Graph Build(params Tensor[] outputs)
    {
        if (_trained is { IsEmpty: false } left) throw new InvalidOperationException($"{left.Length} weights more were given than the layers take.");
        _graph.Outputs.AddRange(outputs);
        return _graph;
    }

    /// <summary>A float constant.</summary>
    public Tensor Constant(string constantName, int[] shape, IEnumerable<double> values) => new()
    {
        Name = Name(constantName), Type = TfliteType.FLOAT32, Shape = shape, Data = MemoryMarshal.AsBytes<float>(values.Select(v => (float)v).ToArray()).ToArray(),
    };

    /// <summary>Normally distributed weights.</summary>
    public Tensor Normal(string constantName, double deviation, params int[] shape) => Weights(constantName, shape, () => deviation * Gauss());

    /// <summary>Weights of a matrix [outputs, inputs]: uniform with Glorot's deviation sqrt(2 / (inputs + outputs)).</summary>
    public Tensor Glorot(string constantName, int outputs, int inputs)
    {
        double limit = Math.Sqrt(6.0 / (inputs + outputs));
        return Weights(constantName, [outputs, inputs], () => limit * (2 * _random.NextDouble() - 1));
    }

    /// <summary>Adds a node and returns its output, a tensor of this shape: integers where data of the first input are and are only moved, else float.</summary>
    public Tensor Add(BuiltinOperator op, TfliteOptions? options, int[] shape, params Tensor?[] inputs)
    {
        string sort = options is BlockOptions block ? block.Code : op.ToString();
        var output = new Tensor { Name = Name(sort.ToLowerInvariant()), Type = inputs[0]!.Type, Shape = shape };
        Add(op, options, inputs, output);
        return output;
    }

    /// <summary>Adds a node of a building block and returns its output.</summary>
    public Tensor Add(BlockOptions options, int[] shape, params Tensor?[] inputs) => Add(BuiltinOperator.CUSTOM, options, shape, inputs);

    /// <summary>The next of the given weights, or drawn ones.</summary>
    private Tensor Weights(string constantName, int[] shape, Func<double> draw)
    {
        int count = Product(shape);
        if (_trained is not { } left) return Constant(constantName, shape, Enumerable.Range(0, count).Select(_ => draw()));
        if (left.Length < count) throw new ArgumentException($"The layers take more weights than were given: {constantName} is {count}, {left.Length} are left.");
        _trained = left[count..];
        return Constant(constantName, shape, left[..count].ToArray().Select(v => (double)v));
    }

    private Node Add(BuiltinOperator op, TfliteOptions? options, Tensor?[] inputs, params Tensor[] outputs)
    {
        var node = new Node
        {
            Operator = op, CustomCode = (options as BlockOptions)?.Code, Options = options, Inputs = [.. inputs], Outputs = [.. outputs], Origin = _graph.Nodes.Count,
        };
        _graph.Nodes.Add(node);
        return node;
    }

    private Tensor AddInput(string inputName, TfliteType type, int[] shape)
    {
        var tensor = new Tensor { Name = inputName, Type = type, Shape = shape };
        _graph.Inputs.Add(tensor);
        return tensor;
    }

    private Tensor Int32(params int[] values) => new()
    {
        Name = Name("constant"), Type = TfliteType.INT32, Shape = [values.Length], Data = MemoryMarshal.AsBytes<int>(values).ToArray(),
    };

    /// <summary>The next name of its sort: the same layers have the same names in a graph that moves fewer elements around them.</summary>
    private string Name(string what)
    {
        _names[what] = _names.GetValueOrDefault(what) + 1;
        return $"{what}_{_names[what]}";
    }

    private double Gauss() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private static int Product(int[] shape) => shape.Aggregate(1, (a, b) => a * b);
}

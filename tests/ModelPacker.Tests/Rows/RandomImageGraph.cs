using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Tests.Generated;
using TinyAI.ModelPacker.Tests.Operators;

namespace TinyAI.ModelPacker.Tests.Rows;

/// <summary>
/// Random networks over images or time series: convolutions, depthwise convolutions, poolings and dense layers, with
/// residual additions, concatenations, padding, slices, activations, softmax, reductions and attention between them.
/// </summary>
internal sealed class RandomImageGraph
{
    private readonly Random _random;
    private readonly RandomChain _chain;
    private readonly List<Tensor> _tensors = [];

    private RandomImageGraph(Random random)
    {
        _random = random;
        _chain = new RandomChain(random);
    }

    /// <summary>A lowered model of up to a dozen nodes.</summary>
    public static LoweredModel Make(int seed)
    {
        var made = new RandomImageGraph(new Random(seed));
        Random random = made._random;
        bool isLine = random.Next(4) == 0;
        int[] shape = [random.Next(12) == 0 ? 2 : 1, isLine ? 1 : random.Next(3, 24), isLine ? random.Next(20, 90) : random.Next(3, 14), random.Next(1, 6)];
        Tensor input = made._chain.Activation("x", shape);
        made._chain.Graph.Inputs.Add(input);
        made._tensors.Add(input);
        for (int i = random.Next(2, 12); i > 0; i--) made.Add(i);
        Graph graph = made._chain.Graph;
        foreach (Tensor tensor in made._tensors.Where(t => t != input && (!graph.Nodes.Any(n => n.Inputs.Contains(t)) || random.Next(15) == 0))) graph.Outputs.Add(tensor);
        Assert.Empty(OperatorTable.Check(graph));
        return Lowering.Run(graph);
    }

    private void Add(int index)
    {
        Tensor x = _random.Next(4) == 0 ? _tensors[_random.Next(_tensors.Count)] : _tensors[^1];
        int[] shape = x.Shape;
        Tensor[] same = [.. _tensors.Where(t => t.Shape.AsSpan().SequenceEqual(shape))];
        Tensor? y = _random.Next(13) switch
        {
            < 4 => _chain.Next(x, index),
            4 or 5 => Node(BuiltinOperator.ADD, new AddOptions(), _chain.Activation($"sum{index}", shape), x, same[_random.Next(same.Length)]),
            6 => Like(BuiltinOperator.RELU, null, x, shape, x),
            7 => Join(x, index),
            8 => Pad(x),
            9 => Slice(x),
            10 => _random.Next(2) == 0 ? Mean(x, index) : Whole(x),
            11 => Node(BuiltinOperator.SOFTMAX, new SoftmaxOptions(1), SingleNode.Activation($"softmax{index}", shape, 1 / 256f, -128), x),
            _ => Attention(x, index),
        };
        if (y is not null && y.Count <= 4000 && !_tensors.Contains(y)) _tensors.Add(y);
    }

    private Tensor Join(Tensor x, int index)
    {
        Tensor other = Like(BuiltinOperator.RELU, null, x, x.Shape, x);
        int axis = _random.Next(1, 4);
        int[] shape = [.. x.Shape];
        shape[axis] *= 2;
        return Like(BuiltinOperator.CONCATENATION, new ConcatenationOptions(axis), x, shape, _random.Next(2) == 0 ? [x, other] : [other, x]);
    }

    private Tensor Pad(Tensor x)
    {
        int[] pads = [0, 0, _random.Next(3), _random.Next(3), _random.Next(3), _random.Next(3), 0, 0];
        var amounts = new Tensor { Name = "pads", Type = TfliteType.INT32, Shape = [4, 2], Data = SingleNode.Int32("pads", pads).Data };
        return Like(BuiltinOperator.PAD, null, x, [.. x.Shape.Select((n, d) => n + pads[2 * d] + pads[2 * d + 1])], x, amounts);
    }

    private Tensor Slice(Tensor x)
    {
        int[] begin = [0, .. x.Shape[1..].Select(n => _random.Next(3) == 0 ? _random.Next(n) : 0)];
        int[] size = [x.Shape[0], .. x.Shape[1..].Select((n, d) => _random.Next(1, n - begin[d + 1] + 1))];
        return Like(BuiltinOperator.SLICE, null, x, size, x, SingleNode.Int32("begin", begin), SingleNode.Int32("size", size));
    }

    private Tensor Mean(Tensor x, int index)
    {
        int[] axes = _random.Next(3) switch { 0 => [3], 1 => [1], _ => [1, 2] };
        int[] shape = [.. x.Shape.Select((n, d) => axes.Contains(d) ? 1 : n)];
        return Node(
            _random.Next(3) == 0 ? BuiltinOperator.SUM : BuiltinOperator.MEAN, new ReducerOptions(true), _chain.Activation($"mean{index}", shape), x,
            SingleNode.Int32("axes", axes));
    }

    private Tensor Whole(Tensor x) => Like(
        BuiltinOperator.AVERAGE_POOL_2D, new Pool2DOptions(TflitePadding.VALID, 1, 1, x.Shape[2], x.Shape[1], TfliteActivation.NONE), x,
        [x.Shape[0], 1, 1, x.Shape[3]], x);

    /// <summary>Scores of all rows against all rows of the last two dimensions, softmax, weighted sums.</summary>
    private Tensor Attention(Tensor x, int index)
    {
        int[] scores = [x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[2]];
        Tensor key = _chain.Activation($"key{index}", x.Shape);
        Node(BuiltinOperator.ADD, new AddOptions(), key, x, x);
        Tensor product = Node(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(false, true), _chain.Activation($"scores{index}", scores), x, key);
        Tensor shares = Node(BuiltinOperator.SOFTMAX, new SoftmaxOptions(1), SingleNode.Activation($"shares{index}", scores, 1 / 256f, -128), product);
        return Node(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(false, false), _chain.Activation($"mixed{index}", x.Shape), shares, x);
    }

    private Tensor Like(BuiltinOperator op, TfliteOptions? options, Tensor x, int[] shape, params Tensor[] inputs) => Node(
        op, options, new Tensor { Name = $"{op}{_chain.Graph.Nodes.Count}", Type = TfliteType.INT8, Quantisation = x.Quantisation, Shape = shape }, inputs);

    private Tensor Node(BuiltinOperator op, TfliteOptions? options, Tensor output, params Tensor[] inputs)
    {
        _chain.Graph.Nodes.Add(new Node { Operator = op, Options = options, Inputs = [.. inputs], Outputs = [output], Origin = _chain.Graph.Nodes.Count });
        return output;
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>Adds nodes to the graph that is being made; every tensor gets the name of the model's value that it is made for.</summary>
internal sealed class GraphWriter(Graph graph)
{
    /// <summary>Index of the model's node that is being imported.</summary>
    public int Origin { get; set; }

    /// <summary>Name for the tensors that are added.</summary>
    public string Name { get; set; } = "";

    /// <summary>Adds a node of one output.</summary>
    public Tensor Add(BuiltinOperator op, TfliteOptions? options, TfliteType type, int[] shape, params Tensor?[] inputs)
    {
        var output = new Tensor { Name = Name, Type = type, Shape = shape };
        AddNode(op, options, inputs, [output]);
        return output;
    }

    /// <summary>Adds a node whose output has the type, mapping and shape of its first input.</summary>
    public Tensor Like(BuiltinOperator op, TfliteOptions? options, Tensor input, params Tensor?[] others) => Like(op, options, input.Shape, input, others);

    /// <summary>Adds a node whose output has the type and mapping of its first input, and a shape of its own.</summary>
    public Tensor Like(BuiltinOperator op, TfliteOptions? options, int[] shape, Tensor input, params Tensor?[] others)
    {
        var output = new Tensor { Name = Name, Type = input.Type, Shape = shape, Quantisation = input.Quantisation };
        AddNode(op, options, [input, .. others], [output]);
        return output;
    }

    /// <summary>Adds a node of a block that TensorFlow Lite has no operator for.</summary>
    public Tensor Block(BlockOptions options, int[] shape, params Tensor?[] inputs) => Blocks(options, inputs, shape)[0];

    /// <summary>Adds a block of several outputs.</summary>
    public Tensor[] Blocks(BlockOptions options, Tensor?[] inputs, params int[][] shapes)
    {
        Tensor[] outputs = [.. shapes.Select(s => new Tensor { Name = Name, Type = TfliteType.FLOAT32, Shape = s })];
        graph.Nodes.Add(new Node { Operator = BuiltinOperator.CUSTOM, CustomCode = options.Code, Options = options, Inputs = [.. inputs], Outputs = [.. outputs], Origin = Origin });
        return outputs;
    }

    /// <summary>Adds a node with outputs that exist.</summary>
    public void AddNode(BuiltinOperator op, TfliteOptions? options, IEnumerable<Tensor?> inputs, IEnumerable<Tensor> outputs) =>
        graph.Nodes.Add(new Node { Operator = op, Options = options, Inputs = [.. inputs], Outputs = [.. outputs], Origin = Origin });

    /// <summary>The same elements in another shape.</summary>
    public Tensor Reshape(Tensor input, params int[] shape) =>
        input.Shape.AsSpan().SequenceEqual(shape) ? input : Like(BuiltinOperator.RESHAPE, new ReshapeOptions(shape), shape, input);

    /// <summary>Dimension i of the result is dimension permutation[i] of the input.</summary>
    public Tensor Transpose(Tensor input, params int[] permutation)
    {
        if (permutation.Select((p, i) => p == i).All(same => same)) return input;
        return Like(BuiltinOperator.TRANSPOSE, null, [.. permutation.Select(p => input.Shape[p])], input, Ints(permutation));
    }

    /// <summary>A constant in the graph.</summary>
    public Tensor Constant(OnnxConstant constant) =>
        new() { Name = Name, Type = constant.Type.ToGraph(), Shape = constant.Shape, Data = constant.ToGraphBytes() };

    /// <summary>A list of int32.</summary>
    public Tensor Ints(params int[] values) => Constant(new OnnxConstant(OnnxType.Int32, [values.Length], [.. values.Select(v => (double)v)]));

    /// <summary>A single float.</summary>
    public Tensor Real(double value) => Constant(new OnnxConstant(OnnxType.Float, [], [value]));

    /// <summary>Floats in a shape.</summary>
    public Tensor Reals(int[] shape, IEnumerable<double> values) => Constant(new OnnxConstant(OnnxType.Float, shape, [.. values]));

    /// <summary>Element by element, the shapes broadcast against each other.</summary>
    public Tensor Binary(BuiltinOperator op, Tensor a, Tensor b, TfliteType? type = null)
    {
        int[] shape = Shapes.Broadcast(a.Shape, b.Shape) ?? throw new OnnxRefusal($"has operands [{string.Join(',', a.Shape)}] and [{string.Join(',', b.Shape)}], which cannot be brought to one shape.");
        TfliteOptions? options = op switch
        {
            BuiltinOperator.ADD => new AddOptions(),
            BuiltinOperator.SUB => new SubOptions(),
            BuiltinOperator.MUL => new MulOptions(),
            BuiltinOperator.DIV => new DivOptions(),
            _ => null,
        };
        return Add(op, options, type ?? a.Type, shape, a, b);
    }

    /// <summary>
    /// Integers that stand for weights, as a constant of real numbers that remembers its grid. A grid that int8 cannot hold
    /// (asymmetric bytes) is forgotten: the quantiser makes a new one from the numbers.
    /// </summary>
    public Tensor Dequantised(QuantisedConstant constant)
    {
        Tensor stored = Constant(constant.Real());
        bool unsigned = constant.Integers.Type == OnnxType.UInt8;
        long[] zeros = unsigned ? [.. constant.ZeroPoints.Select(z => z - 128)] : constant.ZeroPoints;
        stored.Quantisation = new Quantisation(constant.Scales, zeros, constant.Axis);
        return stored;
    }
}

using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>A model of one operator on random data, packed and run by the device's code.</summary>
public sealed class OneOperator(BuiltinOperator op, TfliteOptions? options, int seed, TfliteType type = TfliteType.INT8)
{
    private readonly TfliteModelBuilder _builder = new();
    private readonly List<int> _operands = [];
    private readonly List<int> _inputs = [];
    private readonly List<int> _outputs = [];
    private readonly List<int[]> _shapes = [];
    private readonly List<Elements> _data = [];
    private readonly Random _random = new(seed);

    /// <summary>Bytes of an element.</summary>
    public int Width => type switch { TfliteType.INT16 => 2, TfliteType.INT32 => 4, _ => 1 };

    /// <summary>The zero point of every tensor.</summary>
    public int ZeroPoint => type == TfliteType.INT8 ? 3 : 0;

    /// <summary>Adds an input of the model with random elements.</summary>
    public Elements Input(params int[] shape)
    {
        _operands.Add(Tensor($"input{_inputs.Count}", shape));
        _inputs.Add(_operands[^1]);
        var bytes = new byte[shape.Aggregate(Width, (a, b) => a * b)];
        _random.NextBytes(bytes);
        _data.Add(new Elements(shape, Width, bytes));
        return _data[^1];
    }

    /// <summary>Adds a constant operand of int32.</summary>
    public void Constant(int[] shape, params int[] values) =>
        _operands.Add(_builder.AddConstant($"constant{_operands.Count}", TfliteType.INT32, shape, values));

    /// <summary>Adds a constant operand of the operator's own type and scale with one value.</summary>
    public void Scalar(int value) =>
        _operands.Add(_builder.AddTensor("value", type, [], Scale, ZeroPoint, [.. Enumerable.Range(0, Width).Select(i => (byte)(value >> (8 * i)))]));

    /// <summary>Adds an output.</summary>
    public void Output(params int[] shape)
    {
        _outputs.Add(Tensor($"output{_outputs.Count}", shape));
        _shapes.Add(shape);
    }

    /// <summary>The packed model.</summary>
    public PackResult Pack()
    {
        if (_builder.Build().Subgraphs[0].Operators.Count == 0) _builder.AddOperator(op, [.. _operands], [.. _outputs], options);
        _builder.SetInputs([.. _inputs]).SetOutputs([.. _outputs]);
        return Packer.Pack(TfliteWriter.Write(_builder.Build()), "one");
    }

    /// <summary>Packs and runs; one tensor per output.</summary>
    public Elements[] Run()
    {
        byte[][] outputs = new ModelRunner(Pack().Pack).Run([.. _data.Select(d => d.Data)]);
        return [.. outputs.Select((o, i) => new Elements(_shapes[i], Width, o))];
    }

    /// <summary>Runs and compares the only output, element by element.</summary>
    public void Expect(Func<int[], long> element)
    {
        Elements actual = Run().Single();
        Assert.Equal(Elements.Make(actual.Shape, Width, element).Data, actual.Data);
    }

    private const float Scale = 0.5f;

    private int Tensor(string name, int[] shape) => type == TfliteType.INT32
        ? _builder.AddTensor(name, type, shape)
        : _builder.AddTensor(name, type, shape, Scale, ZeroPoint);
}

using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>What a converter of one operator works with: the node's inputs, attributes and the graph it writes to.</summary>
internal sealed class OnnxNodeContext(OnnxNode node, OnnxValue?[] inputs, GraphWriter writer, OnnxImport import, OnnxScope scope)
{
    /// <summary>The node in the model.</summary>
    public OnnxNode Node => node;

    /// <summary>Adds to the graph.</summary>
    public GraphWriter Write => writer;

    /// <summary>The import as a whole, for operators that have a body.</summary>
    public OnnxImport Import => import;

    /// <summary>The values that the node's graph knows.</summary>
    public OnnxScope Scope => scope;

    /// <summary>Version of ONNX's own operator set.</summary>
    public long Opset => import.Opset;

    /// <summary>The values that the node gives, one for each output that it names; a converter sets them.</summary>
    public OnnxValue?[] Results { get; } = new OnnxValue?[node.Outputs.Count];

    /// <summary>Number of inputs that the node lists.</summary>
    public int InputCount => inputs.Length;

    /// <summary>An input, or null where it is left out.</summary>
    public OnnxValue? Optional(int index) => index < inputs.Length ? inputs[index] : null;

    /// <summary>An input that must be there.</summary>
    public OnnxValue In(int index) => Optional(index) ?? throw new OnnxRefusal($"lacks its input {index}.");

    /// <summary>The elements of an input that must be known while importing.</summary>
    public OnnxConstant Known(int index, string what) =>
        In(index).Constant ?? throw new OnnxRefusal($"takes {what} from a computed value ({In(index).Name}), which must be known before it runs: export the model with it fixed.");

    /// <summary>The elements of an input, or null where it is left out.</summary>
    public OnnxConstant? KnownOrNull(int index, string what) => Optional(index) is null ? null : Known(index, what);

    /// <summary>An input as a tensor of the graph.</summary>
    public Tensor Tensor(int index) => Tensor(In(index));

    /// <summary>A value as a tensor of the graph; constants are made when they are first needed.</summary>
    public Tensor Tensor(OnnxValue value)
    {
        if (value.Dynamic is not null) throw new OnnxRefusal($"uses the dynamically quantised {value.Name} in a way that is not known: quantise the model statically, or give the float model to `quantize`.");
        return value.Tensor ??= value.Quantised is { } quantised ? writer.Dequantised(quantised)
            : new Tensor { Name = value.Name, Type = value.Constant!.Type.ToGraph(), Shape = value.Shape, Data = value.Constant.ToGraphBytes() };
    }

    /// <summary>Sets a result from a tensor of the graph.</summary>
    public void Result(Tensor tensor, int index = 0, OnnxType? type = null)
    {
        if (index < Results.Length) Results[index] = new OnnxValue { Name = node.Outputs[index], Type = type ?? In(0).Type, Shape = tensor.Shape, Tensor = tensor };
    }

    /// <summary>Sets a result that is known while importing.</summary>
    public void Result(OnnxConstant constant, int index = 0)
    {
        if (index < Results.Length) Results[index] = new OnnxValue { Name = node.Outputs[index], Type = constant.Type, Shape = constant.Shape, Constant = constant };
    }

    /// <summary>Sets a result of integers that stand for real numbers, known while importing.</summary>
    public void Result(QuantisedConstant constant)
    {
        OnnxConstant real = constant.Real();
        Results[0] = new OnnxValue { Name = node.Outputs[0], Type = OnnxType.Float, Shape = real.Shape, Constant = real, Quantised = constant };
    }

    /// <summary>Converts another operator of ONNX in this one's place, with attributes of its own, and gives its first result.</summary>
    public OnnxValue Call(string op, OnnxValue?[] values, params (string Name, object Value)[] attributes)
    {
        var given = attributes.ToDictionary(a => a.Name, a => a.Value switch
        {
            long number => new OnnxAttribute(a.Name) { Int = number },
            float number => new OnnxAttribute(a.Name) { Float = number },
            string text => new OnnxAttribute(a.Name) { Text = text },
            long[] numbers => new OnnxAttribute(a.Name) { Ints = numbers },
            _ => throw new ArgumentException(a.Name),
        });
        return Call(new OnnxNode(node.Name, "", op, [], [node.Outputs.FirstOrDefault() ?? ""], given), values)[0]!;
    }

    /// <summary>Converts another node in this one's place.</summary>
    public OnnxValue?[] Call(OnnxNode other, OnnxValue?[] values)
    {
        var context = new OnnxNodeContext(other, values, writer, import, scope);
        if (!ConstantFolding.Fold(context)) Operators.OnnxOperatorTable.Find(other)!(context);
        return context.Results;
    }

    /// <summary>A value for a tensor that has been made on the way.</summary>
    public OnnxValue Value(Tensor tensor, OnnxType type = OnnxType.Float) => new() { Name = tensor.Name, Type = type, Shape = tensor.Shape, Tensor = tensor };

    /// <summary>A value that is known.</summary>
    public OnnxValue Value(OnnxConstant constant) => new() { Name = writer.Name, Type = constant.Type, Shape = constant.Shape, Constant = constant };

    /// <summary>Sets a result to a value that has another name.</summary>
    public void Result(OnnxValue value, int index = 0)
    {
        if (index < Results.Length) Results[index] = value;
    }

    /// <summary>Whether the model asks for an output.</summary>
    public bool Wants(int output) => output < node.Outputs.Count && node.Outputs[output].Length > 0;

    /// <summary>Whether the attribute is there.</summary>
    public bool Has(string name) => node.Attributes.ContainsKey(name);

    /// <summary>An integer attribute.</summary>
    public long Int(string name, long otherwise) => node.Attributes.GetValueOrDefault(name)?.Int ?? otherwise;

    /// <summary>A number.</summary>
    public float Float(string name, float otherwise) => node.Attributes.GetValueOrDefault(name)?.Float ?? otherwise;

    /// <summary>A string.</summary>
    public string Text(string name, string otherwise) => node.Attributes.GetValueOrDefault(name)?.Text ?? otherwise;

    /// <summary>A list of integers, or null where it is not there.</summary>
    public long[]? Ints(string name) => node.Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Ints : null;

    /// <summary>Axes from an attribute or, in newer operator sets, an input; null where neither is there.</summary>
    public long[]? AxesAt(int input) => Ints("axes") ?? KnownOrNull(input, "its axes")?.Integers();

    /// <summary>An input with at least this many dimensions.</summary>
    public OnnxValue OfRank(int index, int least, int most = 8)
    {
        OnnxValue value = In(index);
        if (value.Shape.Length >= least && value.Shape.Length <= most) return value;
        string wanted = least == most ? $"{least}" : $"{least} to {most}";
        throw new OnnxRefusal($"has an input {value.Name} of shape [{string.Join(',', value.Shape)}], but {wanted} dimensions are possible.");
    }
}

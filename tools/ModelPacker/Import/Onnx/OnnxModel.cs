namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>What an ONNX file holds of what the importer needs: the operator sets and the graph.</summary>
public sealed record OnnxModel(IReadOnlyDictionary<string, long> Opsets, OnnxGraph Graph, bool HasFunctions);

/// <summary>A graph, or the body of a loop: nodes in an order in which they can run.</summary>
public sealed record OnnxGraph(
    string Name, IReadOnlyList<OnnxNode> Nodes, IReadOnlyList<OnnxTensor> Initialisers,
    IReadOnlyList<OnnxValueInfo> Inputs, IReadOnlyList<OnnxValueInfo> Outputs, bool HasSparse);

/// <summary>An operator; the domain is empty for ONNX's own, an empty input name an input that is left out.</summary>
public sealed record OnnxNode(
    string Name, string Domain, string OpType, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs,
    IReadOnlyDictionary<string, OnnxAttribute> Attributes);

/// <summary>An attribute; only the field that its kind names is set.</summary>
public sealed record OnnxAttribute(string Name)
{
    /// <summary>A single number.</summary>
    public float? Float { get; init; }

    /// <summary>A single integer.</summary>
    public long? Int { get; init; }

    /// <summary>A string.</summary>
    public string? Text { get; init; }

    /// <summary>A tensor.</summary>
    public OnnxTensor? Tensor { get; init; }

    /// <summary>The body of a loop or branch.</summary>
    public OnnxGraph? Graph { get; init; }

    /// <summary>A list of numbers.</summary>
    public float[] Floats { get; init; } = [];

    /// <summary>A list of integers.</summary>
    public long[] Ints { get; init; } = [];

    /// <summary>A list of strings.</summary>
    public string[] Texts { get; init; } = [];
}

/// <summary>A stored tensor: its elements stand in one of the fields, or in a file beside the model.</summary>
public sealed record OnnxTensor(string Name, int ElementType, long[] Dimensions)
{
    /// <summary>Elements as little-endian bytes, or null where another field holds them.</summary>
    public byte[]? Raw { get; init; }

    /// <summary>Elements of float.</summary>
    public float[] Floats { get; init; } = [];

    /// <summary>Elements of double.</summary>
    public double[] Doubles { get; init; } = [];

    /// <summary>Elements of every integer type and of the half-width floats' bits.</summary>
    public long[] Integers { get; init; } = [];

    /// <summary>Whether the elements stand in a file beside the model, and where.</summary>
    public IReadOnlyDictionary<string, string>? External { get; init; }
}

/// <summary>The declaration of a value; the dimensions are null where the rank is not known.</summary>
public sealed record OnnxValueInfo(string Name, int ElementType, IReadOnlyList<OnnxDimension>? Dimensions);

/// <summary>A dimension: a size, or the name of one that is known later, or neither.</summary>
public sealed record OnnxDimension(long? Size, string Parameter);

namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>
/// A .tflite file (schema version 3) as plain objects. What <see cref="TfliteReader"/> returns has been checked: every index
/// points at something that exists and every constant holds exactly the bytes its shape and type ask for.
/// </summary>
public sealed class TfliteModel
{
    /// <summary>Schema version; 3 is the only one in use.</summary>
    public int Version { get; set; } = 3;

    /// <summary>Free text, usually the name of the converter.</summary>
    public string? Description { get; set; }

    /// <summary>Operators the graph uses, referred to by index.</summary>
    public List<TfliteOperatorCode> OperatorCodes { get; init; } = [];

    /// <summary>Graphs; the first is the one a model runs, the others are called by it.</summary>
    public List<TfliteSubgraph> Subgraphs { get; init; } = [];

    /// <summary>Constant data, referred to by index. Buffer 0 is empty by convention. Read models share the file's memory.</summary>
    public List<ReadOnlyMemory<byte>> Buffers { get; init; } = [];

    /// <summary>Named buffers that no tensor needs.</summary>
    public List<TfliteMetadata> Metadata { get; init; } = [];

    /// <summary>Named entry points, empty in most small models.</summary>
    public List<TfliteSignature> Signatures { get; init; } = [];

    /// <summary>The bytes behind a tensor, empty where the tensor is not a constant.</summary>
    public ReadOnlyMemory<byte> DataOf(TfliteTensor tensor) => Buffers[tensor.Buffer];

    /// <summary>Whether a tensor's content is in the file.</summary>
    public bool IsConstant(TfliteTensor tensor) => Buffers[tensor.Buffer].Length > 0;

    /// <summary>What an operator does.</summary>
    public TfliteOperatorCode CodeOf(TfliteOperator op) => OperatorCodes[op.OpcodeIndex];
}

/// <summary>A named buffer.</summary>
public sealed class TfliteMetadata
{
    /// <summary>What the buffer is for.</summary>
    public string Name { get; set; } = "";

    /// <summary>Index into <see cref="TfliteModel.Buffers"/>.</summary>
    public int Buffer { get; set; }
}

/// <summary>A named entry point: aliases for the inputs and outputs of one subgraph.</summary>
public sealed class TfliteSignature
{
    /// <summary>Name of the entry point.</summary>
    public string Key { get; set; } = "";

    /// <summary>Which subgraph it runs.</summary>
    public int SubgraphIndex { get; set; }

    /// <summary>Aliases of inputs.</summary>
    public List<TfliteTensorMap> Inputs { get; init; } = [];

    /// <summary>Aliases of outputs.</summary>
    public List<TfliteTensorMap> Outputs { get; init; } = [];
}

/// <summary>An alias of one tensor.</summary>
public sealed class TfliteTensorMap
{
    /// <summary>The alias.</summary>
    public string Name { get; set; } = "";

    /// <summary>Index into the subgraph's tensors.</summary>
    public int TensorIndex { get; set; }
}

/// <summary>One graph: tensors and the operators over them, in execution order.</summary>
public sealed class TfliteSubgraph
{
    /// <summary>Name, often empty.</summary>
    public string? Name { get; set; }

    /// <summary>Every tensor of the graph.</summary>
    public List<TfliteTensor> Tensors { get; init; } = [];

    /// <summary>Indices of the tensors the caller fills.</summary>
    public int[] Inputs { get; set; } = [];

    /// <summary>Indices of the tensors the caller reads.</summary>
    public int[] Outputs { get; set; } = [];

    /// <summary>Operators in execution order.</summary>
    public List<TfliteOperator> Operators { get; init; } = [];
}

/// <summary>One tensor.</summary>
public sealed class TfliteTensor
{
    /// <summary>Name given by the converter, possibly empty.</summary>
    public string Name { get; set; } = "";

    /// <summary>Element type.</summary>
    public TfliteType Type { get; set; }

    /// <summary>Dimensions; empty for a scalar.</summary>
    public int[] Shape { get; set; } = [];

    /// <summary>Dimensions with -1 where they may vary, or null where the file does not say.</summary>
    public int[]? ShapeSignature { get; set; }

    /// <summary>Index into <see cref="TfliteModel.Buffers"/>; an empty buffer means the tensor is not a constant.</summary>
    public int Buffer { get; set; }

    /// <summary>Quantisation, or null.</summary>
    public TfliteQuantization? Quantization { get; set; }

    /// <summary>Whether the content survives from one run to the next.</summary>
    public bool IsVariable { get; set; }

    /// <summary>Whether an empty <see cref="Shape"/> says "a scalar" rather than "unknown".</summary>
    public bool HasRank { get; set; }

    /// <summary>Whether the data is stored sparse. The sparsity itself is not read: such a tensor can only be refused.</summary>
    public bool HasSparsity { get; set; }

    /// <summary>
    /// Dimension that several scales run along. A vector has only one, whatever the file says: converters copy the dimension
    /// of depthwise weights (3) to their biases.
    /// </summary>
    public int QuantizedAxis => Shape.Length == 1 ? 0 : Quantization?.QuantizedDimension ?? 0;

    /// <summary>Number of elements the shape describes.</summary>
    public long ElementCount
    {
        get
        {
            long count = 1;
            foreach (int dimension in Shape) count = checked(count * dimension);
            return count;
        }
    }
}

/// <summary>How integers of a tensor map to real numbers: real = scale * (integer - zero point).</summary>
public sealed class TfliteQuantization
{
    /// <summary>Smallest real value seen by the converter, usually absent.</summary>
    public float[] Min { get; set; } = [];

    /// <summary>Largest real value seen by the converter, usually absent.</summary>
    public float[] Max { get; set; } = [];

    /// <summary>One scale for the tensor or one per slice along <see cref="QuantizedDimension"/>; empty when not quantised.</summary>
    public float[] Scale { get; set; } = [];

    /// <summary>As many zero points as scales, or one for all of them, or none (then they are all 0).</summary>
    public long[] ZeroPoint { get; set; } = [];

    /// <summary>
    /// Dimension the scales run along, as the file has it; it has no meaning with a single scale.
    /// <see cref="TfliteTensor.QuantizedAxis"/> is the one to compute with.
    /// </summary>
    public int QuantizedDimension { get; set; }

    /// <summary>Whether a custom or block-wise scheme applies. It is not read: such a tensor can only be refused.</summary>
    public bool HasDetails { get; set; }

    /// <summary>The zero point that goes with <c>Scale[index]</c>, whichever way the file spells it.</summary>
    public long ZeroPointAt(int index) => ZeroPoint.Length switch
    {
        0 => 0,
        1 => ZeroPoint[0],
        _ => ZeroPoint[index],
    };
}

/// <summary>What an operator is: a builtin code or a custom name, and a version.</summary>
public sealed class TfliteOperatorCode
{
    /// <summary>The code, <see cref="BuiltinOperator.CUSTOM"/> for custom operators.</summary>
    public BuiltinOperator BuiltinCode { get; set; }

    /// <summary>Name of a custom operator.</summary>
    public string? CustomCode { get; set; }

    /// <summary>Version of the operator's definition.</summary>
    public int Version { get; set; } = 1;

    /// <summary>The name messages use: the custom name where there is one.</summary>
    public override string ToString() =>
        BuiltinCode == BuiltinOperator.CUSTOM && CustomCode is not null ? CustomCode : BuiltinCode.ToString();
}

/// <summary>One step of a graph.</summary>
public sealed class TfliteOperator
{
    /// <summary>Index into <see cref="TfliteModel.OperatorCodes"/>.</summary>
    public int OpcodeIndex { get; set; }

    /// <summary>Indices of input tensors, -1 for an optional input that is absent.</summary>
    public int[] Inputs { get; set; } = [];

    /// <summary>Indices of output tensors.</summary>
    public int[] Outputs { get; set; } = [];

    /// <summary>Which options table the file holds, also where that table has no fields or is one this code does not know.</summary>
    public BuiltinOptionsType OptionsType { get; set; }

    /// <summary>The options, or null where the table has no fields, is unknown or is absent.</summary>
    public TfliteOptions? BuiltinOptions { get; set; }

    /// <summary>Tag of the second options union (StableHLO operators), 0 when absent. Its content is not read.</summary>
    public byte Options2Type { get; set; }

    /// <summary>Options of a custom operator.</summary>
    public byte[] CustomOptions { get; set; } = [];

    /// <summary>Which inputs the operator changes; empty where the file does not say.</summary>
    public bool[] MutatingVariableInputs { get; set; } = [];

    /// <summary>Indices of tensors that carry the quantisation of values inside the operator (LSTM), -1 for absent ones.</summary>
    public int[] Intermediates { get; set; } = [];
}

using System.Runtime.InteropServices;

namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>
/// Puts a <see cref="TfliteModel"/> together step by step: buffers and operator codes are managed here, and buffer 0 is the
/// empty one the format expects. Calls apply to the current subgraph, which is subgraph 0 until <see cref="BeginSubgraph"/>.
/// </summary>
public sealed class TfliteModelBuilder
{
    private readonly TfliteModel _model;
    private TfliteSubgraph _subgraph;

    /// <summary>Starts a model with an empty first subgraph.</summary>
    public TfliteModelBuilder(string description = "TinyAI", string subgraphName = "main")
    {
        _model = new TfliteModel { Description = description, Buffers = { ReadOnlyMemory<byte>.Empty } };
        _subgraph = new TfliteSubgraph { Name = subgraphName };
        _model.Subgraphs.Add(_subgraph);
    }

    /// <summary>Starts another subgraph, which further calls apply to; returns its index.</summary>
    public int BeginSubgraph(string name)
    {
        _subgraph = new TfliteSubgraph { Name = name };
        _model.Subgraphs.Add(_subgraph);
        return _model.Subgraphs.Count - 1;
    }

    /// <summary>Adds a tensor with one scale and zero point; returns its index in the current subgraph.</summary>
    public int AddTensor(string name, TfliteType type, int[] shape, float scale, long zeroPoint = 0, byte[]? data = null) =>
        AddTensor(name, type, shape, [scale], [zeroPoint], 0, data);

    /// <summary>
    /// Adds a tensor that is not quantised (no scales), or quantised along <paramref name="axis"/>; zero points default to 0.
    /// Data, in little-endian order, makes it a constant. Returns its index in the current subgraph.
    /// </summary>
    public int AddTensor(
        string name, TfliteType type, int[] shape, float[]? scales = null, long[]? zeroPoints = null, int axis = 0,
        byte[]? data = null, bool isVariable = false)
    {
        int buffer = 0;
        if (data is { Length: > 0 })
        {
            buffer = _model.Buffers.Count;
            _model.Buffers.Add(data);
        }

        _subgraph.Tensors.Add(new TfliteTensor
        {
            Name = name,
            Type = type,
            Shape = shape,
            Buffer = buffer,
            IsVariable = isVariable,
            Quantization = scales is null ? null : new TfliteQuantization
            {
                Scale = scales,
                ZeroPoint = zeroPoints ?? new long[scales.Length],
                QuantizedDimension = axis,
            },
        });
        return _subgraph.Tensors.Count - 1;
    }

    /// <summary>Adds a constant from typed values (sbyte for INT8, int for INT32 …); returns its index in the current subgraph.</summary>
    public int AddConstant<TValue>(
        string name, TfliteType type, int[] shape, TValue[] values, float[]? scales = null, long[]? zeroPoints = null, int axis = 0)
        where TValue : unmanaged
    {
        // The format is little-endian, as is every machine .NET runs this tool on; a swap here would be code no test reaches.
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Typed constants need a little-endian machine.");
        return AddTensor(name, type, shape, scales, zeroPoints, axis, MemoryMarshal.AsBytes<TValue>(values).ToArray());
    }

    /// <summary>Adds an operator; returns its index in the current subgraph.</summary>
    public int AddOperator(BuiltinOperator code, int[] inputs, int[] outputs, TfliteOptions? options = null, int version = 1) =>
        AddOperator(code, null, version, new TfliteOperator
        {
            Inputs = inputs,
            Outputs = outputs,
            BuiltinOptions = options,
            OptionsType = options?.OptionsType ?? BuiltinOptionsType.NONE,
        });

    /// <summary>Adds a custom operator; returns its index in the current subgraph.</summary>
    public int AddCustomOperator(string name, int[] inputs, int[] outputs, byte[]? customOptions = null, int version = 1) =>
        AddOperator(BuiltinOperator.CUSTOM, name, version, new TfliteOperator
        {
            Inputs = inputs,
            Outputs = outputs,
            CustomOptions = customOptions ?? [],
        });

    /// <summary>Sets the inputs of the current subgraph.</summary>
    public TfliteModelBuilder SetInputs(params int[] tensors)
    {
        _subgraph.Inputs = tensors;
        return this;
    }

    /// <summary>Sets the outputs of the current subgraph.</summary>
    public TfliteModelBuilder SetOutputs(params int[] tensors)
    {
        _subgraph.Outputs = tensors;
        return this;
    }

    /// <summary>Adds a named buffer that no tensor uses.</summary>
    public TfliteModelBuilder AddMetadata(string name, byte[] content)
    {
        _model.Metadata.Add(new TfliteMetadata { Name = name, Buffer = _model.Buffers.Count });
        _model.Buffers.Add(content);
        return this;
    }

    /// <summary>The model so far; further calls change the same object.</summary>
    public TfliteModel Build() => _model;

    private int AddOperator(BuiltinOperator code, string? customCode, int version, TfliteOperator op)
    {
        int index = _model.OperatorCodes.FindIndex(
            known => known.BuiltinCode == code && known.CustomCode == customCode && known.Version == version);
        if (index < 0)
        {
            index = _model.OperatorCodes.Count;
            _model.OperatorCodes.Add(new TfliteOperatorCode { BuiltinCode = code, CustomCode = customCode, Version = version });
        }

        op.OpcodeIndex = index;
        _subgraph.Operators.Add(op);
        return _subgraph.Operators.Count - 1;
    }
}

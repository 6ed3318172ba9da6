namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>Reads .tflite files (schema version 3).</summary>
public static class TfliteReader
{
    /// <summary>
    /// Reads a file and checks it with <see cref="TfliteChecks"/>. Buffers of the result are parts of
    /// <paramref name="file"/>, not copies.
    /// </summary>
    /// <exception cref="ModelFormatException">The file is not a .tflite file, is damaged or contradicts itself.</exception>
    public static TfliteModel Read(ReadOnlyMemory<byte> file)
    {
        var reader = new FlatBufferReader(file);
        if (!reader.HasIdentifier("TFL3"u8))
            throw new ModelFormatException("This is not a .tflite file: the identifier TFL3 is missing at byte 4.");
        FlatTable root = reader.Root("model");
        uint version = root.UInt32(0, "version");
        if (version != 3)
            throw new ModelFormatException($"The file is of .tflite schema version {version}, where only version 3 can be read.");

        var model = new TfliteModel
        {
            Version = (int)version,
            Description = root.Text(3, "description"),
            OperatorCodes = root.Tables(1, "operator_codes", "operator code", 64, ReadOperatorCode),
            Buffers = root.Tables(4, "buffers", "buffer", 24, ReadBuffer),
            Subgraphs = root.Tables(2, "subgraphs", "subgraph", 256, ReadSubgraph),
            Metadata = root.Tables(6, "metadata", "metadata entry", 48, ReadMetadata),
            Signatures = root.Tables(7, "signature_defs", "signature", 192, ReadSignature),
        };
        TfliteChecks.Check(model);
        return model;
    }

    private static TfliteOperatorCode ReadOperatorCode(FlatTable table) => new()
    {
        // Codes above 127 do not fit the original byte, so newer files carry a second field; older ones lack it. The larger
        // of the two is right in both.
        BuiltinCode = (BuiltinOperator)Math.Max(table.SByte(0, "deprecated_builtin_code"), table.Int32(3, "builtin_code")),
        CustomCode = table.Text(1, "custom_code"),
        Version = table.Int32(2, "version", 1),
    };

    private static ReadOnlyMemory<byte> ReadBuffer(FlatTable table)
    {
        // Offsets 0 and 1 are placeholders: files over 2 GB put real offsets there after the structure is laid out.
        return table.UInt64(1, "offset") > 1 ? table.OutsideBytes(1, 2, "offset") : table.Bytes(0, "data");
    }

    private static TfliteSubgraph ReadSubgraph(FlatTable table) => new()
    {
        Tensors = table.Tables(0, "tensors", "tensor", 128, ReadTensor),
        Inputs = table.Int32s(1, "inputs") ?? [],
        Outputs = table.Int32s(2, "outputs") ?? [],
        Operators = table.Tables(3, "operators", "operator", 128, ReadOperator),
        Name = table.Text(4, "name"),
    };

    private static TfliteTensor ReadTensor(FlatTable table)
    {
        if (table.UInt32(10, "external_buffer") != 0)
            throw table.Fault("external_buffer", "puts the data in another file, which is not supported");
        return new TfliteTensor
        {
            Shape = table.Int32s(0, "shape") ?? [],
            Type = table.Enum<TfliteType>(1, "type"),
            Buffer = table.Index(2, "buffer"),
            Name = table.Text(3, "name") ?? "",
            Quantization = table.Table(4, "quantization", "quantization of tensor") is { } quantization
                ? ReadQuantization(quantization)
                : null,
            IsVariable = table.Bool(5, "is_variable"),
            HasSparsity = table.Has(6, "sparsity"),
            ShapeSignature = table.Int32s(7, "shape_signature"),
            HasRank = table.Bool(8, "has_rank"),
        };
    }

    private static TfliteQuantization ReadQuantization(FlatTable table) => new()
    {
        Min = table.Floats(0, "min"),
        Max = table.Floats(1, "max"),
        Scale = table.Floats(2, "scale"),
        ZeroPoint = table.Int64s(3, "zero_point"),
        HasDetails = table.Byte(4, "details_type") != 0,
        QuantizedDimension = table.Int32(6, "quantized_dimension"),
    };

    private static TfliteOperator ReadOperator(FlatTable table)
    {
        var optionsType = (BuiltinOptionsType)table.Byte(3, "builtin_options_type");
        ReadOnlyMemory<byte> custom = table.UInt64(9, "large_custom_options_offset") > 1
            ? table.OutsideBytes(9, 10, "large_custom_options_offset")
            : table.Bytes(5, "custom_options");
        return new TfliteOperator
        {
            OpcodeIndex = table.Index(0, "opcode_index"),
            Inputs = table.Int32s(1, "inputs") ?? [],
            Outputs = table.Int32s(2, "outputs") ?? [],
            OptionsType = optionsType,
            BuiltinOptions = optionsType != BuiltinOptionsType.NONE
                && table.Table(4, "builtin_options", "options of operator") is { } options
                    ? TfliteOptionsReader.Read(optionsType, options)
                    : null,
            CustomOptions = table.CopyOfBytes(custom),
            MutatingVariableInputs = table.Bools(7, "mutating_variable_inputs"),
            Intermediates = table.Int32s(8, "intermediates") ?? [],
            Options2Type = table.Byte(11, "builtin_options_2_type"),
        };
    }

    private static TfliteMetadata ReadMetadata(FlatTable table) => new()
    {
        Name = table.Text(0, "name") ?? "",
        Buffer = table.Index(1, "buffer"),
    };

    private static TfliteSignature ReadSignature(FlatTable table) => new()
    {
        Inputs = table.Tables(0, "inputs", "signature input", 48, ReadTensorMap),
        Outputs = table.Tables(1, "outputs", "signature output", 48, ReadTensorMap),
        Key = table.Text(2, "signature_key") ?? "",
        SubgraphIndex = table.Index(4, "subgraph_index"),
    };

    private static TfliteTensorMap ReadTensorMap(FlatTable table) => new()
    {
        Name = table.Text(0, "name") ?? "",
        TensorIndex = table.Index(1, "tensor_index"),
    };
}

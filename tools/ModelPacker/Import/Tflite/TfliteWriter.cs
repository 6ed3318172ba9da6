namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>Writes .tflite files (schema version 3). The same model always gives the same bytes.</summary>
public static class TfliteWriter
{
    /// <summary>Writes a model after checking it as the reader would.</summary>
    /// <exception cref="ModelFormatException">The model contradicts itself.</exception>
    /// <exception cref="NotSupportedException">The model holds something that is known of but not kept, such as sparsity.</exception>
    public static byte[] Write(TfliteModel model)
    {
        TfliteChecks.Check(model);
        return WriteUnchecked(model);
    }

    /// <summary>Writes a model as it is, so that tests can make files the reader must refuse.</summary>
    internal static byte[] WriteUnchecked(TfliteModel model)
    {
        var b = new FlatBufferBuilder();
        int signatures = model.Signatures.Count == 0 ? 0 : b.Tables(model.Signatures, s => WriteSignature(b, s));
        int metadata = model.Metadata.Count == 0 ? 0 : b.Tables(model.Metadata, m => WriteNamed(b, m.Name, m.Buffer));
        int buffers = b.Tables(model.Buffers, data => WriteBuffer(b, data));
        int description = b.Text(model.Description);
        int subgraphs = b.Tables(model.Subgraphs, s => WriteSubgraph(b, s));
        int codes = b.Tables(model.OperatorCodes, c => WriteOperatorCode(b, c));
        b.StartTable();
        b.AddReference(7, signatures);
        b.AddReference(6, metadata);
        b.AddReference(4, buffers);
        b.AddReference(3, description);
        b.AddReference(2, subgraphs);
        b.AddReference(1, codes);
        b.Add(0, model.Version);
        return b.Finish(b.EndTable(), "TFL3"u8);
    }

    private static int WriteOperatorCode(FlatBufferBuilder b, TfliteOperatorCode code)
    {
        int custom = b.Text(code.CustomCode);
        b.StartTable();
        b.Add(3, (int)code.BuiltinCode);
        b.Add(2, code.Version, 1);
        b.AddReference(1, custom);
        // Readers older than the second field look here; 127 tells them the code is one they cannot know.
        b.Add(0, (sbyte)Math.Min((int)code.BuiltinCode, 127));
        return b.EndTable();
    }

    private static int WriteBuffer(FlatBufferBuilder b, ReadOnlyMemory<byte> data)
    {
        // 16 is what the schema demands, so that kernels can use the data where it lies.
        int bytes = data.Length == 0 ? 0 : b.Bytes(data.Span, 16);
        b.StartTable();
        b.AddReference(0, bytes);
        return b.EndTable();
    }

    private static int WriteSubgraph(FlatBufferBuilder b, TfliteSubgraph subgraph)
    {
        int name = b.Text(subgraph.Name);
        int operators = b.Tables(subgraph.Operators, o => WriteOperator(b, o));
        // Interpreters expect the lists even when they are empty.
        int outputs = b.Int32s(subgraph.Outputs);
        int inputs = b.Int32s(subgraph.Inputs);
        int tensors = b.Tables(subgraph.Tensors, t => WriteTensor(b, t));
        b.StartTable();
        b.AddReference(4, name);
        b.AddReference(3, operators);
        b.AddReference(2, outputs);
        b.AddReference(1, inputs);
        b.AddReference(0, tensors);
        return b.EndTable();
    }

    private static int WriteTensor(FlatBufferBuilder b, TfliteTensor tensor)
    {
        if (tensor.HasSparsity) throw new NotSupportedException($"Tensor '{tensor.Name}' is sparse, which cannot be written.");
        int signature = tensor.ShapeSignature is null ? 0 : b.Int32s(tensor.ShapeSignature);
        int quantization = tensor.Quantization is null ? 0 : WriteQuantization(b, tensor.Quantization, tensor.Name);
        int name = b.Text(tensor.Name);
        int shape = b.Int32s(tensor.Shape);
        b.StartTable();
        b.AddReference(7, signature);
        b.AddReference(4, quantization);
        b.AddReference(3, name);
        b.Add(2, tensor.Buffer);
        b.AddReference(0, shape);
        b.Add(8, tensor.HasRank);
        b.Add(5, tensor.IsVariable);
        b.Add(1, (sbyte)tensor.Type);
        return b.EndTable();
    }

    private static int WriteQuantization(FlatBufferBuilder b, TfliteQuantization quantization, string tensor)
    {
        if (quantization.HasDetails)
            throw new NotSupportedException($"Tensor '{tensor}' has a custom quantisation, which cannot be written.");
        int zeroPoint = quantization.ZeroPoint.Length == 0 ? 0 : b.Int64s(quantization.ZeroPoint);
        int scale = quantization.Scale.Length == 0 ? 0 : b.Floats(quantization.Scale);
        int max = quantization.Max.Length == 0 ? 0 : b.Floats(quantization.Max);
        int min = quantization.Min.Length == 0 ? 0 : b.Floats(quantization.Min);
        b.StartTable();
        b.Add(6, quantization.QuantizedDimension);
        b.AddReference(3, zeroPoint);
        b.AddReference(2, scale);
        b.AddReference(1, max);
        b.AddReference(0, min);
        return b.EndTable();
    }

    private static int WriteOperator(FlatBufferBuilder b, TfliteOperator op)
    {
        if (op.Options2Type != 0) throw new NotSupportedException("StableHLO options cannot be written.");
        if (op.BuiltinOptions is { } given && given.OptionsType != op.OptionsType)
            throw new InvalidOperationException($"An operator has {given.OptionsType} but says {op.OptionsType}.");
        int options = op.OptionsType == BuiltinOptionsType.NONE ? 0 : TfliteOptionsWriter.Write(b, op.OptionsType, op.BuiltinOptions);
        int intermediates = op.Intermediates.Length == 0 ? 0 : b.Int32s(op.Intermediates);
        int mutating = op.MutatingVariableInputs.Length == 0 ? 0 : b.Bools(op.MutatingVariableInputs);
        int custom = op.CustomOptions.Length == 0 ? 0 : b.Bytes(op.CustomOptions);
        int outputs = b.Int32s(op.Outputs);
        int inputs = b.Int32s(op.Inputs);
        b.StartTable();
        b.AddReference(8, intermediates);
        b.AddReference(7, mutating);
        b.AddReference(5, custom);
        b.AddReference(4, options);
        b.AddReference(2, outputs);
        b.AddReference(1, inputs);
        b.Add(0, op.OpcodeIndex);
        b.Add(3, (sbyte)op.OptionsType);
        return b.EndTable();
    }

    private static int WriteSignature(FlatBufferBuilder b, TfliteSignature signature)
    {
        int key = b.Text(signature.Key);
        int outputs = b.Tables(signature.Outputs, m => WriteNamed(b, m.Name, m.TensorIndex));
        int inputs = b.Tables(signature.Inputs, m => WriteNamed(b, m.Name, m.TensorIndex));
        b.StartTable();
        b.Add(4, signature.SubgraphIndex);
        b.AddReference(2, key);
        b.AddReference(1, outputs);
        b.AddReference(0, inputs);
        return b.EndTable();
    }

    /// <summary>Metadata entries and tensor aliases are alike: a name and a number.</summary>
    private static int WriteNamed(FlatBufferBuilder b, string name, int number)
    {
        int text = b.Text(name);
        b.StartTable();
        b.Add(1, number);
        b.AddReference(0, text);
        return b.EndTable();
    }
}

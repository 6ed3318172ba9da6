namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>
/// Whether a model makes sense in itself: indices in range, shapes countable, constants as long as their shape says,
/// quantisation that can be computed with. Whether an operator is supported is not decided here.
/// </summary>
public static class TfliteChecks
{
    /// <summary>Checks a model, read or built.</summary>
    /// <exception cref="ModelFormatException">The first contradiction found.</exception>
    public static void Check(TfliteModel model)
    {
        if (model.Version != 3) throw new ModelFormatException($"The model has schema version {model.Version} instead of 3.");
        if (model.Subgraphs.Count == 0) throw new ModelFormatException("The model has no subgraph.");
        for (int i = 0; i < model.OperatorCodes.Count; i++)
        {
            if (model.OperatorCodes[i].BuiltinCode < 0)
                throw new ModelFormatException($"Operator code {i} is the negative number {(int)model.OperatorCodes[i].BuiltinCode}.");
        }

        for (int i = 0; i < model.Subgraphs.Count; i++) CheckSubgraph(model, i);
        for (int i = 0; i < model.Metadata.Count; i++)
            CheckIndex(model.Metadata[i].Buffer, model.Buffers.Count, "buffers", "metadata entry", i, -1);
        for (int i = 0; i < model.Signatures.Count; i++)
        {
            TfliteSignature signature = model.Signatures[i];
            CheckIndex(signature.SubgraphIndex, model.Subgraphs.Count, "subgraphs", "signature", i, -1);
            int tensors = model.Subgraphs[signature.SubgraphIndex].Tensors.Count;
            foreach (TfliteTensorMap map in signature.Inputs) CheckIndex(map.TensorIndex, tensors, "tensors", "signature", i, -1);
            foreach (TfliteTensorMap map in signature.Outputs) CheckIndex(map.TensorIndex, tensors, "tensors", "signature", i, -1);
        }
    }

    private static void CheckSubgraph(TfliteModel model, int index)
    {
        TfliteSubgraph subgraph = model.Subgraphs[index];
        int tensors = subgraph.Tensors.Count;
        for (int i = 0; i < tensors; i++) CheckTensor(model, index, i);
        foreach (int tensor in subgraph.Inputs) CheckIndex(tensor, tensors, "tensors", "input list of subgraph", index, -1);
        foreach (int tensor in subgraph.Outputs) CheckIndex(tensor, tensors, "tensors", "output list of subgraph", index, -1);
        for (int i = 0; i < subgraph.Operators.Count; i++)
        {
            TfliteOperator op = subgraph.Operators[i];
            CheckIndex(op.OpcodeIndex, model.OperatorCodes.Count, "operator codes", "operator", i, index);
            foreach (int tensor in op.Inputs)
                if (tensor != -1) CheckIndex(tensor, tensors, "tensors", "input list of operator", i, index);
            foreach (int tensor in op.Outputs) CheckIndex(tensor, tensors, "tensors", "output list of operator", i, index);
            foreach (int tensor in op.Intermediates)
                if (tensor != -1) CheckIndex(tensor, tensors, "tensors", "intermediates of operator", i, index);
            CheckCalledSubgraphs(model, op, i, index);
        }
    }

    private static void CheckCalledSubgraphs(TfliteModel model, TfliteOperator op, int index, int subgraph)
    {
        (int first, int second) = op.BuiltinOptions switch
        {
            CallOnceOptions call => (call.InitSubgraphIndex, 0),
            CallOptions call => (call.Subgraph, 0),
            IfOptions branch => (branch.ThenSubgraphIndex, branch.ElseSubgraphIndex),
            WhileOptions loop => (loop.CondSubgraphIndex, loop.BodySubgraphIndex),
            _ => (0, 0),
        };
        CheckIndex(first, model.Subgraphs.Count, "subgraphs", "options of operator", index, subgraph);
        CheckIndex(second, model.Subgraphs.Count, "subgraphs", "options of operator", index, subgraph);
    }

    private static void CheckTensor(TfliteModel model, int subgraph, int index)
    {
        TfliteTensor tensor = model.Subgraphs[subgraph].Tensors[index];
        CheckIndex(tensor.Buffer, model.Buffers.Count, "buffers", "tensor", index, subgraph);
        long count = 1;
        foreach (int dimension in tensor.Shape)
        {
            if (dimension < 0) throw Fault($"has the negative dimension {dimension} in its shape");
            // Each factor and the running product stay below 2^31, so this cannot overflow.
            count *= dimension;
            if (count > int.MaxValue) throw Fault("has a shape of more than 2147483647 elements");
        }

        if (tensor.ShapeSignature is { Length: > 0 } signature)
        {
            if (signature.Length != tensor.Shape.Length)
                throw Fault($"has a shape of {tensor.Shape.Length} dimensions and a shape signature of {signature.Length}");
            foreach (int dimension in signature)
                if (dimension < -1) throw Fault($"has the dimension {dimension} in its shape signature");
        }

        // Sparse data has its own layout, and types without a fixed size say nothing about the length.
        int bits = tensor.Type.BitsPerElement();
        int stored = model.DataOf(tensor).Length;
        if (stored > 0 && bits > 0 && !tensor.HasSparsity)
        {
            long needed = (count * bits + 7) / 8;
            if (stored != needed)
                throw Fault($"needs {needed} bytes for {count} elements of type {tensor.Type} but buffer {tensor.Buffer} holds {stored}");
        }

        if (tensor.Quantization is { HasDetails: false } quantization && CheckQuantization(tensor, quantization) is { } problem)
            throw Fault(problem);

        ModelFormatException Fault(string what)
        {
            return new ModelFormatException($"Tensor {index} '{Printable(tensor.Name)}' of subgraph {subgraph} {what}.");
        }
    }

    /// <summary>What is wrong with a quantisation, or null.</summary>
    private static string? CheckQuantization(TfliteTensor tensor, TfliteQuantization quantization)
    {
        float[] scales = quantization.Scale;
        if (scales.Length == 0) return null;
        (long smallest, long largest) = tensor.Type switch
        {
            TfliteType.INT2 => (-2, 1),
            TfliteType.INT4 => (-8, 7),
            TfliteType.UINT4 => (0, 15),
            TfliteType.INT8 => (sbyte.MinValue, sbyte.MaxValue),
            TfliteType.UINT8 => (byte.MinValue, byte.MaxValue),
            TfliteType.INT16 => (short.MinValue, short.MaxValue),
            TfliteType.UINT16 => (ushort.MinValue, ushort.MaxValue),
            TfliteType.INT32 => (int.MinValue, int.MaxValue),
            TfliteType.INT64 => (long.MinValue, long.MaxValue),
            // Converters leave odd scales on float, bool and resource tensors; nothing computes with them.
            _ => (1L, 0L),
        };
        if (smallest > largest) return null;

        int axis = tensor.QuantizedAxis;
        if (scales.Length > 1)
        {
            // With one scale the dimension has no meaning, and files exist where it is stale.
            if (axis < 0 || axis >= tensor.Shape.Length)
                return $"is quantised along dimension {axis} but has {tensor.Shape.Length} dimensions";
            if (scales.Length != tensor.Shape[axis])
                return $"has {scales.Length} scales for a dimension {axis} of size {tensor.Shape[axis]}";
        }

        // One zero point for many scales is a known space saving; the reference runtime reads it so.
        int zeroPoints = quantization.ZeroPoint.Length;
        if (zeroPoints > 1 && zeroPoints != scales.Length) return $"has {scales.Length} scales but {zeroPoints} zero points";

        // The scale of a bias is a product of two others and may vanish; the values themselves must be usable.
        bool mayVanish = tensor.Type is TfliteType.INT32 or TfliteType.INT64;
        foreach (float scale in scales)
            if (!float.IsFinite(scale) || scale < 0 || (scale == 0 && !mayVanish))
                return FormattableString.Invariant($"has the scale {scale:R}");
        foreach (long zeroPoint in quantization.ZeroPoint)
            if (zeroPoint < smallest || zeroPoint > largest)
                return $"has the zero point {zeroPoint}, outside type {tensor.Type}";
        return null;
    }

    /// <summary>A name from a file may be long or hold control characters, which do not belong in a message.</summary>
    private static string Printable(string name) =>
        string.Concat(name.Take(80).Select(c => char.IsControl(c) ? '?' : c)) + (name.Length > 80 ? "…" : "");

    private static void CheckIndex(int value, int count, string target, string what, int index, int subgraph)
    {
        if (value >= 0 && value < count) return;
        string where = subgraph < 0 ? "" : $" of subgraph {subgraph}";
        throw new ModelFormatException($"The {what} {index}{where} refers to number {value} of {count} {target}.");
    }
}

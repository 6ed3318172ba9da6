namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>Writes the options tables of operators; field numbers match <see cref="TfliteOptionsReader"/>.</summary>
internal static class TfliteOptionsWriter
{
    /// <summary>Writes an options table and returns its offset; null options give a table without fields.</summary>
    public static int Write(FlatBufferBuilder b, BuiltinOptionsType type, TfliteOptions? options)
    {
        if (options is null)
        {
            if (!Enum.IsDefined(type)) throw new NotSupportedException($"Operator options of type {type} cannot be written.");
            b.StartTable();
            return b.EndTable();
        }

        int[] references = References(b, options);
        b.StartTable();
        for (int i = 0; i < references.Length; i++) b.AddReference(FirstReference(options) + i, references[i]);
        if (references.Length == 0 && !AddComputing(b, options) && !AddShaping(b, options) && !AddStateful(b, options))
            throw new NotSupportedException($"Operator options of type {type} cannot be written.");
        if (options is ConcatEmbeddingsOptions embeddings) b.Add(0, embeddings.NumChannels);
        return b.EndTable();
    }

    /// <summary>Texts and vectors, which have to be written before the table is started.</summary>
    private static int[] References(FlatBufferBuilder b, TfliteOptions options) => options switch
    {
        ReshapeOptions o => [b.Int32s(o.NewShape)],
        SqueezeOptions o => [b.Int32s(o.SqueezeDims)],
        VarHandleOptions o => [b.Text(o.Container), b.Text(o.SharedName)],
        BucketizeOptions o => [b.Floats(o.Boundaries)],
        ConcatEmbeddingsOptions o => [b.Int32s(o.ColumnsPerChannel), b.Int32s(o.DimPerChannel)],
        _ => [],
    };

    private static int FirstReference(TfliteOptions options) => options is ConcatEmbeddingsOptions ? 1 : 0;

    private static bool AddComputing(FlatBufferBuilder b, TfliteOptions options)
    {
        switch (options)
        {
            case Conv2DOptions o:
                Add(b, 0, o.Padding, 1, o.StrideW, o.StrideH);
                Add(b, 3, o.Activation);
                AddDilations(b, 4, o.DilationW, o.DilationH);
                b.Add(6, (sbyte)o.QuantizedBiasType);
                return true;
            case DepthwiseConv2DOptions o:
                Add(b, 0, o.Padding, 1, o.StrideW, o.StrideH, o.DepthMultiplier);
                Add(b, 4, o.Activation);
                AddDilations(b, 5, o.DilationW, o.DilationH);
                return true;
            case Conv3DOptions o:
                Add(b, 0, o.Padding, 1, o.StrideD, o.StrideW, o.StrideH);
                Add(b, 4, o.Activation);
                AddDilations(b, 5, o.DilationD, o.DilationW, o.DilationH);
                return true;
            case TransposeConvOptions o:
                Add(b, 0, o.Padding, 1, o.StrideW, o.StrideH);
                Add(b, 3, o.Activation);
                b.Add(4, (sbyte)o.QuantizedBiasType);
                return true;
            case Pool2DOptions o:
                Add(b, 0, o.Padding, 1, o.StrideW, o.StrideH, o.FilterWidth, o.FilterHeight);
                Add(b, 5, o.Activation);
                return true;
            case FullyConnectedOptions o:
                Add(b, 0, o.Activation);
                b.Add(1, (sbyte)o.WeightsFormat);
                AddFlags(b, 2, o.KeepNumDims, o.AsymmetricQuantizeInputs);
                b.Add(4, (sbyte)o.QuantizedBiasType);
                return true;
            case BatchMatMulOptions o: return AddFlags(b, 0, o.AdjX, o.AdjY, o.AsymmetricQuantizeInputs);
            case SoftmaxOptions o: return AddFloats(b, 0, o.Beta);
            case LeakyReluOptions o: return AddFloats(b, 0, o.Alpha);
            case GeluOptions o: return AddFlags(b, 0, o.Approximate);
            case AddOptions o:
                b.Add(1, o.PotScaleInt16, true);
                return Add(b, 0, o.Activation);
            case SubOptions o:
                b.Add(1, o.PotScaleInt16, true);
                return Add(b, 0, o.Activation);
            case MulOptions o: return Add(b, 0, o.Activation);
            case DivOptions o: return Add(b, 0, o.Activation);
            case L2NormOptions o: return Add(b, 0, o.Activation);
            case LocalResponseNormalizationOptions o:
                b.Add(0, o.Radius);
                return AddFloats(b, 1, o.Bias, o.Alpha, o.Beta);
            case ReducerOptions o: return AddFlags(b, 0, o.KeepDims);
            case ArgMaxOptions o: return Add(b, 0, o.OutputType);
            case ArgMinOptions o: return Add(b, 0, o.OutputType);
            case CumsumOptions o: return AddFlags(b, 0, o.Exclusive, o.Reverse);
            case ResizeBilinearOptions o: return AddFlags(b, 2, o.AlignCorners, o.HalfPixelCenters);
            case ResizeNearestNeighborOptions o: return AddFlags(b, 0, o.AlignCorners, o.HalfPixelCenters);
            case CastOptions o: return Add(b, 0, o.InDataType, o.OutDataType);
            case FakeQuantOptions o:
                AddFloats(b, 0, o.Min, o.Max);
                b.Add(2, o.NumBits);
                return AddFlags(b, 3, o.NarrowRange);
            default: return false;
        }
    }

    private static bool AddShaping(FlatBufferBuilder b, TfliteOptions options)
    {
        switch (options)
        {
            case ConcatenationOptions o:
                b.Add(0, o.Axis);
                return Add(b, 1, o.Activation);
            case StridedSliceOptions o:
                AddInts(b, 0, o.BeginMask, o.EndMask, o.EllipsisMask, o.NewAxisMask, o.ShrinkAxisMask);
                return AddFlags(b, 5, o.Offset);
            case SplitOptions o: return AddInts(b, 0, o.NumSplits);
            case SplitVOptions o: return AddInts(b, 0, o.NumSplits);
            case PackOptions o: return AddInts(b, 0, o.ValuesCount, o.Axis);
            case UnpackOptions o: return AddInts(b, 0, o.Num, o.Axis);
            case ShapeOptions o: return Add(b, 0, o.OutType);
            case GatherOptions o: return AddInts(b, 0, o.Axis, o.BatchDims);
            case OneHotOptions o: return AddInts(b, 0, o.Axis);
            case SpaceToDepthOptions o: return AddInts(b, 0, o.BlockSize);
            case DepthToSpaceOptions o: return AddInts(b, 0, o.BlockSize);
            case ReverseSequenceOptions o: return AddInts(b, 0, o.SeqDim, o.BatchDim);
            case SparseToDenseOptions o: return AddFlags(b, 0, o.ValidateIndices);
            case MirrorPadOptions o:
                b.Add(0, (sbyte)o.Mode);
                return true;
            case UniqueOptions o:
                b.Add(0, (sbyte)o.IndexType, (sbyte)TfliteType.INT32);
                return true;
            default: return false;
        }
    }

    private static bool AddStateful(FlatBufferBuilder b, TfliteOptions options)
    {
        switch (options)
        {
            case SvdfOptions o:
                b.Add(0, o.Rank);
                Add(b, 1, o.Activation);
                return AddFlags(b, 2, o.AsymmetricQuantizeInputs);
            case RnnOptions o:
                Add(b, 0, o.Activation);
                return AddFlags(b, 1, o.AsymmetricQuantizeInputs);
            case SequenceRnnOptions o:
                b.Add(0, o.TimeMajor);
                Add(b, 1, o.Activation);
                return AddFlags(b, 2, o.AsymmetricQuantizeInputs);
            case BidirectionalSequenceRnnOptions o:
                b.Add(0, o.TimeMajor);
                Add(b, 1, o.Activation);
                return AddFlags(b, 2, o.MergeOutputs, o.AsymmetricQuantizeInputs);
            case LstmOptions o:
                Add(b, 0, o.Activation);
                AddFloats(b, 1, o.CellClip, o.ProjClip);
                b.Add(3, (sbyte)o.KernelType);
                return AddFlags(b, 4, o.AsymmetricQuantizeInputs);
            case UnidirectionalSequenceLstmOptions o:
                Add(b, 0, o.Activation);
                AddFloats(b, 1, o.CellClip, o.ProjClip);
                return AddFlags(b, 3, o.TimeMajor, o.AsymmetricQuantizeInputs, o.DiagonalRecurrentTensors);
            case BidirectionalSequenceLstmOptions o:
                Add(b, 0, o.Activation);
                AddFloats(b, 1, o.CellClip, o.ProjClip);
                b.Add(3, o.MergeOutputs);
                b.Add(4, o.TimeMajor, true);
                return AddFlags(b, 5, o.AsymmetricQuantizeInputs);
            case CallOnceOptions o: return AddInts(b, 0, o.InitSubgraphIndex);
            case CallOptions o: return AddInts(b, 0, o.Subgraph);
            case IfOptions o: return AddInts(b, 0, o.ThenSubgraphIndex, o.ElseSubgraphIndex);
            case WhileOptions o: return AddInts(b, 0, o.CondSubgraphIndex, o.BodySubgraphIndex);
            case RandomOptions o:
                b.Add(0, o.Seed);
                b.Add(1, o.Seed2);
                return true;
            case HashtableOptions o:
                b.Add(0, o.TableId);
                return Add(b, 1, o.KeyType, o.ValueType);
            case LshProjectionOptions o:
                b.Add(0, (sbyte)o.Kind);
                return true;
            case EmbeddingLookupSparseOptions o:
                b.Add(0, (sbyte)o.Combiner);
                return true;
            case SkipGramOptions o:
                AddInts(b, 0, o.NgramSize, o.MaxSkipSize);
                return AddFlags(b, 2, o.IncludeAllNgrams);
            default: return false;
        }
    }

    // These methods return true so that a case of one line can end the switch.

    private static void Add(FlatBufferBuilder b, int paddingField, TflitePadding padding, int field, params ReadOnlySpan<int> values)
    {
        b.Add(paddingField, (sbyte)padding);
        AddInts(b, field, values);
    }

    private static bool Add(FlatBufferBuilder b, int field, TfliteActivation activation)
    {
        b.Add(field, (sbyte)activation);
        return true;
    }

    private static bool Add(FlatBufferBuilder b, int field, params ReadOnlySpan<TfliteType> types)
    {
        for (int i = 0; i < types.Length; i++) b.Add(field + i, (sbyte)types[i]);
        return true;
    }

    private static bool AddInts(FlatBufferBuilder b, int field, params ReadOnlySpan<int> values)
    {
        for (int i = 0; i < values.Length; i++) b.Add(field + i, values[i]);
        return true;
    }

    private static void AddDilations(FlatBufferBuilder b, int field, params ReadOnlySpan<int> values)
    {
        for (int i = 0; i < values.Length; i++) b.Add(field + i, values[i], 1);
    }

    private static bool AddFloats(FlatBufferBuilder b, int field, params ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++) b.Add(field + i, values[i]);
        return true;
    }

    private static bool AddFlags(FlatBufferBuilder b, int field, params ReadOnlySpan<bool> values)
    {
        for (int i = 0; i < values.Length; i++) b.Add(field + i, values[i]);
        return true;
    }
}

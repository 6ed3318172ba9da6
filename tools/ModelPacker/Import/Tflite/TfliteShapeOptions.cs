using T = TinyAI.ModelPacker.Import.Tflite.BuiltinOptionsType;

namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>CONCATENATION.</summary>
public sealed record ConcatenationOptions(int Axis = 0, TfliteActivation Activation = TfliteActivation.NONE) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.ConcatenationOptions;
}

/// <summary>RESHAPE; the shape is empty where only the second input gives it.</summary>
public sealed record ReshapeOptions(params int[] NewShape) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.ReshapeOptions;

    /// <summary>Compares the shapes' elements.</summary>
    public bool Equals(ReshapeOptions? other) => other is not null && NewShape.AsSpan().SequenceEqual(other.NewShape);

    /// <inheritdoc/>
    public override int GetHashCode() => NewShape.Length;
}

/// <summary>SQUEEZE; with no dimensions listed, all of size 1 go.</summary>
public sealed record SqueezeOptions(params int[] SqueezeDims) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.SqueezeOptions;

    /// <summary>Compares the dimensions' elements.</summary>
    public bool Equals(SqueezeOptions? other) => other is not null && SqueezeDims.AsSpan().SequenceEqual(other.SqueezeDims);

    /// <inheritdoc/>
    public override int GetHashCode() => SqueezeDims.Length;
}

/// <summary>STRIDED_SLICE.</summary>
public sealed record StridedSliceOptions(
    int BeginMask = 0, int EndMask = 0, int EllipsisMask = 0, int NewAxisMask = 0, int ShrinkAxisMask = 0,
    bool Offset = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.StridedSliceOptions;
}

/// <summary>SPLIT.</summary>
public sealed record SplitOptions(int NumSplits = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.SplitOptions;
}

/// <summary>SPLIT_V.</summary>
public sealed record SplitVOptions(int NumSplits = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.SplitVOptions;
}

/// <summary>PACK.</summary>
public sealed record PackOptions(int ValuesCount = 0, int Axis = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.PackOptions;
}

/// <summary>UNPACK.</summary>
public sealed record UnpackOptions(int Num = 0, int Axis = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.UnpackOptions;
}

/// <summary>SHAPE.</summary>
public sealed record ShapeOptions(TfliteType OutType = TfliteType.INT32) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.ShapeOptions;
}

/// <summary>GATHER.</summary>
public sealed record GatherOptions(int Axis = 0, int BatchDims = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.GatherOptions;
}

/// <summary>ONE_HOT.</summary>
public sealed record OneHotOptions(int Axis = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.OneHotOptions;
}

/// <summary>SPACE_TO_DEPTH.</summary>
public sealed record SpaceToDepthOptions(int BlockSize = 1) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.SpaceToDepthOptions;
}

/// <summary>DEPTH_TO_SPACE.</summary>
public sealed record DepthToSpaceOptions(int BlockSize = 1) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.DepthToSpaceOptions;
}

/// <summary>MIRROR_PAD.</summary>
public sealed record MirrorPadOptions(TfliteMirrorPadMode Mode = TfliteMirrorPadMode.REFLECT) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.MirrorPadOptions;
}

/// <summary>REVERSE_SEQUENCE.</summary>
public sealed record ReverseSequenceOptions(int SeqDim = 0, int BatchDim = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.ReverseSequenceOptions;
}

/// <summary>UNIQUE.</summary>
public sealed record UniqueOptions(TfliteType IndexType = TfliteType.INT32) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.UniqueOptions;
}

/// <summary>SPARSE_TO_DENSE.</summary>
public sealed record SparseToDenseOptions(bool ValidateIndices = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.SparseToDenseOptions;
}

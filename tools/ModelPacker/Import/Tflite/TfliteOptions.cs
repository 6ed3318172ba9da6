using T = TinyAI.ModelPacker.Import.Tflite.BuiltinOptionsType;

namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>
/// Typed options of an operator. Defaults are those a caller most likely wants (stride 1, beta 1), not those of the schema;
/// the reader always fills in every field.
/// </summary>
public abstract record TfliteOptions
{
    /// <summary>The union tag that goes with the record.</summary>
    public abstract T OptionsType { get; }
}

/// <summary>CONV_2D. The bias type is the schema's quantized_bias_type, FLOAT32 (0) when unset.</summary>
public sealed record Conv2DOptions(
    TflitePadding Padding = TflitePadding.SAME, int StrideW = 1, int StrideH = 1,
    TfliteActivation Activation = TfliteActivation.NONE, int DilationW = 1, int DilationH = 1,
    TfliteType QuantizedBiasType = TfliteType.FLOAT32) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.Conv2DOptions;
}

/// <summary>DEPTHWISE_CONV_2D.</summary>
public sealed record DepthwiseConv2DOptions(
    TflitePadding Padding = TflitePadding.SAME, int StrideW = 1, int StrideH = 1, int DepthMultiplier = 1,
    TfliteActivation Activation = TfliteActivation.NONE, int DilationW = 1, int DilationH = 1) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.DepthwiseConv2DOptions;
}

/// <summary>CONV_3D and CONV_3D_TRANSPOSE.</summary>
public sealed record Conv3DOptions(
    TflitePadding Padding = TflitePadding.SAME, int StrideD = 1, int StrideW = 1, int StrideH = 1,
    TfliteActivation Activation = TfliteActivation.NONE, int DilationD = 1, int DilationW = 1, int DilationH = 1) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.Conv3DOptions;
}

/// <summary>TRANSPOSE_CONV.</summary>
public sealed record TransposeConvOptions(
    TflitePadding Padding = TflitePadding.SAME, int StrideW = 1, int StrideH = 1,
    TfliteActivation Activation = TfliteActivation.NONE, TfliteType QuantizedBiasType = TfliteType.FLOAT32) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.TransposeConvOptions;
}

/// <summary>AVERAGE_POOL_2D, MAX_POOL_2D and L2_POOL_2D.</summary>
public sealed record Pool2DOptions(
    TflitePadding Padding = TflitePadding.VALID, int StrideW = 1, int StrideH = 1, int FilterWidth = 1, int FilterHeight = 1,
    TfliteActivation Activation = TfliteActivation.NONE) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.Pool2DOptions;
}

/// <summary>FULLY_CONNECTED.</summary>
public sealed record FullyConnectedOptions(
    TfliteActivation Activation = TfliteActivation.NONE, TfliteWeightsFormat WeightsFormat = TfliteWeightsFormat.DEFAULT,
    bool KeepNumDims = false, bool AsymmetricQuantizeInputs = false,
    TfliteType QuantizedBiasType = TfliteType.FLOAT32) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.FullyConnectedOptions;
}

/// <summary>BATCH_MATMUL.</summary>
public sealed record BatchMatMulOptions(
    bool AdjX = false, bool AdjY = false, bool AsymmetricQuantizeInputs = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.BatchMatMulOptions;
}

/// <summary>SOFTMAX.</summary>
public sealed record SoftmaxOptions(float Beta = 1) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.SoftmaxOptions;
}

/// <summary>LEAKY_RELU.</summary>
public sealed record LeakyReluOptions(float Alpha = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.LeakyReluOptions;
}

/// <summary>GELU.</summary>
public sealed record GeluOptions(bool Approximate = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.GeluOptions;
}

/// <summary>ADD.</summary>
public sealed record AddOptions(
    TfliteActivation Activation = TfliteActivation.NONE, bool PotScaleInt16 = true) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.AddOptions;
}

/// <summary>SUB.</summary>
public sealed record SubOptions(
    TfliteActivation Activation = TfliteActivation.NONE, bool PotScaleInt16 = true) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.SubOptions;
}

/// <summary>MUL.</summary>
public sealed record MulOptions(TfliteActivation Activation = TfliteActivation.NONE) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.MulOptions;
}

/// <summary>DIV.</summary>
public sealed record DivOptions(TfliteActivation Activation = TfliteActivation.NONE) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.DivOptions;
}

/// <summary>L2_NORMALIZATION.</summary>
public sealed record L2NormOptions(TfliteActivation Activation = TfliteActivation.NONE) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.L2NormOptions;
}

/// <summary>LOCAL_RESPONSE_NORMALIZATION.</summary>
public sealed record LocalResponseNormalizationOptions(
    int Radius = 0, float Bias = 0, float Alpha = 0, float Beta = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.LocalResponseNormalizationOptions;
}

/// <summary>SUM, MEAN, REDUCE_MAX and the other reductions.</summary>
public sealed record ReducerOptions(bool KeepDims = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.ReducerOptions;
}

/// <summary>ARG_MAX.</summary>
public sealed record ArgMaxOptions(TfliteType OutputType = TfliteType.INT32) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.ArgMaxOptions;
}

/// <summary>ARG_MIN.</summary>
public sealed record ArgMinOptions(TfliteType OutputType = TfliteType.INT32) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.ArgMinOptions;
}

/// <summary>CUMSUM.</summary>
public sealed record CumsumOptions(bool Exclusive = false, bool Reverse = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.CumsumOptions;
}

/// <summary>RESIZE_BILINEAR.</summary>
public sealed record ResizeBilinearOptions(bool AlignCorners = false, bool HalfPixelCenters = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.ResizeBilinearOptions;
}

/// <summary>RESIZE_NEAREST_NEIGHBOR.</summary>
public sealed record ResizeNearestNeighborOptions(bool AlignCorners = false, bool HalfPixelCenters = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.ResizeNearestNeighborOptions;
}

/// <summary>CAST.</summary>
public sealed record CastOptions(
    TfliteType InDataType = TfliteType.FLOAT32, TfliteType OutDataType = TfliteType.FLOAT32) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.CastOptions;
}

/// <summary>FAKE_QUANT.</summary>
public sealed record FakeQuantOptions(float Min = 0, float Max = 0, int NumBits = 8, bool NarrowRange = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.FakeQuantOptions;
}

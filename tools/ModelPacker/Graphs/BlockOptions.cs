using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Graphs;

/// <summary>
/// Options of the building blocks that TensorFlow Lite's operator set lacks: norms, rotary positions, recurrent cells,
/// caches. A node that has them is CUSTOM and is told by its options' type, not by its name. Importers and passes make
/// such nodes from float models; their integer arithmetic is our own and documented with each kernel. Where a shape has
/// dimensions before the last ones named here, the block runs for each of them alone.
/// </summary>
public abstract record BlockOptions : TfliteOptions
{
    /// <inheritdoc/>
    public override BuiltinOptionsType OptionsType => BuiltinOptionsType.NONE;

    /// <summary>The block's name in messages, reports and custom operator codes.</summary>
    public abstract string Code { get; }
}

/// <summary>
/// LayerNorm over the last dimension: (x - mean) / sqrt(variance + epsilon) * scale + bias.
/// Inputs: x[..., N], scale[N] or absent, bias[N] or absent. Output: shape of x.
/// </summary>
public sealed record LayerNormOptions(float Epsilon) : BlockOptions
{
    /// <inheritdoc/>
    public override string Code => "LAYER_NORM";
}

/// <summary>RMSNorm over the last dimension: x / sqrt(mean(x^2) + epsilon) * scale. Inputs: x[..., N], scale[N] or absent.</summary>
public sealed record RmsNormOptions(float Epsilon) : BlockOptions
{
    /// <inheritdoc/>
    public override string Code => "RMS_NORM";
}

/// <summary>
/// GroupNorm: mean and variance over all positions and the channels of one group (InstanceNorm: a group a channel).
/// Inputs: x[B, ..., C], scale[C] or absent, bias[C] or absent.
/// </summary>
public sealed record GroupNormOptions(int Groups, float Epsilon) : BlockOptions
{
    /// <inheritdoc/>
    public override string Code => "GROUP_NORM";
}

/// <summary>The functions of one value that <see cref="FunctionOptions"/> can name; alpha and beta are its numbers.</summary>
public enum ScalarFunction
{
    /// <summary>x * sigmoid(x).</summary>
    Silu,
    /// <summary>The error function.</summary>
    Erf,
    /// <summary>clamp(alpha * x + beta, 0, 1).</summary>
    HardSigmoid,
    /// <summary>ln(1 + e^x).</summary>
    Softplus,
    /// <summary>x / (1 + |x|).</summary>
    Softsign,
    /// <summary>x * tanh(softplus(x)).</summary>
    Mish,
    /// <summary>gamma * (x above 0 ? x : alpha * (e^x - 1)) with gamma in beta.</summary>
    Selu,
    /// <summary>1 / x.</summary>
    Reciprocal,
    /// <summary>x to the power alpha.</summary>
    Power,
    /// <summary>clamp(x, alpha, beta).</summary>
    Clip,
    /// <summary>-1, 0 or 1.</summary>
    Sign,
    /// <summary>x above alpha ? x : 0.</summary>
    ThresholdedRelu,
    /// <summary>Towards zero to the nearest integer.</summary>
    Truncate,
    /// <summary>max(x, 0) + min(0, alpha * (e^(x / alpha) - 1)).</summary>
    Celu,
    /// <summary>x below -alpha ? x + beta : x above alpha ? x - beta : 0.</summary>
    Shrink,
    /// <summary>The tangent.</summary>
    Tan,
    /// <summary>The inverse sine.</summary>
    Asin,
    /// <summary>The inverse cosine.</summary>
    Acos,
    /// <summary>The inverse tangent.</summary>
    Atan,
    /// <summary>The hyperbolic sine.</summary>
    Sinh,
    /// <summary>The hyperbolic cosine.</summary>
    Cosh,
    /// <summary>The inverse hyperbolic sine.</summary>
    Asinh,
    /// <summary>The inverse hyperbolic cosine.</summary>
    Acosh,
    /// <summary>The inverse hyperbolic tangent.</summary>
    Atanh,
}

/// <summary>A function of one value that TensorFlow Lite has no operator for. Input: x. Output: shape of x.</summary>
public sealed record FunctionOptions(ScalarFunction Function, float Alpha = 0, float Beta = 0) : BlockOptions
{
    /// <inheritdoc/>
    public override string Code => Function.ToString().ToUpperInvariant();
}

/// <summary>
/// Rotary position embedding: pairs of elements of the last dimension are turned by a position's angle. Inputs:
/// x[..., T, D], cos[T, D/2], sin[T, D/2] (constants). Interleaved: pairs (0,1), (2,3) …; else (i, i + D/2).
/// With a third dynamic input, the int32 position of row 0, the tables hold all positions and row t uses position + t.
/// </summary>
public sealed record RotaryOptions(bool Interleaved) : BlockOptions
{
    /// <inheritdoc/>
    public override string Code => "ROTARY";
}

/// <summary>
/// Softmax over the last dimension of x[..., Q, K] in which query row q sees only keys 0 .. q + Offset (the rest have
/// weight 0). With a second input, int32[1], that number takes the place of Offset; with a third, bool or int8 mask
/// [..., K], keys whose mask is 0 have weight 0 too; where Hides, those whose mask is 1.
/// </summary>
public sealed record CausalSoftmaxOptions(float Beta = 1, int Offset = 0, bool Hides = false) : BlockOptions
{
    /// <inheritdoc/>
    public override string Code => "CAUSAL_SOFTMAX";
}

/// <summary>
/// Key/value cache of fixed size: writes x[..., t, D] into rows position .. position + t - 1 of the node's variable
/// [..., T, D], which keeps its value from run to run, and gives the whole cache out. Inputs: x, position (int32[1]).
/// </summary>
public sealed record CacheOptions(int Length) : BlockOptions
{
    /// <inheritdoc/>
    public override string Code => "CACHE";
}

/// <summary>
/// LSTM with ONNX's gate order and meaning, state fresh at every run unless given. Inputs: x[T, B, I], W[4H, I], R[4H, H],
/// bias[8H] or absent, initial h[B, H] or absent, initial c[B, H] or absent. Outputs: Y[T, B, H], last h[B, H], last c[B, H].
/// Gates in the order input, output, forget, cell.
/// </summary>
public sealed record LstmBlockOptions(bool Reverse = false) : BlockOptions
{
    /// <inheritdoc/>
    public override string Code => "LSTM";
}

/// <summary>
/// GRU with ONNX's gate order (update, reset, hidden) and meaning. Inputs: x[T, B, I], W[3H, I], R[3H, H], bias[6H] or absent,
/// initial h[B, H] or absent. Outputs: Y[T, B, H], last h[B, H].
/// </summary>
public sealed record GruOptions(bool Reverse = false, bool LinearBeforeReset = false) : BlockOptions
{
    /// <inheritdoc/>
    public override string Code => "GRU";
}

/// <summary>
/// A liquid (closed-form or Euler-stepped continuous-time) recurrent cell: h += dt * (-h / tau + f(W x + R h + b)) per
/// step, in neural-circuit wiring where zero weights are absent synapses. Inputs: x[T, B, I], W[H, I], R[H, H], bias[H], tau[H],
/// initial h[B, H] or absent. Outputs: Y[T, B, H], last h[B, H].
/// </summary>
public sealed record LiquidOptions(float TimeStep, int UnfoldSteps = 1) : BlockOptions
{
    /// <inheritdoc/>
    public override string Code => "LIQUID";
}

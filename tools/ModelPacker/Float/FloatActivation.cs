using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Float;

/// <summary>Activations that are fused into operators.</summary>
internal static class FloatActivation
{
    /// <summary>Applies one to all elements in place.</summary>
    public static void Apply(TfliteActivation activation, Span<float> values)
    {
        if (activation == TfliteActivation.NONE) return;
        for (int i = 0; i < values.Length; i++) values[i] = Of(activation, values[i]);
    }

    /// <summary>Applies one to one element.</summary>
    public static float Of(TfliteActivation activation, float x) => activation switch
    {
        TfliteActivation.RELU => x < 0 ? 0 : x,
        TfliteActivation.RELU6 => x < 0 ? 0 : x > 6 ? 6 : x,
        TfliteActivation.RELU_N1_TO_1 => x < -1 ? -1 : x > 1 ? 1 : x,
        TfliteActivation.TANH => MathF.Tanh(x),
        TfliteActivation.SIGN_BIT => float.IsNegative(x) ? 1 : 0,
        _ => x,
    };

    /// <summary>The activation that an operator's options fuse.</summary>
    public static TfliteActivation In(TfliteOptions? options) => options switch
    {
        Conv2DOptions o => o.Activation,
        DepthwiseConv2DOptions o => o.Activation,
        TransposeConvOptions o => o.Activation,
        FullyConnectedOptions o => o.Activation,
        Pool2DOptions o => o.Activation,
        AddOptions o => o.Activation,
        SubOptions o => o.Activation,
        MulOptions o => o.Activation,
        DivOptions o => o.Activation,
        ConcatenationOptions o => o.Activation,
        L2NormOptions o => o.Activation,
        _ => TfliteActivation.NONE,
    };
}

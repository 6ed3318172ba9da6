using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Lower.Tables;

/// <summary>
/// The piecewise linear activations on int8: RELU, RELU6, RELU_N1_TO_1 (TFLM activations_common.cc, TFLite activations.cc
/// QuantizedReluX), LEAKY_RELU (TFLM leaky_relu_common.cc, reference/leaky_relu.h) and ABS (TFLM elementwise.cc). Their
/// multipliers are quotients in float. TFLM's RELU6 ignores the output's scale, which its converter keeps equal to the
/// input's; where it is not, the values here are TFLite's.
/// </summary>
internal static class ReluTables
{
    /// <summary>The RELU family: clamp(requantise(x - zero, f32(s_in / s_out)) + zeroOut) between the bounds.</summary>
    public static Func<int, int> Relu(Node node)
    {
        Tensor input = node.Input(), output = node.Output;
        TfliteActivation activation = node.Operator switch
        {
            BuiltinOperator.RELU6 => TfliteActivation.RELU6,
            BuiltinOperator.RELU_N1_TO_1 => TfliteActivation.RELU_N1_TO_1,
            _ => TfliteActivation.RELU,
        };
        (int min, int max) = ActivationRange.Of(node, activation);
        Requantisation scale = Requantisation.From((float)(input.Scale / output.Scale));
        return q => Math.Clamp(scale.Apply(q - input.ZeroPoint) + output.ZeroPoint, min, Math.Max(min, max));
    }

    /// <summary>LEAKY_RELU: negative values take the multiplier f32(f32(s_in * alpha) / s_out), alpha of either sign.</summary>
    public static Func<int, int> LeakyRelu(Node node)
    {
        Tensor input = node.Input(), output = node.Output;
        float alpha = node.Options is LeakyReluOptions options ? options.Alpha : 0;
        float slope = (float)((float)(input.Scale * alpha) / output.Scale);
        Requantisation positive = Requantisation.From((float)(input.Scale / output.Scale));
        Requantisation negative = Requantisation.From(Math.Abs(slope));
        return q =>
        {
            int x = q - input.ZeroPoint;
            int y = x >= 0 ? positive.Apply(x) : slope < 0 ? -negative.Apply(x) : negative.Apply(x);
            return Math.Clamp(y + output.ZeroPoint, -128, 127);
        };
    }

    /// <summary>ABS: |x - zero|, rescaled by f32(s_in / s_out) where the scales differ.</summary>
    public static Func<int, int> Abs(Node node)
    {
        Tensor input = node.Input(), output = node.Output;
        Requantisation scale = Requantisation.From((float)(input.Scale / output.Scale));
        bool rescale = !input.Scale.Equals(output.Scale);
        return q =>
        {
            int magnitude = Math.Abs(q - input.ZeroPoint);
            return Math.Clamp((rescale ? scale.Apply(magnitude) : magnitude) + output.ZeroPoint, -128, 127);
        };
    }
}

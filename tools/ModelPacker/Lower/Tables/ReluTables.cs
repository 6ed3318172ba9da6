using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Lower.Tables;

/// <summary>
/// The piecewise linear activations on int8: RELU, RELU6, RELU_N1_TO_1 (TFLM activations_common.cc, TFLite activations.cc
/// QuantizedReluX), LEAKY_RELU (TFLM leaky_relu_common.cc, reference/leaky_relu.h) and ABS (TFLM elementwise.cc). Their
/// multipliers are quotients in float. TFLM's RELU6 never rescales, see <see cref="Relu6"/>.
/// </summary>
internal static class ReluTables
{
    /// <summary>RELU and RELU_N1_TO_1: clamp(requantise(x - zero, f32(s_in / s_out)) + zeroOut) between the bounds.</summary>
    public static Func<int, int> Relu(Node node)
    {
        Tensor input = node.Input(), output = node.Output;
        TfliteActivation activation = node.Operator switch
        {
            BuiltinOperator.RELU_N1_TO_1 => TfliteActivation.RELU_N1_TO_1,
            _ => TfliteActivation.RELU,
        };
        (int min, int max) = ActivationRange.Of(node, activation);
        Requantisation scale = Requantisation.From((float)(input.Scale / output.Scale));
        return q => Math.Clamp(scale.Apply(q - input.ZeroPoint) + output.ZeroPoint, min, Math.Max(min, max));
    }

    /// <summary>
    /// RELU6: clamp(q, zero, zero + round(f32(6 / s_in))) with scale and zero point of the input (TFLM activations_common.cc
    /// Relu6Prepare). The output's are not looked at, so a model in which they differ gets the bytes that TFLM gives it,
    /// not what TFLite gives on a desktop.
    /// </summary>
    public static Func<int, int> Relu6(Node node)
    {
        Tensor input = node.Input();
        int zero = input.ZeroPoint, six = (int)Math.Clamp(zero + MathF.Round(6 / input.Scale, MidpointRounding.AwayFromZero), -128f, 127f);
        return q => Math.Clamp(q, zero, six);
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

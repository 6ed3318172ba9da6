using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Lower.Tables;

/// <summary>
/// ELU and EXP on int8: computed in float for every input value and rounded (TFLM elu.cc, TFLite exp.cc,
/// kernels/internal/common.h LUTPopulate). A result beyond 32 bits saturates; C leaves it undefined. The last bit of
/// expf can differ between platforms' mathematical libraries.
/// </summary>
internal static class ExponentialTables
{
    /// <summary>ELU: x where x is not negative, else e^x - 1.</summary>
    public static Func<int, int> Elu(Node node) => Float(node, x => x < 0 ? (float)(MathF.Exp(x) - 1.0f) : x);

    /// <summary>EXP: e^x.</summary>
    public static Func<int, int> Exp(Node node) => Float(node, MathF.Exp);

    /// <summary>clamp(round(f(s_in * (q - zero)) * f32(1 / s_out)) + zeroOut), every step in float.</summary>
    private static Func<int, int> Float(Node node, Func<float, float> function)
    {
        Tensor input = node.Input(), output = node.Output;
        float inverse = 1 / output.Scale;
        return q =>
        {
            float real = (float)(input.Scale * (q - input.ZeroPoint));
            float rounded = MathF.Round((float)(function(real) * inverse), MidpointRounding.AwayFromZero);
            return (int)Math.Clamp((float)(rounded + output.ZeroPoint), -128f, 127f);
        };
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Passes;

namespace TinyAI.ModelPacker.Float;

/// <summary>Every function of one value: those of <see cref="FloatFunctions"/>, those of <see cref="FunctionOptions"/> and a few more.</summary>
public static class ScalarFunctions
{
    /// <summary>The function of a node, or null where it is none of one value.</summary>
    public static Func<float, float>? Of(Node node) => node.Operator switch
    {
        BuiltinOperator.CUSTOM => node.Options is FunctionOptions options ? Of(options) : null,
        BuiltinOperator.RESHAPE or BuiltinOperator.SQUEEZE or BuiltinOperator.EXPAND_DIMS => null,
        BuiltinOperator.RELU_N1_TO_1 => x => x < -1 ? -1 : x > 1 ? 1 : x,
        BuiltinOperator.RELU_0_TO_1 => x => x < 0 ? 0 : x > 1 ? 1 : x,
        BuiltinOperator.ELU => x => x < 0 ? (float)(Math.Exp(x) - 1) : x,
        BuiltinOperator.GELU => node.Options is GeluOptions { Approximate: true } ? GeluApproximate : Gelu,
        BuiltinOperator.SIGN => x => Math.Sign(x),
        BuiltinOperator.LOGICAL_NOT => x => x != 0 ? 0 : 1,
        _ => FloatFunctions.Unary(node),
    };

    /// <summary>The function that options name.</summary>
    public static Func<float, float> Of(FunctionOptions options)
    {
        (float alpha, float beta) = (options.Alpha, options.Beta);
        return options.Function switch
        {
            ScalarFunction.Silu => x => (float)(x * Sigmoid(x)),
            ScalarFunction.Erf => x => (float)Erf(x),
            ScalarFunction.HardSigmoid => x => Math.Clamp(alpha * x + beta, 0, 1),
            ScalarFunction.Softplus => x => (float)Softplus(x),
            ScalarFunction.Softsign => x => x / (1 + MathF.Abs(x)),
            ScalarFunction.Mish => x => (float)(x * Math.Tanh(Softplus(x))),
            ScalarFunction.Selu => x => (float)(beta * (x > 0 ? x : alpha * (Math.Exp(x) - 1))),
            ScalarFunction.Reciprocal => x => 1 / x,
            ScalarFunction.Power => x => MathF.Pow(x, alpha),
            ScalarFunction.Clip => x => Math.Min(Math.Max(x, alpha), beta),
            ScalarFunction.Sign => x => Math.Sign(x),
            ScalarFunction.Truncate => MathF.Truncate,
            ScalarFunction.ThresholdedRelu => x => x > alpha ? x : 0,
            ScalarFunction.Celu => x => (float)(Math.Max(x, 0) + Math.Min(0, alpha * (Math.Exp(x / (double)alpha) - 1))),
            ScalarFunction.Shrink => x => x < -alpha ? x + beta : x > alpha ? x - beta : 0,
            ScalarFunction.Tan => MathF.Tan,
            ScalarFunction.Asin => MathF.Asin,
            ScalarFunction.Acos => MathF.Acos,
            ScalarFunction.Atan => MathF.Atan,
            ScalarFunction.Sinh => MathF.Sinh,
            ScalarFunction.Cosh => MathF.Cosh,
            ScalarFunction.Asinh => MathF.Asinh,
            ScalarFunction.Acosh => MathF.Acosh,
            ScalarFunction.Atanh => MathF.Atanh,
            _ => throw new NotSupportedException($"The function {options.Function} is not known."),
        };
    }

    /// <summary>
    /// The error function to full precision: its Taylor series 2/sqrt(pi) * sum of (-1)^n x^(2n+1) / (n! (2n+1)) below 3 and the
    /// continued fraction of its complement above (Abramowitz and Stegun 7.1.5 and 7.1.14).
    /// </summary>
    public static double Erf(double x)
    {
        double a = Math.Abs(x);
        if (double.IsNaN(x)) return x;
        if (a > 6) return Math.Sign(x);
        if (a < 3)
        {
            double term = x, sum = x;
            for (int n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }

            return sum * 2 / Math.Sqrt(Math.PI);
        }

        double fraction = 0;
        for (int k = 60; k >= 1; k--) fraction = k / 2.0 / (a + fraction);
        return Math.Sign(x) * (1 - Math.Exp(-a * a) / Math.Sqrt(Math.PI) / (a + fraction));
    }

    private static float Gelu(float x) => (float)(0.5 * x * (1 + Erf(x / Math.Sqrt(2))));

    private static float GeluApproximate(float x) => (float)(0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => x > 30 ? x : Math.Log(1 + Math.Exp(x));
}

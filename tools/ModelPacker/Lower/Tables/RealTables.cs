using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Lower.Tables;

/// <summary>
/// Functions of one int8 value for which TFLite Micro has no integer form: computed in double for every input value,
/// out = clamp8(round half away from zero(f(s_in * (q - zero)) / s_out) + zeroOut). Double leaves the last bit of a
/// platform's mathematical library far below what rounding to 8 bits could show. Where the function has no value, the nearest
/// end of its range counts (the root of a negative number is 0).
/// </summary>
internal static class RealTables
{
    /// <summary>The function of a node from quantised value to quantised value.</summary>
    public static Func<int, int> Of(Node node)
    {
        Func<double, double> function = Function(node)!;
        Tensor input = node.Input(), output = node.Output;
        return q =>
        {
            double real = function((double)input.Scale * (q - input.ZeroPoint));
            double rounded = Math.Round(real / output.Scale, MidpointRounding.AwayFromZero);
            return double.IsNaN(rounded) ? output.ZeroPoint : (int)Math.Clamp(rounded + output.ZeroPoint, -128, 127);
        };
    }

    /// <summary>The function in real numbers, or null where the node is none.</summary>
    public static Func<double, double>? Function(Node node) => node.Options is FunctionOptions options ? Function(options) : node.Operator switch
    {
        BuiltinOperator.GELU => node.Options is GeluOptions { Approximate: true } ? GeluTanh : Gelu,
        BuiltinOperator.NEG => x => -x,
        BuiltinOperator.SQUARE => x => x * x,
        BuiltinOperator.SQRT => x => Math.Sqrt(Math.Max(x, 0)),
        BuiltinOperator.LOG => x => Math.Log(Math.Max(x, 0)),
        BuiltinOperator.SIN => Math.Sin,
        BuiltinOperator.COS => Math.Cos,
        BuiltinOperator.FLOOR => Math.Floor,
        BuiltinOperator.CEIL => Math.Ceiling,
        BuiltinOperator.ROUND => x => Math.Round(x, MidpointRounding.ToEven),
        _ => null,
    };

    private static Func<double, double> Function(FunctionOptions options)
    {
        double alpha = options.Alpha, beta = options.Beta;
        return options.Function switch
        {
            ScalarFunction.Silu => x => x / (1 + Math.Exp(-x)),
            ScalarFunction.Erf => ScalarFunctions.Erf,
            ScalarFunction.HardSigmoid => x => Math.Clamp(alpha * x + beta, 0, 1),
            ScalarFunction.Softplus => Softplus,
            ScalarFunction.Softsign => x => x / (1 + Math.Abs(x)),
            ScalarFunction.Mish => x => x * Math.Tanh(Softplus(x)),
            ScalarFunction.Selu => x => beta * (x > 0 ? x : alpha * (Math.Exp(x) - 1)),
            ScalarFunction.Reciprocal => x => 1 / x,
            ScalarFunction.Power => x => Math.Pow(x, alpha),
            ScalarFunction.Clip => x => Math.Max(alpha, Math.Min(beta, x)),
            ScalarFunction.Sign => x => Math.Sign(x),
            ScalarFunction.ThresholdedRelu => x => x > alpha ? x : 0,
            ScalarFunction.Truncate => Math.Truncate,
            ScalarFunction.Celu => x => Math.Max(x, 0) + Math.Min(0, alpha * (Math.Exp(x / alpha) - 1)),
            ScalarFunction.Shrink => x => x < -alpha ? x + beta : x > alpha ? x - beta : 0,
            ScalarFunction.Tan => Math.Tan,
            ScalarFunction.Asin => x => Math.Asin(Math.Clamp(x, -1, 1)),
            ScalarFunction.Acos => x => Math.Acos(Math.Clamp(x, -1, 1)),
            ScalarFunction.Atan => Math.Atan,
            ScalarFunction.Sinh => Math.Sinh,
            ScalarFunction.Cosh => Math.Cosh,
            ScalarFunction.Asinh => Math.Asinh,
            ScalarFunction.Acosh => x => Math.Acosh(Math.Max(x, 1)),
            ScalarFunction.Atanh => x => Math.Atanh(Math.Clamp(x, -1, 1)),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Function, null),
        };
    }

    /// <summary>x * Phi(x), Phi being the normal distribution (Hendrycks and Gimpel 2016).</summary>
    private static double Gelu(double x) => 0.5 * x * (1 + ScalarFunctions.Erf(x / Math.Sqrt(2)));

    private static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}

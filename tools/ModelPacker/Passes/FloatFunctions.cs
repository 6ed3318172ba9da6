using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// TFLM's float kernels for one element, step by step in float: what <see cref="FoldFloatIslands"/> evaluates. The last
/// bit of exp, log, sin, cos and tanh can differ between platforms' mathematical libraries.
/// </summary>
internal static class FloatFunctions
{
    /// <summary>The function of a node with one computed input, or null where it is not element-wise or not known.</summary>
    public static Func<float, float>? Unary(Node node) => node.Operator switch
    {
        BuiltinOperator.NEG => x => -x,
        BuiltinOperator.ABS => MathF.Abs,
        BuiltinOperator.SQUARE => x => (float)(x * x),
        BuiltinOperator.SQRT => MathF.Sqrt,
        BuiltinOperator.RSQRT => x => (float)(1f / MathF.Sqrt(x)),
        BuiltinOperator.EXP => MathF.Exp,
        BuiltinOperator.LOG => MathF.Log,
        BuiltinOperator.SIN => MathF.Sin,
        BuiltinOperator.COS => MathF.Cos,
        BuiltinOperator.TANH => MathF.Tanh,
        BuiltinOperator.LOGISTIC => Logistic,
        BuiltinOperator.FLOOR => MathF.Floor,
        BuiltinOperator.CEIL => MathF.Ceiling,
        BuiltinOperator.ROUND => x => MathF.Round(x, MidpointRounding.ToEven),
        BuiltinOperator.RELU => x => x < 0 ? 0 : x,
        BuiltinOperator.RELU6 => x => x > 6 ? 6 : x < 0 ? 0 : x,
        BuiltinOperator.LEAKY_RELU when node.Options is LeakyReluOptions options => x => x > 0 ? x : (float)(x * options.Alpha),
        BuiltinOperator.HARD_SWISH => x => (float)((float)(x * Math.Min(6f, Math.Max(0f, (float)(x + 3)))) / 6),
        BuiltinOperator.RESHAPE or BuiltinOperator.SQUEEZE or BuiltinOperator.EXPAND_DIMS => x => x,
        _ => null,
    };

    /// <summary>The function of a node with two inputs, or null where it is not element-wise or not known.</summary>
    public static Func<float, float, float>? Binary(Node node)
    {
        Func<float, float, float>? function = node.Operator switch
        {
            BuiltinOperator.ADD => (a, b) => (float)(a + b),
            BuiltinOperator.SUB => (a, b) => (float)(a - b),
            BuiltinOperator.MUL => (a, b) => (float)(a * b),
            BuiltinOperator.DIV => (a, b) => (float)(a / b),
            BuiltinOperator.SQUARED_DIFFERENCE => (a, b) => (float)((float)(a - b) * (float)(a - b)),
            BuiltinOperator.POW => MathF.Pow,
            BuiltinOperator.MAXIMUM => (a, b) => a > b ? a : b,
            BuiltinOperator.MINIMUM => (a, b) => a < b ? a : b,
            _ => null,
        };
        TfliteActivation activation = node.Options switch
        {
            AddOptions add => add.Activation,
            SubOptions sub => sub.Activation,
            MulOptions mul => mul.Activation,
            DivOptions div => div.Activation,
            _ => TfliteActivation.NONE,
        };
        if (function is null || activation == TfliteActivation.NONE) return function;
        (float min, float max) = activation switch
        {
            TfliteActivation.RELU => (0f, float.MaxValue),
            TfliteActivation.RELU6 => (0f, 6f),
            TfliteActivation.RELU_N1_TO_1 => (-1f, 1f),
            _ => (float.NaN, float.NaN),
        };
        if (float.IsNaN(min)) return null;
        return (a, b) => Math.Min(Math.Max(function(a, b), min), max);
    }

    /// <summary>TFLite reference logistic.h: exact ends, 1 / (1 + e^-x) between.</summary>
    private static float Logistic(float x)
    {
        if (x > 16.619047164916992188f) return 1;
        if (x < -9f) return MathF.Exp(x);
        return (float)(1f / (float)(1f + MathF.Exp(-x)));
    }
}

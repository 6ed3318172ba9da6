using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Functions of one value.</summary>
internal static class FunctionOperators
{
    public static void Unary(OnnxNodeContext c, BuiltinOperator op) => c.Result(c.Write.Like(op, null, c.Tensor(0)));

    public static void Function(OnnxNodeContext c, ScalarFunction function, float alpha = 0, float beta = 0) => c.Result(Apply(c, c.Tensor(0), function, alpha, beta));

    private static Tensor Apply(OnnxNodeContext c, Tensor x, ScalarFunction function, float alpha = 0, float beta = 0) =>
        c.Write.Block(new FunctionOptions(function, alpha, beta), x.Shape, x);

    public static void LeakyRelu(OnnxNodeContext c) => c.Result(c.Write.Like(BuiltinOperator.LEAKY_RELU, new LeakyReluOptions(c.Float("alpha", 0.01f)), c.Tensor(0)));

    public static void Elu(OnnxNodeContext c)
    {
        if (c.Float("alpha", 1) == 1) Unary(c, BuiltinOperator.ELU);
        else Function(c, ScalarFunction.Selu, c.Float("alpha", 1), 1);
    }

    public static void PRelu(OnnxNodeContext c)
    {
        Tensor x = c.Tensor(0);
        OnnxConstant slope = c.Known(1, "its slopes");
        if (Shapes.Broadcast(x.Shape, slope.Shape) is not { } shape || !shape.AsSpan().SequenceEqual(x.Shape)) throw new OnnxRefusal("has slopes that do not fit its input.");
        c.Result(c.Write.Like(BuiltinOperator.PRELU, null, x, c.Write.Constant(slope)));
    }

    public static void Clip(OnnxNodeContext c)
    {
        float low = c.Float("min", float.NegativeInfinity), high = c.Float("max", float.PositiveInfinity);
        if (c.Optional(1) is not null) low = (float)c.Known(1, "its smallest value").Scalar;
        if (c.Optional(2) is not null) high = (float)c.Known(2, "its largest value").Scalar;
        if (low <= -3e38f) low = float.NegativeInfinity;
        if (high >= 3e38f) high = float.PositiveInfinity;
        if (low > high) throw new OnnxRefusal($"clips to the range {low} to {high}, which is empty.");
        Tensor x = c.Tensor(0);
        if (x.Type != TfliteType.FLOAT32)
        {
            if (!float.IsInfinity(low)) x = c.Write.Binary(BuiltinOperator.MAXIMUM, x, c.Write.Constant(new OnnxConstant(OnnxType.Int32, [], [low])));
            if (!float.IsInfinity(high)) x = c.Write.Binary(BuiltinOperator.MINIMUM, x, c.Write.Constant(new OnnxConstant(OnnxType.Int32, [], [high])));
            c.Result(x);
            return;
        }

        c.Result((low, high) switch
        {
            (0, 6) => c.Write.Like(BuiltinOperator.RELU6, null, x),
            (-1, 1) => c.Write.Like(BuiltinOperator.RELU_N1_TO_1, null, x),
            (0, float.PositiveInfinity) => c.Write.Like(BuiltinOperator.RELU, null, x),
            (float.NegativeInfinity, float.PositiveInfinity) => x,
            _ => Apply(c, x, ScalarFunction.Clip, low, high),
        });
    }

    /// <summary>x to a power that is known, else unsupported.</summary>
    public static void Pow(OnnxNodeContext c)
    {
        Tensor x = c.Tensor(0);
        OnnxConstant power = c.Known(1, "its exponent");
        if (power.Values.Length == 0 || power.Values.Any(v => v != power.Values[0])) throw new OnnxRefusal("has different exponents for its elements, which is not supported.");
        Tensor y = power.Values[0] switch
        {
            1 => x,
            2 => c.Write.Like(BuiltinOperator.SQUARE, null, x),
            0.5 => c.Write.Like(BuiltinOperator.SQRT, null, x),
            -0.5 => c.Write.Like(BuiltinOperator.RSQRT, null, x),
            -1 => Apply(c, x, ScalarFunction.Reciprocal),
            var p => Apply(c, x, ScalarFunction.Power, (float)p),
        };
        c.Result(y);
    }

    public static void Gelu(OnnxNodeContext c) => c.Result(Gelu(c, c.Tensor(0), c.Text("approximate", "none") == "tanh"));

    /// <summary>com.microsoft: GELU of a sum with a bias.</summary>
    public static void BiasGelu(OnnxNodeContext c, bool approximate)
    {
        Tensor x = c.Tensor(0);
        if (c.Optional(1) is not null) x = c.Write.Binary(BuiltinOperator.ADD, x, c.Tensor(1));
        c.Result(Gelu(c, x, approximate));
    }

    /// <summary>com.microsoft: x * sigmoid(alpha * x).</summary>
    public static void QuickGelu(OnnxNodeContext c)
    {
        Tensor x = c.Tensor(0);
        float alpha = c.Float("alpha", 1.702f);
        if (alpha == 1)
        {
            c.Result(Apply(c, x, ScalarFunction.Silu));
            return;
        }

        // x * s(a x) = silu(a x) / a.
        Tensor scaled = c.Write.Binary(BuiltinOperator.MUL, x, c.Write.Real(alpha));
        c.Result(c.Write.Binary(BuiltinOperator.MUL, Apply(c, scaled, ScalarFunction.Silu), c.Write.Real(1.0 / alpha)));
    }

    private static Tensor Gelu(OnnxNodeContext c, Tensor x, bool approximate) => c.Write.Like(BuiltinOperator.GELU, new GeluOptions(approximate), x);
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>
/// Operators that say quantised arithmetic in one node (QLinearConv and its kind, ConvInteger, MatMulInteger): taken apart
/// into the float operator between DEQUANTIZE and QUANTIZE, which the passes put together again as an integer operator.
/// </summary>
internal static class IntegerOperators
{
    /// <summary>x, its mapping, w, its mapping, the output's mapping, bias of int32.</summary>
    public static void QLinearConv(OnnxNodeContext c)
    {
        OnnxValue x = QuantiseOperators.Real(c, c.In(0), c.In(1), c.Optional(2)), w = QuantiseOperators.Real(c, c.In(3), c.In(4), c.Optional(5));
        OnnxValue? bias = c.Optional(8) is null ? null : Bias(c, c.Known(8, "its bias"), c.In(1), c.In(4));
        Requantise(c, Call(c, "Conv", x, w, bias), 6);
    }

    public static void QLinearMatMul(OnnxNodeContext c) => Requantise(c, Call(c, "MatMul", Side(c, 0), Side(c, 3)), 6);

    public static void QGemm(OnnxNodeContext c)
    {
        OnnxValue? bias = c.Optional(6) is null ? null : Bias(c, c.Known(6, "its bias"), c.In(1), c.In(4));
        OnnxValue y = Call(c, "Gemm", Side(c, 0), Side(c, 3), bias);
        if (c.Optional(7) is null) c.Result(y);
        else Requantise(c, y, 7);
    }

    /// <summary>Two quantised operands, element by element.</summary>
    public static void QLinearBinary(OnnxNodeContext c, string op) => Requantise(c, Call(c, op, Side(c, 0), Side(c, 3)), 6);

    /// <summary>One quantised operand: x, its mapping, the output's mapping.</summary>
    public static void QLinearUnary(OnnxNodeContext c, string op)
    {
        if (c.Int("channels_last", 0) != 0) throw new OnnxRefusal("has its channels last, which is not supported: export it with channels second.");
        Requantise(c, Call(c, op, QuantiseOperators.Real(c, c.In(0), c.In(1), c.Optional(2))), 3);
    }

    public static void QLinearSoftmax(OnnxNodeContext c)
    {
        OnnxValue x = QuantiseOperators.Real(c, c.In(0), c.In(1), c.Optional(2));
        var inner = new OnnxNodeContext(c.Node with { Outputs = [c.Node.Outputs[0]] }, [x], c.Write, c.Import, c.Scope);
        SoftmaxOperators.Along(inner, BuiltinOperator.SOFTMAX, new SoftmaxOptions(), c.Int("opset", c.Opset));
        Requantise(c, inner.Results[0]!, 3);
    }

    /// <summary>The output's mapping, then each part with its own.</summary>
    public static void QLinearConcat(OnnxNodeContext c)
    {
        OnnxValue[] parts = [.. Enumerable.Range(0, (c.InputCount - 2) / 3).Select(i => Side(c, 2 + 3 * i))];
        Requantise(c, Call(c, "Concat", parts), 0);
    }

    public static void ConvInteger(OnnxNodeContext c) => Integer(c, "Conv");

    public static void MatMulInteger(OnnxNodeContext c) => Integer(c, "MatMul");

    /// <summary>com.microsoft: A and B of integers, their scales and zero points, a bias of float.</summary>
    public static void MatMulIntegerToFloat(OnnxNodeContext c)
    {
        OnnxValue a = c.In(0).Dynamic is { IsScale: false } dynamic ? dynamic.Source : QuantiseOperators.Real(c, c.In(0), c.In(2), c.Optional(4));
        OnnxValue b = QuantiseOperators.Real(c, c.In(1), c.In(3), c.Optional(5), c.In(1).Shape.Length - 1);
        OnnxValue y = Call(c, "MatMul", a, b);
        c.Result(c.Optional(6) is { } bias ? c.Call("Add", [y, bias]) : y);
    }

    /// <summary>com.microsoft: A of float, quantised on the way; B of integers with scale and zero point, a bias of float.</summary>
    public static void DynamicQuantizeMatMul(OnnxNodeContext c)
    {
        OnnxValue y = Call(c, "MatMul", c.In(0), QuantiseOperators.Real(c, c.In(1), c.In(2), c.Optional(3), c.In(1).Shape.Length - 1));
        c.Result(c.Optional(4) is { } bias ? c.Call("Add", [y, bias]) : y);
    }

    /// <summary>
    /// Integer sums: the real sums divided by the activations' scale. Where that scale is known the division is written
    /// down and cancels against the product that follows; where it is computed it stays a symbol.
    /// </summary>
    private static void Integer(OnnxNodeContext c, string op)
    {
        OnnxValue x = c.In(0), one = c.Value(new OnnxConstant(OnnxType.Float, [], [1]));
        OnnxConstant? zeros = c.Optional(3)?.Constant;
        OnnxValue scales = zeros is { Values.Length: > 1 } ? c.Value(new OnnxConstant(OnnxType.Float, [zeros.Values.Length], [.. zeros.Values.Select(_ => 1.0)])) : one;
        OnnxValue w = QuantiseOperators.Real(c, c.In(1), scales, c.Optional(3), op == "Conv" ? 0 : c.In(1).Shape.Length - 1);
        if (x.Dynamic is { IsScale: false } dynamic)
        {
            OnnxValue sums = Call(c, op, dynamic.Source, w);
            c.Result(new OnnxValue { Name = c.Node.Outputs[0], Type = OnnxType.Int32, Shape = sums.Shape, Tensor = c.Tensor(sums), Dynamic = dynamic });
            return;
        }

        if (c.Tensor(x).Quantisation is not { } mapping) throw new OnnxRefusal("takes integers whose scale the model does not say.");
        OnnxValue scale = c.Value(new OnnxConstant(OnnxType.Float, [], [mapping.Scale]));
        OnnxValue y = Call(c, op, QuantiseOperators.Real(c, x, scale, c.Optional(2)), w);
        c.Result(c.Write.Binary(BuiltinOperator.MUL, c.Tensor(y), c.Write.Real(1.0 / mapping.Scale)), 0, OnnxType.Int32);
    }

    /// <summary>A bias of int32 in units of the product of both scales.</summary>
    private static OnnxValue Bias(OnnxNodeContext c, OnnxConstant bias, OnnxValue xScale, OnnxValue wScale)
    {
        (float[] x, _) = QuantiseOperators.Mapping(xScale, null, OnnxType.Int32);
        (float[] w, _) = QuantiseOperators.Mapping(wScale, null, OnnxType.Int32);
        var scale = c.Value(new OnnxConstant(OnnxType.Float, [w.Length], [.. w.Select(s => (double)(float)(s * x[0]))]));
        return QuantiseOperators.Real(c, c.Value(bias with { Type = OnnxType.Int32 }), scale, null);
    }

    private static OnnxValue Side(OnnxNodeContext c, int index) =>
        QuantiseOperators.Real(c, c.In(index), c.In(index + 1), c.Optional(index + 2), c.In(index).Shape.Length - 1);

    /// <summary>The float operator with this node's own attributes.</summary>
    private static OnnxValue Call(OnnxNodeContext c, string op, params OnnxValue?[] values) =>
        c.Call(c.Node with { Domain = "", OpType = op, Outputs = [c.Node.Outputs[0]] }, values)[0] ?? throw new OnnxRefusal("has no result.");

    private static void Requantise(OnnxNodeContext c, OnnxValue y, int scaleAt) =>
        c.Result(QuantiseOperators.Quantized(c, y, c.In(scaleAt), c.Optional(scaleAt + 1), c.Optional(scaleAt + 1)?.Type ?? c.In(0).Type));
}

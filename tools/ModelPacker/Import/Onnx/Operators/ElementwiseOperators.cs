using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Operators on two tensors element by element, comparisons and casts.</summary>
internal static class ElementwiseOperators
{
    public static void Binary(OnnxNodeContext c, BuiltinOperator op)
    {
        if (op == BuiltinOperator.MUL && Rescaled(c)) return;
        (Tensor a, Tensor b) = Operands(c, c.In(0), c.In(1));
        c.Result(c.Write.Binary(op, a, b), 0, c.In(0).Type);
    }

    public static void Compare(OnnxNodeContext c, BuiltinOperator op)
    {
        (Tensor a, Tensor b) = Operands(c, c.In(0), c.In(1));
        c.Result(c.Write.Binary(op, a, b, TfliteType.BOOL), 0, OnnxType.Bool);
    }

    public static void Variadic(OnnxNodeContext c, BuiltinOperator op, bool average = false)
    {
        Tensor all = c.Tensor(0);
        for (int i = 1; i < c.InputCount; i++) all = c.Write.Binary(op, all, c.Tensor(i));
        c.Result(average && c.InputCount > 1 ? c.Write.Binary(BuiltinOperator.MUL, all, c.Write.Real(1.0 / c.InputCount)) : all);
    }

    public static void Where(OnnxNodeContext c)
    {
        (Tensor a, Tensor b) = Operands(c, c.In(1), c.In(2));
        Tensor condition = c.Tensor(0);
        int[]? shape = Shapes.Broadcast(a.Shape, b.Shape);
        shape = shape is null ? null : Shapes.Broadcast(shape, condition.Shape);
        if (shape is null) throw new OnnxRefusal("has operands whose shapes do not fit each other.");
        c.Result(c.Write.Add(BuiltinOperator.SELECT_V2, null, a.Type, shape, condition, a, b), 0, c.In(1).Type);
    }

    /// <summary>Between kinds of numbers that the graph keeps alike there is nothing to do; real to integer cuts towards zero.</summary>
    public static void Cast(OnnxNodeContext c) => Cast(c, (OnnxType)c.Int("to", 1));

    /// <summary>To the type of another tensor.</summary>
    public static void CastLike(OnnxNodeContext c) => Cast(c, c.In(1).Type);

    private static void Cast(OnnxNodeContext c, OnnxType to)
    {
        OnnxValue x = c.In(0);
        if (to.Bytes() == 0) throw new OnnxRefusal($"casts to {to.Name()}, which is not supported.");
        if (x.Dynamic is not null && to.IsReal())
        {
            c.Result(x);
            return;
        }

        if (x.Type.IsByte() && !to.IsByte())
        {
            c.Result(QuantiseOperators.Integers(c, x), 0, to);
            return;
        }

        Tensor tensor = c.Tensor(0);
        TfliteType from = tensor.Type, target = to.ToGraph();
        if (target is TfliteType.INT8 or TfliteType.UINT8) throw new OnnxRefusal($"casts to {to.Name()} without a scale, which is not supported: use QuantizeLinear.");
        if (from == target || (from == TfliteType.FLOAT32 && !to.IsReal() && !x.Type.IsReal())) c.Result(tensor, 0, to);
        else if (target == TfliteType.BOOL) c.Result(c.Write.Add(BuiltinOperator.NOT_EQUAL, null, target, tensor.Shape, tensor, Zero(c, tensor)), 0, to);
        else c.Result(c.Write.Add(BuiltinOperator.CAST, new CastOptions(from, target), target, tensor.Shape, tensor), 0, to);
    }

    private static Tensor Zero(OnnxNodeContext c, Tensor like) =>
        c.Write.Constant(new OnnxConstant(like.Type == TfliteType.FLOAT32 ? OnnxType.Float : OnnxType.Int32, [], [0]));

    /// <summary>Both as tensors. Integers that count what float has computed are float here.</summary>
    private static (Tensor A, Tensor B) Operands(OnnxNodeContext c, OnnxValue x, OnnxValue y)
    {
        Tensor? a = x.Constant is null ? c.Tensor(x) : null, b = y.Constant is null ? c.Tensor(y) : null;
        return (a ?? Constant(x, b), b ?? Constant(y, a));

        Tensor Constant(OnnxValue value, Tensor? other) =>
            other?.Type == TfliteType.FLOAT32 && !value.Type.IsReal() ? c.Write.Constant(value.Constant! with { Type = OnnxType.Float }) : c.Tensor(value);
    }

    /// <summary>Products with the scale of a dynamic quantisation: the scale stays a symbol until it meets what is measured in it.</summary>
    private static bool Rescaled(OnnxNodeContext c)
    {
        OnnxValue a = c.In(0), b = c.In(1);
        if (a.Dynamic is null && b.Dynamic is null) return false;
        if (a.Dynamic is null) (a, b) = (b, a);
        if (a.Dynamic is { IsScale: true } scale && b.Constant is { } factor)
        {
            OnnxConstant all = scale.Factor is null ? factor
                : scale.Factor.Values.Length == 1 ? factor with { Values = [.. factor.Values.Select(v => v * scale.Factor.Values[0])] }
                : throw new OnnxRefusal("multiplies a dynamic scale more than once, which is not supported.");
            c.Result(new OnnxValue { Name = c.Node.Outputs[0], Type = OnnxType.Float, Shape = all.Shape, Dynamic = scale with { Factor = all } });
            return true;
        }

        if (a.Dynamic is { IsScale: true }) (a, b) = (b, a);
        if (a.Dynamic is { IsScale: false } measured && b.Dynamic is { IsScale: true } unit && measured.Source == unit.Source && a.Tensor is { } tensor)
        {
            c.Result(unit.Factor is null ? tensor : c.Write.Binary(BuiltinOperator.MUL, tensor, c.Write.Constant(unit.Factor with { Type = OnnxType.Float })), 0, OnnxType.Float);
            return true;
        }

        throw new OnnxRefusal("multiplies a dynamically quantised value by something other than its scale, which is not supported: quantise the model statically, or give the float model to `quantize`.");
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>
/// QuantizeLinear and DequantizeLinear: activations become int8 tensors with their mapping (uint8 moved by 128), constants
/// keep their integers.
/// </summary>
internal static class QuantiseOperators
{
    public static void Quantize(OnnxNodeContext c)
    {
        if (c.Int("block_size", 0) != 0) throw new OnnxRefusal("has a scale per block, which is not supported: quantise per tensor or per channel.");
        OnnxType type = c.Optional(2)?.Type ?? (OnnxType)c.Int("output_dtype", (long)OnnxType.UInt8);
        c.Result(Quantized(c, c.In(0), c.In(1), c.Optional(2), type));
    }

    public static void Dequantize(OnnxNodeContext c)
    {
        if (c.Int("block_size", 0) != 0) throw new OnnxRefusal("has a scale per block, which is not supported: quantise per tensor or per channel.");
        c.Result(Real(c, c.In(0), c.In(1), c.Optional(2), c.Int("axis", 1)));
    }

    /// <summary>Real numbers as integers of a scale and zero point.</summary>
    public static OnnxValue Quantized(OnnxNodeContext c, OnnxValue x, OnnxValue scale, OnnxValue? zero, OnnxType type)
    {
        if (!type.IsByte()) throw new OnnxRefusal($"makes {type.Name()}: only int8 and uint8 are supported.");
        (float[] scales, long[] zeros) = Mapping(scale, zero, type);
        if (x.Constant is { } known)
        {
            (long low, long high) = type.Range();
            if (scales.Length != 1) throw new OnnxRefusal("quantises a constant per channel: store the integers in the model instead.");
            double[] q = [.. known.Values.Select(v => Math.Clamp(Math.Round((float)(v / scales[0]), MidpointRounding.ToEven) + zeros[0], low, high))];
            return c.Value(new OnnxConstant(type, known.Shape, q));
        }

        if (scales.Length != 1) throw new OnnxRefusal("has a scale per channel for a computed value: activations need one scale.");
        Tensor real = c.Tensor(x);
        var tensor = new Tensor
        {
            Name = c.Write.Name, Type = TfliteType.INT8, Shape = real.Shape, Quantisation = new Quantisation(scales, [type == OnnxType.UInt8 ? zeros[0] - 128 : zeros[0]], 0),
            RoundedOnce = true,
        };
        c.Write.AddNode(BuiltinOperator.QUANTIZE, null, [real], [tensor]);
        return c.Value(tensor, type);
    }

    /// <summary>Integers as the real numbers that they stand for.</summary>
    public static OnnxValue Real(OnnxNodeContext c, OnnxValue x, OnnxValue scale, OnnxValue? zero, long axis = 0)
    {
        (float[] scales, long[] zeros) = Mapping(scale, zero, x.Type);
        if (x.Constant is { } known)
        {
            int along = 0;
            if (scales.Length > 1)
            {
                along = Shapes.Axis(axis, known.Shape.Length);
                if (known.Shape[along] != scales.Length) throw new OnnxRefusal($"has {scales.Length} scales for dimension {along} of [{string.Join(',', known.Shape)}].");
            }

            if (!(x.Type.IsByte() || x.Type == OnnxType.Int32)) throw new OnnxRefusal($"stores {x.Type.Name()}: int8, uint8 and, for a bias, int32 are supported.");
            var quantised = new QuantisedConstant(known, scales, zeros, along);
            OnnxConstant real = quantised.Real();
            return new OnnxValue { Name = c.Write.Name, Type = OnnxType.Float, Shape = real.Shape, Constant = real, Quantised = quantised };
        }

        if (scales.Length != 1) throw new OnnxRefusal("has a scale per channel for a computed value: activations need one scale.");
        if (x.Type == OnnxType.Int32 && c.Tensor(x) is { Type: TfliteType.FLOAT32 } sums) return c.Value(Affine(c, sums, scales[0], -scales[0] * (double)zeros[0]));
        if (!x.Type.IsByte()) throw new OnnxRefusal($"takes {x.Type.Name()}: only int8 and uint8 activations are supported.");
        return c.Value(Mapped(c, x, scales[0], x.Type == OnnxType.UInt8 ? zeros[0] - 128 : zeros[0]));
    }

    /// <summary>The integers themselves as real numbers, as a cast to int32 wants them.</summary>
    public static Tensor Integers(OnnxNodeContext c, OnnxValue x) => Mapped(c, x, 1, x.Type == OnnxType.UInt8 ? -128 : 0);

    /// <summary>The real numbers of an int8 tensor under this mapping; an input of the model learns its mapping here.</summary>
    private static Tensor Mapped(OnnxNodeContext c, OnnxValue x, float scale, long zero)
    {
        Tensor tensor = c.Tensor(x);
        var mapping = new Quantisation([scale], [zero], 0);
        if (tensor.Type == TfliteType.UINT8)
        {
            tensor.Quantisation ??= new Quantisation([scale], [zero + 128], 0);
            var moved = new Tensor { Name = x.Name, Type = TfliteType.INT8, Shape = tensor.Shape, Quantisation = new Quantisation(tensor.Quantisation.Scales, [tensor.Quantisation.ZeroPoint - 128], 0) };
            c.Write.AddNode(BuiltinOperator.QUANTIZE, null, [tensor], [moved]);
            x.Tensor = tensor = moved;
        }

        Quantisation own = tensor.Quantisation ??= mapping;
        Tensor real = c.Write.Add(BuiltinOperator.DEQUANTIZE, null, TfliteType.FLOAT32, tensor.Shape, tensor);

        // The same bytes may be read with another mapping than they were written with.
        return own.SameAs(mapping) ? real : Affine(c, real, (double)scale / own.Scale, (double)scale * (own.ZeroPoint - zero));
    }

    private static Tensor Affine(OnnxNodeContext c, Tensor x, double factor, double offset)
    {
        Tensor y = factor == 1 ? x : c.Write.Binary(BuiltinOperator.MUL, x, c.Write.Real(factor));
        return offset == 0 ? y : c.Write.Binary(BuiltinOperator.ADD, y, c.Write.Real(offset));
    }

    /// <summary>Scales and zero points, checked: positive, finite, in range.</summary>
    public static (float[] Scales, long[] Zeros) Mapping(OnnxValue scale, OnnxValue? zero, OnnxType type)
    {
        if (scale.Constant is null || (zero is not null && zero.Constant is null))
            throw new OnnxRefusal("has a computed scale or zero point, which must be known: quantise the model statically, or give the float model to `quantize`.");
        float[] scales = [.. scale.Constant.Values.Select(v => (float)v)];
        long[] zeros = zero is null ? new long[scales.Length] : zero.Constant!.Integers();
        if (zeros.Length == 1 && scales.Length > 1) zeros = [.. Enumerable.Repeat(zeros[0], scales.Length)];
        if (scales.Length == 0 || zeros.Length != scales.Length) throw new OnnxRefusal($"has {scales.Length} scales and {zeros.Length} zero points.");
        if (scales.Any(s => !float.IsFinite(s) || s <= 0)) throw new OnnxRefusal("has a scale that is not a positive number, so its values mean nothing: quantise the model again.");
        (long low, long high) = type.Range();
        if (zeros.Any(z => z < low || z > high)) throw new OnnxRefusal($"has a zero point outside {low}..{high}.");
        return (scales, zeros);
    }

    /// <summary>Quantisation by a scale that is computed from the values: the integers stay real numbers, the scale a symbol.</summary>
    public static void Dynamic(OnnxNodeContext c)
    {
        OnnxValue x = c.In(0);
        Tensor tensor = c.Tensor(x);
        c.Result(new OnnxValue { Name = c.Node.Outputs[0], Type = OnnxType.UInt8, Shape = x.Shape, Tensor = tensor, Dynamic = new DynamicScale(x, false) }, 0);
        c.Result(new OnnxValue { Name = c.Node.Outputs.ElementAtOrDefault(1) ?? "", Type = OnnxType.Float, Shape = [], Dynamic = new DynamicScale(x, true) }, 1);
        c.Result(new OnnxValue { Name = c.Node.Outputs.ElementAtOrDefault(2) ?? "", Type = OnnxType.UInt8, Shape = [], Dynamic = new DynamicScale(x, false) }, 2);
    }
}

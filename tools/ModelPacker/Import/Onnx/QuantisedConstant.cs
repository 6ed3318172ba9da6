namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>Integers that stand for weights: real = scale * (q - zero point), with one pair, or one per slice along an axis.</summary>
internal sealed record QuantisedConstant(OnnxConstant Integers, float[] Scales, long[] ZeroPoints, int Axis)
{
    /// <summary>The real numbers.</summary>
    public OnnxConstant Real()
    {
        int step = Scales.Length == 1 ? 1 : OnnxConstant.CountOf(Integers.Shape.Skip(Axis + 1));
        var values = new double[Integers.Values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int slice = Scales.Length == 1 ? 0 : i / step % Scales.Length;
            values[i] = (float)((Integers.Values[i] - ZeroPoints[slice]) * Scales[slice]);
        }

        return new OnnxConstant(OnnxType.Float, Integers.Shape, values);
    }

    /// <summary>Dimension i of the result is dimension permutation[i] of this.</summary>
    public QuantisedConstant Transpose(params int[] permutation) =>
        this with { Integers = Integers.Transpose(permutation), Axis = Scales.Length == 1 ? 0 : Array.IndexOf(permutation, Axis) };

    /// <summary>The same elements in another shape, or null where the slices with scales of their own would be torn.</summary>
    public QuantisedConstant? Reshape(params int[] shape)
    {
        if (Scales.Length == 1) return this with { Integers = Integers.Reshape(shape) };
        int inner = OnnxConstant.CountOf(Integers.Shape.Skip(Axis + 1));
        for (int axis = 0, step = Integers.Values.Length; axis < shape.Length; axis++)
        {
            step /= Math.Max(shape[axis], 1);
            if (shape[axis] == Scales.Length && step == inner) return this with { Integers = Integers.Reshape(shape), Axis = axis };
        }

        return null;
    }
}

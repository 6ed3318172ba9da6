using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Weights that are known while importing, with the integers behind them where the model gives any.</summary>
internal sealed record Weights(OnnxConstant Real, QuantisedConstant? Quantised)
{
    /// <summary>The weights at an input.</summary>
    public static Weights At(OnnxNodeContext c, int index, string what) => Of(c.Known(index, what), c.In(index).Quantised);

    /// <summary>Weights from real numbers or from integers.</summary>
    public static Weights Of(OnnxConstant real, QuantisedConstant? quantised = null) => new(real, quantised);

    /// <summary>Dimensions.</summary>
    public int[] Shape => Real.Shape;

    /// <summary>Dimension i of the result is dimension permutation[i] of this.</summary>
    public Weights Transpose(params int[] permutation) => new(Real.Transpose(permutation), Quantised?.Transpose(permutation));

    /// <summary>The same elements in another shape.</summary>
    public Weights Reshape(params int[] shape) => new(Real.Reshape(shape), Quantised?.Reshape(shape));

    /// <summary>Some slices of the first dimension.</summary>
    public Weights Part(int from, int count)
    {
        int inner = OnnxConstant.CountOf(Shape.Skip(1));
        OnnxConstant Take(OnnxConstant all) => new(all.Type, [count, .. all.Shape[1..]], all.Values[(from * inner)..((from + count) * inner)]);
        QuantisedConstant? q = Quantised is { } all && (all.Scales.Length == 1 || all.Axis != 0) ? all with { Integers = Take(all.Integers) } : null;
        return new Weights(Take(Real), q);
    }

    /// <summary>All weights times a number.</summary>
    public Weights Times(float factor) => factor == 1 ? this : new(
        Real with { Values = [.. Real.Values.Select(v => (double)(float)(v * factor))] },
        factor > 0 && Quantised is { } q ? q with { Scales = [.. q.Scales.Select(s => s * factor)] } : null);

    /// <summary>The tensor in the graph.</summary>
    public Tensor ToTensor(GraphWriter writer) => Quantised is { } quantised ? writer.Dequantised(quantised) : writer.Constant(Real);
}

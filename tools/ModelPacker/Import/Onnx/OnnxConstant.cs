using System.Buffers.Binary;

namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>A value that is known while importing: shapes, indices, weights. Every element type fits a double but the ends of int64.</summary>
internal sealed record OnnxConstant(OnnxType Type, int[] Shape, double[] Values)
{
    /// <summary>Number of elements that a shape means.</summary>
    public static int CountOf(IEnumerable<int> shape) => shape.Aggregate(1, (a, b) => checked(a * b));

    /// <summary>A list of integers.</summary>
    public static OnnxConstant Of(params long[] values) => new(OnnxType.Int64, [values.Length], [.. values.Select(v => (double)v)]);

    /// <summary>The elements as integers; the largest double stands for the end of int64.</summary>
    public long[] Integers() => [.. Values.Select(v => v >= long.MaxValue ? long.MaxValue : v <= long.MinValue ? long.MinValue : (long)v)];

    /// <summary>The only element.</summary>
    public double Scalar => Values.Length == 1 ? Values[0] : throw new OnnxRefusal($"needs a single value where {Values.Length} are given.");

    /// <summary>The same elements in another shape.</summary>
    public OnnxConstant Reshape(params int[] shape) => this with { Shape = shape };

    /// <summary>Dimension i of the result is dimension permutation[i] of this.</summary>
    public OnnxConstant Transpose(params int[] permutation)
    {
        int rank = Shape.Length;
        int[] shape = [.. permutation.Select(p => Shape[p])], strides = Strides(Shape);
        var values = new double[Values.Length];
        var at = new int[rank];
        for (int i = 0; i < values.Length; i++)
        {
            int from = 0;
            for (int d = 0; d < rank; d++) from += at[d] * strides[permutation[d]];
            values[i] = Values[from];
            for (int d = rank - 1; d >= 0 && ++at[d] == shape[d]; d--) at[d] = 0;
        }

        return new OnnxConstant(Type, shape, values);
    }

    /// <summary>Steps from one index to the next of each dimension.</summary>
    public static int[] Strides(int[] shape)
    {
        var strides = new int[shape.Length];
        int step = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = step;
            step *= shape[d];
        }

        return strides;
    }

    /// <summary>The elements as the graph stores them: float32, int32, or bytes.</summary>
    public byte[] ToGraphBytes()
    {
        int width = Type.IsReal() ? 4 : Type is OnnxType.Int8 or OnnxType.UInt8 or OnnxType.Bool ? 1 : 4;
        var bytes = new byte[Values.Length * width];
        for (int i = 0; i < Values.Length; i++)
        {
            if (Type.IsReal()) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), (float)Values[i]);
            else if (width == 1) bytes[i] = unchecked((byte)(int)Values[i]);
            else BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), (int)Math.Clamp(Values[i], int.MinValue, int.MaxValue));
        }

        return bytes;
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.Bench.Baseline;

/// <summary>Tensors as .NET arrays.</summary>
internal static class PlainArrays
{
    /// <summary>The array of a tensor, filled where it is constant.</summary>
    public static Array Create(Tensor tensor)
    {
        Array array = Create(tensor.Type, tensor.Count, tensor.Name);
        if (tensor.IsConstant) FromBytes(tensor.Data!, array);
        return array;
    }

    /// <summary>An array of a type.</summary>
    /// <exception cref="UnsupportedModelException">The baseline has no such type.</exception>
    public static Array Create(TfliteType type, int count, string name) => type switch
    {
        TfliteType.INT8 or TfliteType.BOOL => new sbyte[count],
        TfliteType.UINT8 => new byte[count],
        TfliteType.INT16 => new short[count],
        TfliteType.INT32 => new int[count],
        TfliteType.FLOAT32 => new float[count],
        _ => throw new UnsupportedModelException([$"Tensor {name} is {type}, which the plain baseline does not hold."]),
    };

    /// <summary>Little-endian elements into an array.</summary>
    public static void FromBytes(byte[] bytes, Array array) => System.Buffer.BlockCopy(bytes, 0, array, 0, System.Buffer.ByteLength(array));

    /// <summary>The elements of an array, little-endian.</summary>
    public static byte[] ToBytes(Array array)
    {
        var bytes = new byte[System.Buffer.ByteLength(array)];
        System.Buffer.BlockCopy(array, 0, bytes, 0, bytes.Length);
        return bytes;
    }

    /// <summary>Sets all elements.</summary>
    public static void Fill(Array array, int value)
    {
        for (int i = 0; i < array.Length; i++) Set(array, i, value);
    }

    /// <summary>round(x / scale) + zero point in float, clamped: TFLite reference quantize.h.</summary>
    public static void Quantise(float[] values, Array array, Tensor tensor)
    {
        (int low, int high) = tensor.Type == TfliteType.INT16 ? (short.MinValue, short.MaxValue) : tensor.Type == TfliteType.UINT8 ? (0, 255) : (-128, 127);
        for (int i = 0; i < values.Length; i++)
            Set(array, i, (int)Math.Clamp((double)MathF.Round(values[i] / tensor.Scale, MidpointRounding.AwayFromZero) + tensor.ZeroPoint, low, high));
    }

    /// <summary>scale * (q - zero point): TFLite reference dequantize.h.</summary>
    public static void Dequantise(Array array, Tensor tensor, float[] values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)((double)tensor.Scale * (Convert.ToInt32(array.GetValue(i)) - tensor.ZeroPoint));
    }

    private static void Set(Array array, int index, int value)
    {
        switch (array)
        {
            case sbyte[] a: a[index] = (sbyte)value; break;
            case byte[] a: a[index] = (byte)value; break;
            case short[] a: a[index] = (short)value; break;
            case int[] a: a[index] = value; break;
            case float[] a: a[index] = value; break;
        }
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Float;

/// <summary>The real numbers behind bytes of a tensor's type, and back.</summary>
public static class RealNumbers
{
    /// <summary>The real numbers of a constant.</summary>
    public static float[] Of(Tensor tensor) => Of(tensor, tensor.Data!);

    /// <summary>The real numbers that bytes of a tensor's own type stand for: scale * (q - zero point) where it is quantised.</summary>
    public static float[] Of(Tensor tensor, byte[] data) => Of(tensor, tensor.Type, data);

    /// <summary>The same for bytes of another type than the graph's, as a model's border has.</summary>
    public static float[] Of(Tensor tensor, TfliteType type, byte[] data)
    {
        var values = new float[tensor.Count];
        Quantisation? q = type == tensor.Type ? tensor.Quantisation : null;
        int inner = q is { IsPerChannel: true } ? Inner(tensor.Shape, q.Axis) : 1;
        for (int i = 0; i < values.Length; i++)
        {
            double raw = type switch
            {
                TfliteType.FLOAT32 => BitConverter.ToSingle(data, 4 * i),
                TfliteType.FLOAT64 => BitConverter.ToDouble(data, 8 * i),
                TfliteType.FLOAT16 => (double)BitConverter.ToHalf(data, 2 * i),
                TfliteType.INT8 => (sbyte)data[i],
                TfliteType.UINT8 or TfliteType.BOOL => data[i],
                TfliteType.INT16 => BitConverter.ToInt16(data, 2 * i),
                TfliteType.INT32 => BitConverter.ToInt32(data, 4 * i),
                TfliteType.UINT32 => BitConverter.ToUInt32(data, 4 * i),
                TfliteType.INT64 => BitConverter.ToInt64(data, 8 * i),
                _ => throw new NotSupportedException($"Tensor {tensor.Name} is {type}, which has no real numbers."),
            };
            if (q is not null && type is not (TfliteType.FLOAT32 or TfliteType.BOOL))
            {
                int slice = q.IsPerChannel ? i / inner % q.Scales.Length : 0;
                raw = (double)q.Scales[slice] * (raw - (slice < q.ZeroPoints.Length ? q.ZeroPoints[slice] : 0));
            }

            values[i] = (float)raw;
        }

        return values;
    }

    /// <summary>Bytes of a type for real numbers that are not quantised; integers are rounded, truth values are 0 or 1.</summary>
    public static byte[] Bytes(float[] values, TfliteType type)
    {
        int width = type.BitsPerElement() / 8;
        var data = new byte[values.Length * width];
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> at = data.AsSpan(i * width);
            switch (type)
            {
                case TfliteType.FLOAT32: BitConverter.TryWriteBytes(at, values[i]); break;
                case TfliteType.FLOAT64: BitConverter.TryWriteBytes(at, (double)values[i]); break;
                case TfliteType.FLOAT16: BitConverter.TryWriteBytes(at, (Half)values[i]); break;
                case TfliteType.BOOL: at[0] = (byte)(values[i] != 0 ? 1 : 0); break;
                case TfliteType.INT8: at[0] = (byte)(sbyte)Math.Clamp(MathF.Round(values[i]), -128, 127); break;
                case TfliteType.UINT8: at[0] = (byte)Math.Clamp(MathF.Round(values[i]), 0, 255); break;
                case TfliteType.INT16: BitConverter.TryWriteBytes(at, (short)Math.Clamp(MathF.Round(values[i]), short.MinValue, short.MaxValue)); break;
                case TfliteType.INT32: BitConverter.TryWriteBytes(at, (int)Math.Clamp(Math.Round((double)values[i]), int.MinValue, int.MaxValue)); break;
                case TfliteType.INT64: BitConverter.TryWriteBytes(at, (long)Math.Round((double)values[i])); break;
                default: throw new NotSupportedException($"Real numbers cannot be written as {type}.");
            }
        }

        return data;
    }

    /// <summary>Integers of a quantised tensor: round half away from zero (or to even) of a float quotient (TFLite reference quantize.h), clamped.</summary>
    public static int Quantise(float value, float scale, int zeroPoint, int low, int high, bool halfToEven = false)
    {
        float rounded = MathF.Round(value / scale, halfToEven ? MidpointRounding.ToEven : MidpointRounding.AwayFromZero);
        return float.IsNaN(rounded) ? zeroPoint : (int)Math.Clamp((double)rounded + zeroPoint, low, high);
    }

    /// <summary>Smallest and largest integer of a quantised type.</summary>
    public static (int Low, int High) Range(TfliteType type) => type switch
    {
        TfliteType.UINT8 => (0, 255),
        TfliteType.INT16 => (short.MinValue, short.MaxValue),
        TfliteType.INT32 => (int.MinValue, int.MaxValue),
        _ => (-128, 127),
    };

    /// <summary>Holds real numbers inside a range of quantised ones.</summary>
    internal static void Clamp(Tensor tensor, Span<float> values, (int Min, int Max) clamp)
    {
        float low = tensor.Scale * (clamp.Min - tensor.ZeroPoint), high = tensor.Scale * (clamp.Max - tensor.ZeroPoint);
        for (int i = 0; i < values.Length; i++) values[i] = Math.Clamp(values[i], low, high);
    }

    /// <summary>Elements between neighbours along a dimension.</summary>
    internal static int Inner(int[] shape, int axis) => shape.Skip(axis + 1).Aggregate(1, (a, b) => a * b);
}

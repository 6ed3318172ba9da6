using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Graphs;

/// <summary>A value in the graph: an activation, a constant (then <see cref="Data"/> is set) or a resource handle.</summary>
public sealed class Tensor
{
    /// <summary>The name in the model, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>Element type.</summary>
    public required TfliteType Type { get; set; }

    /// <summary>Dimensions, outermost first; empty for a scalar.</summary>
    public required int[] Shape { get; set; }

    /// <summary>How its integers stand for real numbers, or null where the model does not say.</summary>
    public Quantisation? Quantisation { get; set; }

    /// <summary>The elements of a constant, little-endian; null for anything computed.</summary>
    public byte[]? Data { get; set; }

    /// <summary>The model's own type where the desktop tool converts it at the border (float); otherwise null.</summary>
    public TfliteType? ModelType { get; set; }

    /// <summary>
    /// Whether its integers are those nearest to the real numbers that its operator says, halfway the even one, as ONNX defines
    /// QuantizeLinear; otherwise they are what TensorFlow Lite's arithmetic gives, which rounds twice and away from zero.
    /// </summary>
    public bool RoundedOnce { get; set; }

    /// <summary>
    /// Whether its integers are those next below the real numbers that its operator says. Where an operator can only round to
    /// nearest, half a step less in its bias comes near to that.
    /// </summary>
    public bool RoundedDown { get; set; }

    /// <summary>What the integers of a bias lack of its real numbers, in their own units and not negative; null where they are the nearest ones.</summary>
    public double[]? Fractions { get; init; }

    /// <summary>Whether the value persists from run to run (states of LSTM and SVDF).</summary>
    public bool IsVariable { get; init; }

    /// <summary>Whether the elements are known at pack time.</summary>
    public bool IsConstant => Data is not null;

    /// <summary>Number of elements.</summary>
    public int Count
    {
        get
        {
            int count = 1;
            foreach (int dimension in Shape) count *= dimension;
            return count;
        }
    }

    /// <summary>Bytes of one element on the device; 0 for types that never reach it.</summary>
    public int ElementBytes => Type switch
    {
        TfliteType.INT8 or TfliteType.UINT8 or TfliteType.BOOL => 1,
        TfliteType.INT16 => 2,
        TfliteType.INT32 or TfliteType.FLOAT32 or TfliteType.UINT32 => 4,
        TfliteType.INT64 or TfliteType.UINT64 or TfliteType.FLOAT64 => 8,
        _ => 0,
    };

    /// <summary>Bytes of the whole tensor on the device.</summary>
    public int Bytes => Count * ElementBytes;

    /// <summary>The scale; only for tensors that are known to be quantised.</summary>
    public float Scale => Quantisation!.Scale;

    /// <summary>The zero point; only for tensors that are known to be quantised.</summary>
    public int ZeroPoint => Quantisation!.ZeroPoint;

    /// <summary>The elements of an integer constant (int8, uint8, int16, int32, int64) as numbers.</summary>
    public long[] Integers()
    {
        byte[] data = Data ?? throw new InvalidOperationException($"Tensor {Name} is not constant.");
        var values = new long[Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Type switch
            {
                TfliteType.INT8 => (sbyte)data[i],
                TfliteType.UINT8 or TfliteType.BOOL => data[i],
                TfliteType.INT16 => BitConverter.ToInt16(data, 2 * i),
                TfliteType.INT32 => BitConverter.ToInt32(data, 4 * i),
                TfliteType.INT64 => BitConverter.ToInt64(data, 8 * i),
                _ => throw new InvalidOperationException($"Tensor {Name} is {Type}, not an integer."),
            };
        }

        return values;
    }

    /// <summary>Type and shape as people write them: int8[1,96,96,3].</summary>
    public override string ToString() => $"{Type.ToString().ToLowerInvariant()}[{string.Join(',', Shape)}]";
}

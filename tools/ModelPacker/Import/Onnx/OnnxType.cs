using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>Element types, with ONNX's numbers.</summary>
public enum OnnxType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16,
}

/// <summary>What the importer makes of element types.</summary>
internal static class OnnxTypes
{
    /// <summary>Bytes of an element in raw data; 0 where the type cannot be read.</summary>
    public static int Bytes(this OnnxType type) => type switch
    {
        OnnxType.UInt8 or OnnxType.Int8 or OnnxType.Bool => 1,
        OnnxType.UInt16 or OnnxType.Int16 or OnnxType.Float16 or OnnxType.BFloat16 => 2,
        OnnxType.Float or OnnxType.Int32 or OnnxType.UInt32 => 4,
        OnnxType.Int64 or OnnxType.Double or OnnxType.UInt64 => 8,
        _ => 0,
    };

    /// <summary>Whether the values are real numbers.</summary>
    public static bool IsReal(this OnnxType type) => type is OnnxType.Float or OnnxType.Float16 or OnnxType.BFloat16 or OnnxType.Double;

    /// <summary>Whether the values are bytes that stand for real numbers when a scale goes with them.</summary>
    public static bool IsByte(this OnnxType type) => type is OnnxType.Int8 or OnnxType.UInt8;

    /// <summary>Smallest and largest value of an integer type.</summary>
    public static (long Low, long High) Range(this OnnxType type) => type switch
    {
        OnnxType.Bool => (0, 1),
        OnnxType.UInt8 => (0, 255),
        OnnxType.Int8 => (-128, 127),
        OnnxType.UInt16 => (0, 65535),
        OnnxType.Int16 => (short.MinValue, short.MaxValue),
        OnnxType.Int32 => (int.MinValue, int.MaxValue),
        OnnxType.UInt32 => (0, uint.MaxValue),
        _ => (long.MinValue, long.MaxValue),
    };

    /// <summary>The graph's type: real numbers are float32, integers that count things int32.</summary>
    public static TfliteType ToGraph(this OnnxType type) => type switch
    {
        OnnxType.Bool => TfliteType.BOOL,
        OnnxType.Int8 => TfliteType.INT8,
        OnnxType.UInt8 => TfliteType.UINT8,
        _ when type.IsReal() => TfliteType.FLOAT32,
        _ => TfliteType.INT32,
    };

    /// <summary>A value as the type holds it: rounded to float, or cut to an integer in range.</summary>
    public static double Hold(this OnnxType type, double value)
    {
        if (type == OnnxType.Double) return value;
        if (type.IsReal()) return (float)value;
        if (type == OnnxType.Bool) return value != 0 ? 1 : 0;
        (long low, long high) = type.Range();
        return Math.Clamp(Math.Truncate(value), low, high);
    }

    /// <summary>The name as ONNX writes it.</summary>
    public static string Name(this OnnxType type) => type.ToString().ToLowerInvariant();
}

namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>Element types of a tensor, with the schema's names and numbers.</summary>
public enum TfliteType : sbyte
{
    FLOAT32 = 0,
    FLOAT16 = 1,
    INT32 = 2,
    UINT8 = 3,
    INT64 = 4,
    STRING = 5,
    BOOL = 6,
    INT16 = 7,
    COMPLEX64 = 8,
    INT8 = 9,
    FLOAT64 = 10,
    COMPLEX128 = 11,
    UINT64 = 12,
    RESOURCE = 13,
    VARIANT = 14,
    UINT32 = 15,
    UINT16 = 16,
    INT4 = 17,
    BFLOAT16 = 18,
    INT2 = 19,
    UINT4 = 20,
    FLOAT8_E4M3FN = 21,
    FLOAT8_E5M2 = 22,
}

/// <summary>Sizes of element types.</summary>
public static class TfliteTypes
{
    /// <summary>Bits per element, or 0 where the type has no fixed size (strings, resources, variants).</summary>
    public static int BitsPerElement(this TfliteType type) => type switch
    {
        TfliteType.INT2 => 2,
        TfliteType.INT4 or TfliteType.UINT4 => 4,
        TfliteType.UINT8 or TfliteType.INT8 or TfliteType.BOOL or TfliteType.FLOAT8_E4M3FN or TfliteType.FLOAT8_E5M2 => 8,
        TfliteType.FLOAT16 or TfliteType.BFLOAT16 or TfliteType.INT16 or TfliteType.UINT16 => 16,
        TfliteType.FLOAT32 or TfliteType.INT32 or TfliteType.UINT32 => 32,
        TfliteType.INT64 or TfliteType.UINT64 or TfliteType.FLOAT64 or TfliteType.COMPLEX64 => 64,
        TfliteType.COMPLEX128 => 128,
        _ => 0,
    };
}

/// <summary>Window padding.</summary>
public enum TflitePadding : sbyte
{
    SAME = 0,
    VALID = 1,
}

/// <summary>Activation fused into an operator.</summary>
public enum TfliteActivation : sbyte
{
    NONE = 0,
    RELU = 1,
    RELU_N1_TO_1 = 2,
    RELU6 = 3,
    TANH = 4,
    SIGN_BIT = 5,
}

/// <summary>Layout of fully connected weights.</summary>
public enum TfliteWeightsFormat : sbyte
{
    DEFAULT = 0,
    SHUFFLED4x16INT8 = 1,
}

/// <summary>Which of the two LSTM operators an LSTM code stands for.</summary>
public enum TfliteLstmKernel : sbyte
{
    FULL = 0,
    BASIC = 1,
}

/// <summary>What a mirror pad repeats at the border.</summary>
public enum TfliteMirrorPadMode : sbyte
{
    REFLECT = 0,
    SYMMETRIC = 1,
}

/// <summary>How sparse embeddings are combined.</summary>
public enum TfliteCombiner : sbyte
{
    SUM = 0,
    MEAN = 1,
    SQRTN = 2,
}

/// <summary>Kind of locality-sensitive hash projection.</summary>
public enum TfliteLshProjection : sbyte
{
    UNKNOWN = 0,
    SPARSE = 1,
    DENSE = 2,
}

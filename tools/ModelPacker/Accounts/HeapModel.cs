namespace TinyAI.ModelPacker.Accounts;

/// <summary>
/// Managed heap of the 32-bit nanoFramework CLR, in bytes: the heap hands out blocks of 12; an object is one block and
/// one more per field, whatever the field's type; an array is a 20-byte header and its elements, a string 12 bytes and
/// its UTF-8 with a closing zero, both rounded up to blocks. Measured on the interpreter (tests/NanoInterpreter.Tests).
/// </summary>
public static class HeapModel
{
    private const int Block = 12;

    /// <summary>Bytes of an array beside its elements.</summary>
    private const int ArrayHeader = 20;

    /// <summary>A boxed value of a primitive type or an enum.</summary>
    public const int Boxed = 2 * Block;

    /// <summary>An object with this many instance fields, those of base classes included.</summary>
    public static int Object(int fields) => Block + Block * fields;

    /// <summary>An array of length elements of elementBytes each, for primitive types.</summary>
    public static int Array(int length, int elementBytes) => RoundUp(ArrayHeader + length * elementBytes);

    /// <summary>Elements of the longest byte array that takes at most this many bytes of heap.</summary>
    public static int LongestArray(int heapBytes) => Math.Max(heapBytes / Block * Block - ArrayHeader, 0);

    /// <summary>An array of length references, each of which takes a block.</summary>
    public static int References(int length) => Array(length, Block);

    /// <summary>A string of this many bytes of UTF-8.</summary>
    public static int Text(int bytes) => RoundUp(Block + bytes + 1);

    private static int RoundUp(int bytes) => (bytes + Block - 1) / Block * Block;
}

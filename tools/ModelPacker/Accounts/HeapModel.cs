namespace TinyAI.ModelPacker.Accounts;

/// <summary>
/// Managed heap of the 32-bit nanoFramework CLR, in bytes: the heap hands out blocks of 12; an object is one block and
/// one more per field, whatever the field's type; an array is a 16-byte header and its elements, rounded up to blocks.
/// </summary>
public static class HeapModel
{
    /// <summary>An object with this many instance fields, those of base classes included.</summary>
    public static int Object(int fields) => 12 + 12 * fields;

    /// <summary>An array of length elements of elementBytes each (references take 4).</summary>
    public static int Array(int length, int elementBytes) => (16 + length * elementBytes + 11) / 12 * 12;
}

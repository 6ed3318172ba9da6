namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Activation memory that the plan gives an address. Several tensors can be views of one buffer (reshape, slices,
/// in-place results).
/// </summary>
public sealed class Buffer
{
    /// <summary>Name for reports, that of the first tensor in it.</summary>
    public required string Name { get; init; }

    /// <summary>Size in bytes.</summary>
    public required int Bytes { get; set; }

    /// <summary>Bytes of memory that it takes: less than its size where a group streams it.</summary>
    public int Held => StreamBytes ?? Bytes;

    /// <summary>Bytes of it that are in memory at a time, where a <see cref="RowGroup"/> streams it.</summary>
    public int? StreamBytes { get; set; }

    /// <summary>Whether it keeps its content from run to run.</summary>
    public bool IsState { get; init; }

    /// <summary>Index of the first layer that needs the buffer; -1 where it holds an input of the model.</summary>
    public int FirstUse { get; set; } = int.MaxValue;

    /// <summary>Index of the last layer that needs the buffer; the layer count where it holds an output.</summary>
    public int LastUse { get; set; } = -2;

    /// <summary>Activation block, once planned.</summary>
    public int Block { get; set; } = -1;

    /// <summary>Byte offset in the block, once planned.</summary>
    public int Offset { get; set; } = -1;

    /// <summary>Widens the time in which the buffer is needed.</summary>
    public void UsedAt(int layer)
    {
        FirstUse = Math.Min(FirstUse, layer);
        LastUse = Math.Max(LastUse, layer);
    }

    /// <summary>Whether both are needed at the same time.</summary>
    public bool LivesWith(Buffer other) => FirstUse <= other.LastUse && other.FirstUse <= LastUse;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Bytes} B, {FirstUse}..{LastUse})";
}

/// <summary>Where a tensor lies: a range of bytes in a buffer.</summary>
public readonly record struct Place(Buffer Buffer, int Offset, int Bytes);

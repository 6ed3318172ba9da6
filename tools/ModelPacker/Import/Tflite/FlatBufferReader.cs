using System.Buffers.Binary;

namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>
/// Bounds-checked access to a FlatBuffers file. Nothing the file says is trusted: an offset or length that leaves the file is
/// a <see cref="ModelFormatException"/>, and so is a file that would expand into far more memory than it occupies.
/// </summary>
internal sealed class FlatBufferReader
{
    private readonly ReadOnlyMemory<byte> _file;

    // Offsets may overlap, so ten thousand table entries can all point at one long vector. A budget in proportion to the file
    // stops that. Honest files mention their bytes once and take two or three times their size, weights not being copied.
    private long _budget;

    /// <summary>Prepares to read a file.</summary>
    public FlatBufferReader(ReadOnlyMemory<byte> file)
    {
        _file = file;
        _budget = 12L * file.Length + 256 * 1024;
    }

    /// <summary>Length of the file in bytes.</summary>
    public int Length => _file.Length;

    /// <summary>Whether the four-character identifier of the file is this one.</summary>
    public bool HasIdentifier(ReadOnlySpan<byte> identifier) =>
        _file.Length >= 8 && _file.Span.Slice(4, 4).SequenceEqual(identifier);

    /// <summary>The table the file starts from.</summary>
    public FlatTable Root(string what)
    {
        if (_file.Length < 4) throw new ModelFormatException($"The file has only {_file.Length} bytes, too few for a {what}.");
        return new FlatTable(this, what, -1, Follow(0, what, -1, "root"));
    }

    /// <summary>Accounts for memory about to be taken on the file's word.</summary>
    public void Charge(long bytes)
    {
        _budget -= bytes;
        if (_budget < 0)
            throw new ModelFormatException(
                $"The file of {Length} bytes refers to the same bytes so often that reading it would take many times its size.");
    }

    /// <summary>The position an offset stored at <paramref name="position"/> leads to; four bytes can be read there.</summary>
    public int Follow(int position, string what, int index, string field)
    {
        uint offset = UInt32(position);
        long target = position + (long)offset;
        if (offset == 0 || target + 4 > Length)
            throw Fault(what, index, field, position, $"points to byte {target} of a file of {Length} bytes");
        return (int)target;
    }

    /// <summary>A sentence about one field, in the words all faults use.</summary>
    public static ModelFormatException Fault(string what, int index, string field, int position, string problem) =>
        new($"In the {what}{(index < 0 ? "" : $" {index}")}, '{field}' at byte {position} {problem}.");

    // The callers below have checked the position.

    public ReadOnlySpan<byte> Span(int position, int length) => _file.Span.Slice(position, length);

    public ReadOnlyMemory<byte> Memory(int position, int length) => _file.Slice(position, length);

    public ushort UInt16(int position) => BinaryPrimitives.ReadUInt16LittleEndian(_file.Span[position..]);

    public int Int32(int position) => BinaryPrimitives.ReadInt32LittleEndian(_file.Span[position..]);

    public uint UInt32(int position) => BinaryPrimitives.ReadUInt32LittleEndian(_file.Span[position..]);
}

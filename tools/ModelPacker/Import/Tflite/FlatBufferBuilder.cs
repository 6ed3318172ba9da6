using System.Buffers.Binary;
using System.Text;

namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>
/// Writes FlatBuffers files. References may only point forward, so the file is laid down from its end towards its start:
/// what a table refers to is written before the table. An "offset" here is a distance from the end of the file.
/// </summary>
internal sealed class FlatBufferBuilder
{
    private readonly List<int> _vtables = [];
    private byte[] _buffer = new byte[1024];
    private int _used;
    private int _largestAlignment = 4;

    // The table being built: for each field the offset of its bytes, 0 while absent.
    private int[] _fields = new int[8];
    private int _fieldCount;
    private int _tableStart;
    private bool _inTable;

    /// <summary>Starts a table; everything it refers to must have been written.</summary>
    public void StartTable()
    {
        RequireOutsideTable();
        _inTable = true;
        _fieldCount = 0;
        _tableStart = _used;
    }

    public void Add(int field, bool value, bool missing = false) => Add(field, value ? (sbyte)1 : (sbyte)0, missing ? (sbyte)1 : (sbyte)0);

    public void Add(int field, sbyte value, sbyte missing = 0)
    {
        if (value == missing) return;
        Reserve(1, 1)[0] = (byte)value;
        Mark(field);
    }

    public void Add(int field, int value, int missing = 0)
    {
        if (value == missing) return;
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(4, 4), value);
        Mark(field);
    }

    public void Add(int field, long value)
    {
        if (value == 0) return;
        BinaryPrimitives.WriteInt64LittleEndian(Reserve(8, 8), value);
        Mark(field);
    }

    public void Add(int field, float value)
    {
        // Compared as bits: -0 equals 0 but is not the default.
        if (BitConverter.SingleToInt32Bits(value) == 0) return;
        BinaryPrimitives.WriteSingleLittleEndian(Reserve(4, 4), value);
        Mark(field);
    }

    /// <summary>A reference to something written before; offset 0 means there is none.</summary>
    public void AddReference(int field, int offset)
    {
        if (offset == 0) return;
        WriteReference(Reserve(4, 4), offset);
        Mark(field);
    }

    /// <summary>Ends the table and returns its offset. Tables with the same layout share one vtable.</summary>
    public int EndTable()
    {
        if (!_inTable) throw new InvalidOperationException("No table has been started.");
        Span<byte> link = Reserve(4, 4);
        int table = _used;
        int vtableLength = 4 + 2 * _fieldCount;
        Span<byte> vtable = stackalloc byte[vtableLength];
        BinaryPrimitives.WriteUInt16LittleEndian(vtable, checked((ushort)vtableLength));
        BinaryPrimitives.WriteUInt16LittleEndian(vtable[2..], checked((ushort)(table - _tableStart)));
        for (int i = 0; i < _fieldCount; i++)
        {
            ushort offset = _fields[i] == 0 ? (ushort)0 : checked((ushort)(table - _fields[i]));
            BinaryPrimitives.WriteUInt16LittleEndian(vtable[(4 + 2 * i)..], offset);
        }

        int shared = 0;
        foreach (int known in _vtables)
        {
            if (_buffer.AsSpan(_buffer.Length - known).StartsWith(vtable))
            {
                shared = known;
                break;
            }
        }

        if (shared == 0)
        {
            vtable.CopyTo(Reserve(vtableLength, 2));
            shared = _used;
            _vtables.Add(shared);
            // Reserving may have moved the buffer.
            link = _buffer.AsSpan(_buffer.Length - table, 4);
        }

        // Stored is how far the vtable lies before the table, negative where an earlier (later in the file) one is shared.
        BinaryPrimitives.WriteInt32LittleEndian(link, shared - table);
        _inTable = false;
        return table;
    }

    /// <summary>Writes text as UTF-8 with the closing zero the format asks for; null gives 0, no reference.</summary>
    public int Text(string? text)
    {
        if (text is null) return 0;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> target = StartVector(bytes.Length, 1, 1, 4);
        bytes.CopyTo(target);
        return _used;
    }

    /// <summary>Writes bytes whose first one lies at a multiple of <paramref name="alignment"/> in the file.</summary>
    public int Bytes(ReadOnlySpan<byte> bytes, int alignment = 4)
    {
        Span<byte> target = StartVector(bytes.Length, 1, 0, alignment);
        bytes.CopyTo(target);
        return _used;
    }

    public int Int32s(ReadOnlySpan<int> values)
    {
        Span<byte> target = StartVector(values.Length, 4, 0, 4);
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(target[(4 * i)..], values[i]);
        return _used;
    }

    public int Floats(ReadOnlySpan<float> values)
    {
        Span<byte> target = StartVector(values.Length, 4, 0, 4);
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(target[(4 * i)..], values[i]);
        return _used;
    }

    public int Int64s(ReadOnlySpan<long> values)
    {
        Span<byte> target = StartVector(values.Length, 8, 0, 8);
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(target[(8 * i)..], values[i]);
        return _used;
    }

    public int Bools(ReadOnlySpan<bool> values)
    {
        Span<byte> target = StartVector(values.Length, 1, 0, 4);
        for (int i = 0; i < values.Length; i++) target[i] = values[i] ? (byte)1 : (byte)0;
        return _used;
    }

    /// <summary>Writes every item as a table and the vector that refers to them.</summary>
    public int Tables<TItem>(IReadOnlyList<TItem> items, Func<TItem, int> write)
    {
        int[] offsets = new int[items.Count];
        for (int i = 0; i < offsets.Length; i++) offsets[i] = write(items[i]);
        Span<byte> target = StartVector(offsets.Length, 4, 0, 4);
        // A reference counts from where it stands: the first one stands furthest from the end.
        for (int i = 0; i < offsets.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(target[(4 * i)..], _used - 4 - 4 * i - offsets[i]);
        return _used;
    }

    /// <summary>Completes the file: a reference to the root table, then the four-character identifier.</summary>
    public byte[] Finish(int root, ReadOnlySpan<byte> identifier)
    {
        RequireOutsideTable();
        // Distances from the end become positions in the file only if the file is a multiple of every alignment used.
        Pad(_largestAlignment, 8);
        identifier.CopyTo(Reserve(4, 4));
        WriteReference(Reserve(4, 4), root);
        return _buffer.AsSpan(_buffer.Length - _used).ToArray();
    }

    /// <summary>Reserves a vector, writes its length and returns the room for its elements (and trailing zero bytes).</summary>
    private Span<byte> StartVector(int count, int elementSize, int trailing, int alignment)
    {
        RequireOutsideTable();
        int size = checked(count * elementSize + trailing);
        Pad(alignment, size);
        Pad(4, size);
        Reserve(size, 1);
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(4, 4), count);
        return _buffer.AsSpan(_buffer.Length - _used + 4, size);
    }

    /// <summary>Adds zeros so that something of this size, written next, starts at a multiple of the alignment.</summary>
    private void Pad(int alignment, int size)
    {
        _largestAlignment = Math.Max(_largestAlignment, alignment);
        int over = (int)(((long)_used + size) % alignment);
        if (over != 0) Reserve(alignment - over, 1);
    }

    /// <summary>Takes zeroed room in front of what has been written.</summary>
    private Span<byte> Reserve(int size, int alignment)
    {
        if (alignment > 1) Pad(alignment, size);
        if (_buffer.Length - _used < size)
        {
            byte[] larger = new byte[checked((int)Math.Min(Array.MaxLength, Math.Max(2L * _buffer.Length, (long)_used + size)))];
            _buffer.AsSpan(_buffer.Length - _used).CopyTo(larger.AsSpan(larger.Length - _used));
            _buffer = larger;
        }

        _used += size;
        return _buffer.AsSpan(_buffer.Length - _used, size);
    }

    /// <summary>Writes a reference into the four bytes taken last.</summary>
    private void WriteReference(Span<byte> target, int offset) => BinaryPrimitives.WriteInt32LittleEndian(target, _used - offset);

    private void Mark(int field)
    {
        if (!_inTable) throw new InvalidOperationException("A field needs a table.");
        if (field >= _fields.Length) Array.Resize(ref _fields, Math.Max(2 * _fields.Length, field + 1));
        for (; _fieldCount <= field; _fieldCount++) _fields[_fieldCount] = 0;
        _fields[field] = _used;
    }

    private void RequireOutsideTable()
    {
        if (_inTable) throw new InvalidOperationException("A table is open; what it refers to has to be written before it.");
    }
}

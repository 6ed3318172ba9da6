using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>One table of a FlatBuffers file. Fields are numbered as in the schema; an absent field gives its default.</summary>
internal readonly struct FlatTable
{
    private readonly FlatBufferReader _reader;
    private readonly string _what;
    private readonly int _index;
    private readonly int _position;
    private readonly int _vtable;
    private readonly int _vtableLength;
    private readonly int _length;

    /// <summary>Opens the table at a position where four bytes can be read, and checks its vtable.</summary>
    public FlatTable(FlatBufferReader reader, string what, int index, int position)
    {
        _reader = reader;
        _what = what;
        _index = index;
        _position = position;
        long vtable = position - (long)reader.Int32(position);
        if (vtable < 0 || vtable + 4 > reader.Length)
            throw Fault("vtable", position, $"points to byte {vtable} of a file of {reader.Length} bytes");
        _vtable = (int)vtable;
        _vtableLength = reader.UInt16(_vtable);
        _length = reader.UInt16(_vtable + 2);
        if (_vtableLength < 4 || (_vtableLength & 1) != 0 || vtable + _vtableLength > reader.Length)
            throw Fault("vtable", _vtable, $"has the impossible length {_vtableLength}");
        if (_length < 4 || position + (long)_length > reader.Length)
            throw Fault("table", position, $"has the impossible length {_length}");
    }

    /// <summary>A complaint about one field of this table.</summary>
    public ModelFormatException Fault(string field, string problem) => Fault(field, _position, problem);

    public bool Bool(int id, string field, bool missing = false)
    {
        int at = Locate(id, 1, field);
        return at == 0 ? missing : _reader.Span(at, 1)[0] != 0;
    }

    public sbyte SByte(int id, string field, sbyte missing = 0)
    {
        int at = Locate(id, 1, field);
        return at == 0 ? missing : (sbyte)_reader.Span(at, 1)[0];
    }

    public byte Byte(int id, string field)
    {
        int at = Locate(id, 1, field);
        return at == 0 ? (byte)0 : _reader.Span(at, 1)[0];
    }

    public int Int32(int id, string field, int missing = 0)
    {
        int at = Locate(id, 4, field);
        return at == 0 ? missing : _reader.Int32(at);
    }

    public uint UInt32(int id, string field)
    {
        int at = Locate(id, 4, field);
        return at == 0 ? 0 : _reader.UInt32(at);
    }

    public long Int64(int id, string field)
    {
        int at = Locate(id, 8, field);
        return at == 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(_reader.Span(at, 8));
    }

    public ulong UInt64(int id, string field) => (ulong)Int64(id, field);

    public float Float(int id, string field)
    {
        int at = Locate(id, 4, field);
        return at == 0 ? 0 : BinaryPrimitives.ReadSingleLittleEndian(_reader.Span(at, 4));
    }

    /// <summary>An unsigned 32-bit number that stands for an index or count, so must fit an int.</summary>
    public int Index(int id, string field)
    {
        uint value = UInt32(id, field);
        return value <= int.MaxValue ? (int)value : throw Fault(field, $"is {value}, more than any file holds");
    }

    /// <summary>A one-byte enumeration; a value the schema does not define is a fault.</summary>
    public TEnum Enum<TEnum>(int id, string field, sbyte missing = 0) where TEnum : struct, Enum
    {
        sbyte value = SByte(id, field, missing);
        TEnum result = Unsafe.BitCast<sbyte, TEnum>(value);
        return System.Enum.IsDefined(result) ? result : throw Fault(field, $"is {value}, which no {typeof(TEnum).Name} has");
    }

    /// <summary>A table, or null when the field is absent.</summary>
    public FlatTable? Table(int id, string field, string what)
    {
        int at = Locate(id, 4, field);
        if (at == 0) return null;
        _reader.Charge(128);
        return new FlatTable(_reader, what, _index, _reader.Follow(at, _what, _index, field));
    }

    /// <summary>Whether the field is there, without looking behind it.</summary>
    public bool Has(int id, string field) => Locate(id, 1, field) != 0;

    /// <summary>Text, or null when the field is absent. Bytes that are not UTF-8 become replacement characters.</summary>
    public string? Text(int id, string field)
    {
        int at = Vector(id, 1, field, out int length);
        if (at == 0) return null;
        _reader.Charge(32 + 2L * length);
        return Encoding.UTF8.GetString(_reader.Span(at, length));
    }

    /// <summary>A part of the file, not copied; empty when the field is absent.</summary>
    public ReadOnlyMemory<byte> Bytes(int id, string field)
    {
        int at = Vector(id, 1, field, out int length);
        return at == 0 ? default : _reader.Memory(at, length);
    }

    /// <summary>A part of the file outside the FlatBuffers structure, given by two 64-bit fields as large files do.</summary>
    public ReadOnlyMemory<byte> OutsideBytes(int offsetId, int sizeId, string field)
    {
        ulong offset = UInt64(offsetId, field);
        ulong size = UInt64(sizeId, field);
        ulong length = (ulong)_reader.Length;
        if (offset > length || size > length - offset)
            throw Fault(field, $"asks for {size} bytes at byte {offset} of a file of {length} bytes");
        return _reader.Memory((int)offset, (int)size);
    }

    /// <summary>32-bit integers, or null when the field is absent.</summary>
    public int[]? Int32s(int id, string field)
    {
        int at = Vector(id, 4, field, out int count);
        if (at == 0) return null;
        if (count == 0) return [];
        _reader.Charge(32 + 4L * count);
        int[] values = new int[count];
        ReadOnlySpan<byte> span = _reader.Span(at, 4 * count);
        for (int i = 0; i < count; i++) values[i] = BinaryPrimitives.ReadInt32LittleEndian(span[(4 * i)..]);
        return values;
    }

    /// <summary>64-bit integers; empty when the field is absent.</summary>
    public long[] Int64s(int id, string field)
    {
        int at = Vector(id, 8, field, out int count);
        if (count == 0) return [];
        _reader.Charge(32 + 8L * count);
        long[] values = new long[count];
        ReadOnlySpan<byte> span = _reader.Span(at, 8 * count);
        for (int i = 0; i < count; i++) values[i] = BinaryPrimitives.ReadInt64LittleEndian(span[(8 * i)..]);
        return values;
    }

    /// <summary>Floats; empty when the field is absent.</summary>
    public float[] Floats(int id, string field)
    {
        int at = Vector(id, 4, field, out int count);
        if (count == 0) return [];
        _reader.Charge(32 + 4L * count);
        float[] values = new float[count];
        ReadOnlySpan<byte> span = _reader.Span(at, 4 * count);
        for (int i = 0; i < count; i++) values[i] = BinaryPrimitives.ReadSingleLittleEndian(span[(4 * i)..]);
        return values;
    }

    /// <summary>Flags; empty when the field is absent.</summary>
    public bool[] Bools(int id, string field)
    {
        int at = Vector(id, 1, field, out int count);
        if (count == 0) return [];
        _reader.Charge(32 + count);
        bool[] values = new bool[count];
        ReadOnlySpan<byte> span = _reader.Span(at, count);
        for (int i = 0; i < count; i++) values[i] = span[i] != 0;
        return values;
    }

    /// <summary>A copy of bytes; empty when the field is absent.</summary>
    public byte[] CopyOfBytes(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length == 0) return [];
        _reader.Charge(32 + bytes.Length);
        return bytes.ToArray();
    }

    /// <summary>
    /// Maps every table of a vector; empty when the field is absent. <paramref name="cost"/> is roughly what one result
    /// takes in memory, its arrays and texts aside.
    /// </summary>
    public List<TResult> Tables<TResult>(int id, string field, string what, int cost, Func<FlatTable, TResult> map)
    {
        int at = Vector(id, 4, field, out int count);
        _reader.Charge((long)cost * count);
        var results = new List<TResult>(count);
        for (int i = 0; i < count; i++)
            results.Add(map(new FlatTable(_reader, what, i, _reader.Follow(at + 4 * i, _what, _index, field))));
        return results;
    }

    private ModelFormatException Fault(string field, int position, string problem) =>
        FlatBufferReader.Fault(_what, _index, field, position, problem);

    /// <summary>Where the field's bytes are, or 0 when it is absent (no field can be at byte 0).</summary>
    private int Locate(int id, int size, string field)
    {
        int slot = 4 + 2 * id;
        if (slot + 2 > _vtableLength) return 0;
        int offset = _reader.UInt16(_vtable + slot);
        if (offset == 0) return 0;
        if (offset < 4 || offset + size > _length)
            throw Fault(field, _vtable + slot, $"lies at offset {offset} of a table of {_length} bytes");
        return _position + offset;
    }

    /// <summary>Where the first element is, or 0 when the field is absent; all elements lie within the file.</summary>
    private int Vector(int id, int elementSize, string field, out int count)
    {
        count = 0;
        int at = Locate(id, 4, field);
        if (at == 0) return 0;
        int start = _reader.Follow(at, _what, _index, field);
        uint length = _reader.UInt32(start);
        int room = _reader.Length - start - 4;
        if ((long)length * elementSize > room)
            throw Fault(field, start, $"has {length} elements of {elementSize} bytes where {room} bytes remain in the file");
        count = (int)length;
        return start + 4;
    }
}

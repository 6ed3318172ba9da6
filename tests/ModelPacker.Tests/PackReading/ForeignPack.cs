using System.Text;

namespace TinyAI.ModelPacker.Tests.PackReading;

/// <summary>
/// A second reader of packs, written from docs/pack-format.md and docs/kernels.md alone: no constant and no type of the
/// runtime or the packer is used, so it fails where the page and the code part. It reads a stream front to back.
/// </summary>
public sealed class ForeignPack
{
    private readonly List<byte> _read = [];
    private readonly Stream _stream;
    private readonly int[] _header;

    /// <summary>Reads a whole pack, never going back.</summary>
    public ForeignPack(Stream stream)
    {
        _stream = stream;
        byte[] header = Take(160);
        _header = Words(header);
        Require(Encoding.ASCII.GetString(header, 0, 4) == "TAI1", "magic");
        Require(_header[1] == 1, "version");
        Require(header.AsSpan(108, 20).IndexOfAnyExcept((byte)0) < 0, "reserved header bytes");
        BlockBytes = _header.AsSpan(32, _header[9]).ToArray();
        Require(_header.AsSpan(32 + _header[9], 8 - _header[9]).IndexOfAnyExcept(0) < 0, "sizes of blocks that are not there");

        SkipTo(_header[10]);
        Inputs = Many(_header[11], Tensor);
        Outputs = Many(_header[12], Tensor);
        States = Many(_header[13], Tensor);

        SkipTo(_header[5]);
        int layersFrom = _read.Count;
        Layers = Many(_header[4], Layer);
        Require(_read.Count - layersFrom == _header[6], "bytes of the layer records");

        SkipTo(_header[14]);
        int metadataFrom = _read.Count;
        Name = Text();
        Require(_header[24] == 0 || _header[23] == _read.Count, "offset of the labels");
        Labels = Many(_header[24], Text);
        Require(_header[22] == 0 || _header[21] == _read.Count, "offset of the normalisation");
        Channels = Many(_header[22], Channel);
        Require(_header[26] == 0 || _header[25] == _read.Count, "offset of the goldens");
        int inputBytes = Inputs.Sum(i => i.Bytes);
        Goldens = Many(_header[26], () => new GoldenEntry(Take((inputBytes + 3) / 4 * 4)[..inputBytes], Words(Take(4 * Layers.Count))));
        Require(_read.Count - metadataFrom == _header[15], "bytes of the metadata");

        SkipTo(_header[16]);
        Take(_header[17]);
        SkipTo(_header[2]);
        Require(_stream.ReadByte() < 0, "end of the pack");
        Bytes = [.. _read];
        Require(Crc(Bytes.AsSpan(16)) == (uint)_header[3], "CRC-32");
    }

    /// <summary>All bytes of the pack.</summary>
    public byte[] Bytes { get; }

    /// <summary>Bytes of each activation block.</summary>
    public int[] BlockBytes { get; }

    /// <summary>Entries of the tensor table.</summary>
    public List<TensorEntry> Inputs { get; }

    /// <summary>Likewise.</summary>
    public List<TensorEntry> Outputs { get; }

    /// <summary>Likewise.</summary>
    public List<TensorEntry> States { get; }

    /// <summary>Layer records in their order.</summary>
    public List<LayerRecord> Layers { get; }

    /// <summary>Name of the model.</summary>
    public string Name { get; }

    /// <summary>Names of the classes.</summary>
    public List<string> Labels { get; }

    /// <summary>The input normalisation.</summary>
    public List<ChannelEntry> Channels { get; }

    /// <summary>Inputs and the CRC of every layer's output.</summary>
    public List<GoldenEntry> Goldens { get; }

    /// <summary>Bytes that no read of a running session exceeds.</summary>
    public int WindowBytes => _header[8];

    /// <summary>Multiply-accumulates of one run.</summary>
    public long Macs => (uint)_header[19] | ((long)_header[20] << 32);

    /// <summary>A word anywhere in the pack.</summary>
    public int Word(int at) => BitConverter.ToInt32(Bytes, at);

    /// <summary>Computes a fully connected layer (kind 3) from its blocks.</summary>
    public sbyte[] FullyConnected(LayerRecord layer, sbyte[] input)
    {
        Require(layer.Kind == 3, "kind");
        int inSize = layer.Parameters[0], outSize = layer.Parameters[1], zeroPoint = layer.Parameters[2], min = layer.Parameters[3], max = layer.Parameters[4];
        var output = new sbyte[outSize];
        for (int o = 0; o < outSize; o++)
        {
            int block = layer.ConstantsAt + o * layer.BlockBytes;
            long acc = Word(block);
            for (int i = 0; i < inSize; i++) acc += (sbyte)Bytes[block + 16 + i] * input[i];
            output[o] = (sbyte)Math.Clamp(Scaled(acc, Word(block + 8), Word(block + 12)) + zeroPoint, min, max);
        }

        return output;
    }

    private static long Scaled(long acc, int multiplier, int shift)
    {
        long product = (acc << Math.Max(shift, 0)) * multiplier;
        long high = (product + (1L << 30)) >> 31;
        int right = Math.Max(-shift, 0);
        long half = right == 0 ? 0 : 1L << (right - 1);
        return high >= 0 ? (high + half) >> right : -((-high + half) >> right);
    }

    private TensorEntry Tensor()
    {
        int[] words = Words(Take(64));
        int[] shape = words.AsSpan(8, words[7]).ToArray();
        var entry = new TensorEntry(words[0], words[1], words[2], words[3], words[4], BitConverter.Int32BitsToSingle(words[5]), words[6], shape, words[14]);
        int element = entry.Type switch { 3 => 2, 4 => 4, _ => 1 };
        Require(entry.Bytes == shape.Aggregate(element, (a, b) => a * b), "bytes of a tensor");
        Require(entry.Block < BlockBytes.Length && entry.Offset + entry.Bytes <= BlockBytes[entry.Block], "place of a tensor");
        return entry;
    }

    private LayerRecord Layer()
    {
        int[] header = Words(Take(80));
        int[] parameters = Words(Take(4 * header[1]));
        byte[] padding = Take((16 - 4 * header[1] % 16) % 16);
        Require(padding.All(b => b == 0) && header[7] == 0, "reserved words of a layer");
        Require(header[1] <= _header[7], "parameter words of a layer");
        return new LayerRecord(header[0], header[2], header[3], header[4], header[5], header[6], parameters, [.. header.AsSpan(8, 12)]);
    }

    private ChannelEntry Channel()
    {
        int[] words = Words(Take(20));
        return new ChannelEntry(words[0], words[1], (uint)words[2] | ((long)words[3] << 32), BitConverter.Int32BitsToSingle(words[4]));
    }

    private string Text()
    {
        int length = Words(Take(4))[0];
        string text = Encoding.UTF8.GetString(Take(length));
        Take((4 - length % 4) % 4);
        return text;
    }

    private void SkipTo(int offset)
    {
        Require(offset >= _read.Count && offset % 16 == 0, "order and alignment of the sections");
        Require(Take(offset - _read.Count).All(b => b == 0), "padding between sections");
    }

    private byte[] Take(int count)
    {
        var bytes = new byte[count];
        _stream.ReadExactly(bytes);
        _read.AddRange(bytes);
        return bytes;
    }

    private static List<T> Many<T>(int count, Func<T> read) => [.. Enumerable.Range(0, count).Select(_ => read())];

    private static int[] Words(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToInt32(bytes, 4 * i))];

    /// <summary>CRC-32 as the page describes it.</summary>
    public static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }

    private static void Require(bool holds, string what)
    {
        if (!holds) throw new InvalidDataException($"The pack does not follow the page: {what}.");
    }
}

/// <summary>An entry of the tensor table.</summary>
public sealed record TensorEntry(int Type, int ModelType, int Block, int Offset, int Bytes, float Scale, int ZeroPoint, int[] Shape, int InitialAt);

/// <summary>A layer record; places are block, offset and bytes of input, second input, output, and state with scratch.</summary>
public sealed record LayerRecord(int Kind, int Rows, int ConstantsAt, int ConstantsBytes, int BlockBytes, int Operator, int[] Parameters, int[] Places);

/// <summary>Inputs, one after another, and the CRC-32 of each layer's output.</summary>
public sealed record GoldenEntry(byte[] Inputs, int[] Crcs);

/// <summary>A channel of the input normalisation.</summary>
public sealed record ChannelEntry(int Multiplier, int Shift, long Offset, float CountsPerUnit)
{
    /// <summary>A raw count as the model's input.</summary>
    public sbyte Of(short count) => (sbyte)Math.Clamp((count * (long)Multiplier + Offset) >> Shift, -128, 127);
}

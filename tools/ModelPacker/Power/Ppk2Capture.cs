using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Power;

/// <summary>
/// A .ppk2 file of the nRF Connect Power Profiler: a zip archive with metadata.json (samplesPerSecond) and session.raw, whose
/// frames are a little-endian float of microamperes and 16 bits with two bits per logic pin: 1 low, 2 high, 0 and 3 not
/// known. Lost samples are NaN. Of an archive that was cut off, the frames before the cut are read.
/// </summary>
internal sealed class Ppk2Capture : ICapture
{
    private const int FrameBytes = 6;
    private const int DefaultRate = 100_000;
    private const int PieceFrames = 1 << 14;
    private const string Session = "session.raw";
    private const string Metadata = "metadata.json";
    private static readonly string[] s_pins = [.. Enumerable.Range(0, 8).Select(i => $"D{i}")];
    private readonly byte[] _piece = new byte[PieceFrames * FrameBytes];
    private readonly List<string> _notes = [];
    private readonly IDisposable _owner;
    private readonly FileStream _file;
    private readonly Stream _session;
    private bool _isDamaged;

    private Ppk2Capture(IDisposable owner, FileStream file, Stream session, int rate)
    {
        (_owner, _file, _session) = (owner, file, session);
        Period = 1.0 / rate;
    }

    public string Format => "ppk2";

    public IReadOnlyList<string> Pins => s_pins;

    public bool HasVoltage => false;

    public double? Period { get; }

    public double Progress => _file.Length == 0 ? 1 : Math.Min(1, (double)_file.Position / _file.Length);

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Opens an archive, whole or cut off.</summary>
    public static Ppk2Capture Open(string path)
    {
        FileStream file = File.OpenRead(path);
        try
        {
            return IsWhole(file) ? OpenWhole(path, file) : OpenCut(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public int Read(Span<Sample> samples)
    {
        if (_isDamaged) return 0;
        int frames = Math.Min(samples.Length, PieceFrames), bytes = 0;
        try
        {
            while (bytes < frames * FrameBytes && _session.Read(_piece, bytes, frames * FrameBytes - bytes) is > 0 and var read) bytes += read;
        }
        catch (InvalidDataException)
        {
            _isDamaged = true;
            _notes.Add("The compressed samples are damaged or cut off from here on: what comes before was measured.");
        }

        int count = bytes / FrameBytes;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> frame = _piece.AsSpan(i * FrameBytes, FrameBytes);
            int pairs = BinaryPrimitives.ReadUInt16LittleEndian(frame[4..]), high = 0, known = 0;
            for (int pin = 0; pin < 8; pin++)
            {
                int state = pairs >> 2 * pin & 3;
                if (state is 1 or 2) known |= 1 << pin;
                if (state == 2) high |= 1 << pin;
            }

            samples[i] = new Sample(double.NaN, BinaryPrimitives.ReadSingleLittleEndian(frame) * 1e-6, double.NaN, (ushort)high, (ushort)known);
        }

        return count;
    }

    public void Dispose()
    {
        _session.Dispose();
        _owner.Dispose();
        _file.Dispose();
    }

    /// <summary>Whether the archive's directory, which stands at the end, is there.</summary>
    private static bool IsWhole(FileStream file)
    {
        var tail = new byte[Math.Min(file.Length, 22 + ushort.MaxValue)];
        file.Seek(-tail.Length, SeekOrigin.End);
        file.ReadExactly(tail);
        file.Position = 0;
        return tail.AsSpan().LastIndexOf("PK\x05\x06"u8) >= 0;
    }

    private static Ppk2Capture OpenWhole(string path, FileStream file)
    {
        try
        {
            var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            ZipArchiveEntry session = archive.GetEntry(Session)
                ?? throw new ModelFormatException($"{path} is a zip archive without {Session}: it is no .ppk2 file of the Power Profiler, version 4 or later.");
            string? metadata = null;
            if (archive.GetEntry(Metadata) is { } entry)
            {
                using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
                var text = new char[1 << 16];
                metadata = new string(text, 0, reader.ReadBlock(text, 0, text.Length));
            }

            return Create(archive, file, session.Open(), metadata, []);
        }
        catch (InvalidDataException)
        {
            file.Position = 0;
            return OpenCut(path, file);
        }
    }

    /// <summary>Without the directory the entries are found by their own headers.</summary>
    private static Ppk2Capture OpenCut(string path, FileStream file)
    {
        string? metadata = null;
        if (Inflate(file, Metadata) is { } stream)
        {
            var text = new byte[1 << 16];
            int length = 0;
            try
            {
                while (stream.Read(text, length, text.Length - length) is > 0 and var read) length += read;
            }
            catch (InvalidDataException)
            {
                // Then the rate is taken for the analyser's own.
            }

            metadata = Encoding.UTF8.GetString(text, 0, length);
        }

        Stream session = Inflate(file, Session) ?? throw new ModelFormatException($"{path} is a zip archive that was cut off before the samples ({Session}): save the capture again.");
        return Create(session, file, session, metadata, ["The .ppk2 file was cut off: what it holds up to there was analysed."]);
    }

    private static Ppk2Capture Create(IDisposable owner, FileStream file, Stream session, string? metadata, string[] notes)
    {
        int rate = Rate(metadata);
        var capture = new Ppk2Capture(owner, file, session, rate > 0 ? rate : DefaultRate);
        capture._notes.AddRange(notes);
        if (rate == 0) capture._notes.Add($"The file does not tell its sampling rate: {DefaultRate:N0} samples per second, the analyser's own, were assumed.");
        return capture;
    }

    private static int Rate(string? metadata)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(metadata ?? "{}");
            return json.RootElement.TryGetProperty("metadata", out JsonElement inner) && inner.TryGetProperty("samplesPerSecond", out JsonElement rate)
                && rate.TryGetInt32(out int value) && value is > 0 and <= 100_000_000 ? value : 0;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return 0;
        }
    }

    /// <summary>The content of an entry, found by its local header, or null where there is none.</summary>
    private static Stream? Inflate(FileStream file, string name)
    {
        const int headerBytes = 30, methodAt = 8, nameLengthAt = 26, extraLengthAt = 28;
        byte[] encoded = Encoding.ASCII.GetBytes(name), buffer = new byte[1 << 16];
        long at = 0;
        while (true)
        {
            file.Position = at;
            int length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            for (int i = 0; i + headerBytes + encoded.Length <= length; i++)
            {
                if (!buffer.AsSpan(i, 4).SequenceEqual("PK\x03\x04"u8) || !buffer.AsSpan(i + headerBytes, encoded.Length).SequenceEqual(encoded)) continue;
                int nameLength = BitConverter.ToUInt16(buffer, i + nameLengthAt);
                if (nameLength != encoded.Length) continue;
                file.Position = at + i + headerBytes + nameLength + BitConverter.ToUInt16(buffer, i + extraLengthAt);
                int method = BitConverter.ToUInt16(buffer, i + methodAt);
                return method == 8 ? new DeflateStream(file, CompressionMode.Decompress, leaveOpen: true) : null;
            }

            if (length < buffer.Length) return null;
            at += length - headerBytes - encoded.Length;
        }
    }
}

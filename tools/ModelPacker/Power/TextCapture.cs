using System.Globalization;
using System.Text;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Power;

/// <summary>
/// A capture as text, one sample a line. Lines are parsed from a fixed buffer of bytes, so that a file of any length
/// takes the same memory.
/// </summary>
internal sealed class TextCapture : ICapture
{
    private const int BufferBytes = 1 << 20;
    private const int MostBadLines = 100;
    private readonly FileStream _file;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly CaptureColumns _columns;
    private readonly List<string> _notes = [];
    private readonly string _path;
    private readonly byte _separator;
    private int _start;
    private int _end;
    private long _line;
    private bool _isAtEnd;
    private bool _hasPendingLine;
    private int _badLines;

    private TextCapture(string path, string format, double? rate)
    {
        _path = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        Period = 1 / rate;
        try
        {
            ReadOnlySpan<byte> first;
            do
            {
                if (!NextLine(out first)) throw new ModelFormatException($"{path} holds no lines: export the capture again.");
            }
            while (first.IsEmpty);

            if (first.Contains((byte)0)) throw new ModelFormatException($"{path} is not text: give a CSV export or a .ppk2 file.");
            _separator = first.Contains((byte)';') ? (byte)';' : first.Contains((byte)'\t') ? (byte)'\t' : (byte)',';
            string header = Encoding.UTF8.GetString(first);
            if (double.TryParse(header.Split((char)_separator)[0], CultureInfo.InvariantCulture, out _))
            {
                _columns = CaptureColumns.Headerless(header.Split((char)_separator).Length, path, format);
                _hasPendingLine = true;
            }
            else
            {
                _columns = CaptureColumns.OfHeader(header, (char)_separator, path, format, needsTime: rate is null);
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Format => _columns.Format;

    public IReadOnlyList<string> Pins => _columns.Pins;

    public bool HasVoltage => _columns.Has(ColumnKind.Voltage);

    public double? Period { get; }

    public double Progress => _file.Length == 0 ? 1 : (double)(_file.Position - (_end - _start)) / _file.Length;

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Opens a text file and reads its header.</summary>
    public static TextCapture Open(string path, string format, double? rate) => new(path, format, rate);

    public int Read(Span<Sample> samples)
    {
        int count = 0;
        while (count < samples.Length && NextLine(out ReadOnlySpan<byte> line))
        {
            if (line.IsEmpty || line[0] == '#') continue;
            if (TryParse(line, out samples[count]))
            {
                count++;
                continue;
            }

            bool isLast = _isAtEnd && _start == _end;
            if (isLast) _notes.Add($"The last line of the capture is cut off and was left out.");
            else if (++_badLines > MostBadLines) throw new ModelFormatException($"More than {MostBadLines} lines of {_path} are no samples, the latest line {_line}: export the capture again.");
            else if (_badLines <= 3) _notes.Add($"Line {_line} is no sample and was left out.");
        }

        if (count == 0 && _badLines > 3) _notes.Add($"{_badLines} lines in all are no samples and were left out.");
        return count;
    }

    public void Dispose() => _file.Dispose();

    private bool TryParse(ReadOnlySpan<byte> line, out Sample sample)
    {
        double time = double.NaN, current = double.NaN, voltage = double.NaN;
        int high = 0, known = 0, index = 0;
        IReadOnlyList<Column> columns = _columns.All;
        sample = default;
        while (index < columns.Count)
        {
            int comma = line.IndexOf(_separator);
            ReadOnlySpan<byte> cell = (comma < 0 ? line : line[..comma]).Trim((byte)' ');
            Column column = columns[index++];
            switch (column.Kind)
            {
                case ColumnKind.Time:
                    if (!TryNumber(cell, out time) || !double.IsFinite(time)) return false;
                    time *= column.Factor;
                    break;
                case ColumnKind.Current:
                    if (!TryNumber(cell, out current)) return false;
                    current *= column.Factor;
                    break;
                case ColumnKind.Voltage:
                    if (!TryNumber(cell, out voltage)) return false;
                    voltage *= column.Factor;
                    break;
                case ColumnKind.Pin:
                    Level(cell, column.Pin, ref high, ref known);
                    break;
                case ColumnKind.PinString:
                    if (cell.Length != 8) return false;
                    for (int i = 0; i < 8; i++) Level(cell.Slice(i, 1), column.Pin + i, ref high, ref known);
                    break;
            }

            if (comma < 0) break;
            line = line[(comma + 1)..];
        }

        sample = new Sample(time, current, voltage, (ushort)high, (ushort)known);
        return index == columns.Count;
    }

    /// <summary>0 or 1, or a Joulescope's average of them; anything else (- and X of the Power Profiler) tells nothing.</summary>
    private static void Level(ReadOnlySpan<byte> cell, int pin, ref int high, ref int known)
    {
        double level;
        if (cell.Length == 1 && cell[0] is (byte)'0' or (byte)'1') level = cell[0] - '0';
        else if (!TryNumber(cell, out level) || !double.IsFinite(level)) return;
        known |= 1 << pin;
        if (level >= 0.5) high |= 1 << pin;
    }

    private static bool TryNumber(ReadOnlySpan<byte> cell, out double value)
    {
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value)) return true;
        value = double.NaN;
        return cell.Length == 3 && (cell[0] | 32) == 'n' && (cell[1] | 32) == 'a' && (cell[2] | 32) == 'n';
    }

    /// <summary>The next line without its end; the bytes stay valid until the next call.</summary>
    private bool NextLine(out ReadOnlySpan<byte> line)
    {
        if (_hasPendingLine)
        {
            // Only the first line is ever read twice, and the buffer still begins with it.
            _hasPendingLine = false;
            _start = 0;
            _line = 0;
        }

        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length < 0 && !_isAtEnd)
            {
                if (_start == 0 && _end == BufferBytes) throw new ModelFormatException($"Line {_line + 1} of {_path} has more than {BufferBytes:N0} characters: it is no capture.");
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
                int read = _file.Read(_buffer, _end, BufferBytes - _end);
                _end += read;
                _isAtEnd = read == 0;
                continue;
            }

            if (length < 0) length = _end - _start;
            Span<byte> found = _buffer.AsSpan(_start, length);
            // Where commas separate nothing, they are decimal points, as spreadsheets of many countries write them.
            if (_separator is (byte)';' or (byte)'\t') found.Replace((byte)',', (byte)'.');
            line = found;
            bool isEmptyEnd = _isAtEnd && _start == _end;
            _start = Math.Min(_start + length + 1, _end);
            _line++;
            line = line.TrimEnd((byte)'\r');
            return !isEmptyEnd;
        }
    }
}

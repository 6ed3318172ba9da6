using System.Text;
using TinyAI.Boards;
using TinyAI.ModelPacker.Device;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Recording;

/// <summary>How a recording went.</summary>
/// <param name="Windows">Windows written.</param>
/// <param name="LostRows">Rows lost.</param>
/// <param name="BrokenWindows">Windows dropped for that.</param>
/// <param name="Garbage">Lines that are none.</param>
/// <param name="Faults">Faults that the board told.</param>
/// <param name="Ended">Why it ended before as many windows were there as wanted, or null.</param>
public sealed record CaptureResult(int Windows, long LostRows, int BrokenWindows, int Garbage, IReadOnlyList<string> Faults, string? Ended);

/// <summary>Who watches a recording.</summary>
public interface ICaptureWatcher
{
    /// <summary>The stream begins.</summary>
    void Begin(GestureLine.Head head);

    /// <summary>A row came.</summary>
    void Row(GestureLine.Row row, WindowRecorder recorder);

    /// <summary>Something else than a row came.</summary>
    void Other(GestureLine line);

    /// <summary>A window was written.</summary>
    void Written(int windows);
}

/// <summary>
/// Talks to a board running Gesture: switches the stream on, writes every window as soon as it is complete, and switches
/// the stream off. Whatever goes wrong on the way ends the recording, not what was recorded.
/// </summary>
public sealed class CaptureSession(IDevicePort port, ICaptureWatcher watcher)
{
    /// <summary>Longest silence of the board.</summary>
    public const int SilenceMilliseconds = 5000;
    private const int AskAgainMilliseconds = 1000;
    private const int MostLine = 4096;
    private const int MostFaults = 20;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);
    private readonly byte[] _buffer = new byte[4096];
    private readonly StringBuilder _line = new();
    private readonly Queue<string> _lines = new();
    private readonly List<string> _faults = [];
    private int _garbage;

    /// <summary>Records windows until there are enough, the board ends, or stop says so.</summary>
    /// <param name="open">Makes the file once the head of the stream has told its shape.</param>
    /// <param name="gate">The motion that begins a window, or null for window after window.</param>
    /// <param name="wanted">Windows to record.</param>
    /// <param name="stop">Asked now and then.</param>
    /// <exception cref="ModelFormatException">The board does not speak, or speaks of something else.</exception>
    public CaptureResult Run(Func<GestureLine.Head, WindowFile> open, GestureSettings? gate, int wanted, Func<bool> stop)
    {
        GestureLine.Head head = Start(stop);
        watcher.Begin(head);
        WindowFile file = open(head);
        var recorder = new WindowRecorder(head.WindowRows, head.Channels, gate);
        string? ended = null;
        try
        {
            while (file.Appended < wanted && ended is null)
            {
                if (stop()) ended = "It was stopped.";
                else if (NextLine(SilenceMilliseconds, stop) is not { } text) ended = stop() ? "It was stopped." : $"The board said nothing for {SilenceMilliseconds / 1000} seconds.";
                else Take(GestureLine.Parse(text), head, recorder, file);
            }

            Stop();
        }
        catch (IOException e) when (file.Appended < wanted)
        {
            ended ??= $"The connection was lost ({ModelPacker.Run.Sentences.OneLine(e.Message).TrimEnd('.')}).";
        }
        catch (IOException)
        {
            // Everything wanted is there; the board went before it was told to stop.
        }

        return new CaptureResult(file.Appended, recorder.LostRows, recorder.BrokenWindows, _garbage, _faults, ended);
    }

    /// <summary>Waits for the answer, because a connection that is closed on unread rows can lose the command.</summary>
    private void Stop()
    {
        port.Write("stream off%"u8);
        long until = Environment.TickCount64 + AskAgainMilliseconds;
        while (Environment.TickCount64 < until && NextLine(AskAgainMilliseconds, () => false) is { } text && GestureLine.Parse(text) is not GestureLine.Answer { Text: "m-ready" })
        {
        }
    }

    private void Take(GestureLine? line, GestureLine.Head head, WindowRecorder recorder, WindowFile file)
    {
        switch (line)
        {
            case GestureLine.Row row when row.Counts.Length == head.Channels:
                if (recorder.Add(row) is { } window)
                {
                    file.Append(window);
                    watcher.Written(file.Appended);
                }

                watcher.Row(row, recorder);
                break;
            case GestureLine.Fault fault:
                if (_faults.Count < MostFaults) _faults.Add(fault.What);
                recorder.Break();
                watcher.Other(line);
                break;
            case GestureLine.Head again when again != head:
                throw new ModelFormatException($"The board began another stream ({again.Model}, {again.Channels} channels, windows of {again.WindowRows} rows) in the middle of this one: record again.");
            case GestureLine.Head:
                // It was reset, or asked twice: whether rows begin anew, their numbers tell.
                break;
            case null or GestureLine.Row:
                _garbage++;
                break;
            default:
                watcher.Other(line);
                break;
        }
    }

    /// <summary>Asks for the stream until its head comes; opening a serial port resets some boards, which then miss the first question.</summary>
    private GestureLine.Head Start(Func<bool> stop)
    {
        string? last = null;
        try
        {
            for (int asked = 0; asked < SilenceMilliseconds / AskAgainMilliseconds; asked++)
            {
                port.Write("stream on%"u8);
                while (NextLine(AskAgainMilliseconds, stop) is { } text)
                {
                    switch (GestureLine.Parse(text))
                    {
                        case GestureLine.Head { Version: StreamLines.Version } head: return head;
                        case GestureLine.Head other: throw new ModelFormatException($"The board speaks version {other.Version} of the stream, this tool version {StreamLines.Version}: use the same release on both.");
                        case GestureLine.Fault fault: last = fault.What; break;
                    }
                }

                if (stop()) break;
            }
        }
        catch (IOException e)
        {
            throw new ModelFormatException($"The connection was lost before the stream began ({ModelPacker.Run.Sentences.OneLine(e.Message).TrimEnd('.')}): check the board and the port.");
        }

        throw new ModelFormatException("The board sends no stream" + (last is null ? "" : $" and says \"{last}\"") + ": check that the Gesture application runs on it and that the port is the one of its COM2.");
    }

    /// <summary>The next line, or null after so long a silence.</summary>
    private string? NextLine(int milliseconds, Func<bool> stop)
    {
        long until = Environment.TickCount64 + milliseconds;
        while (_lines.Count == 0)
        {
            int count = port.Read(_buffer, s_poll);
            if (count == 0 && (Environment.TickCount64 >= until || stop())) return null;
            for (int i = 0; i < count; i++)
            {
                char c = (char)_buffer[i];
                if (c == '\n')
                {
                    if (_line.Length > 0) _lines.Enqueue(_line.ToString());
                    _line.Clear();
                }
                else if (c != '\r' && _line.Length < MostLine)
                {
                    _line.Append(c);
                }
            }
        }

        return _lines.Dequeue();
    }
}

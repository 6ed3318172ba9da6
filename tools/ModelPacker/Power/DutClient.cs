using System.Diagnostics;
using System.Globalization;
using System.Text;
using TinyAI.Boards;
using TinyAI.ModelPacker.Device;

namespace TinyAI.ModelPacker.Power;

/// <summary>A device does not answer as the protocol says; the message is one sentence for the user.</summary>
public sealed class DutException(string message) : IOException(message);

/// <summary>What a run of inferences gave.</summary>
/// <param name="Microseconds">Between both timestamps; null in energy mode, where they are edges on a pin.</param>
/// <param name="HostSeconds">Between the device's lines around them, as they arrived here.</param>
/// <param name="Results">The device's results, as it wrote them.</param>
public sealed record DutRun(long? Microseconds, double HostSeconds, string Results);

/// <summary>The runner's side of the benchmark protocol (docs/device-protocol.md).</summary>
public sealed class DutClient(IDevicePort port)
{
    /// <summary>Bytes of an input in one command of at most 80 characters.</summary>
    private const int BytesPerCommand = 32;
    private const int LongestLine = 1 << 20;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(10);

    private readonly byte[] _buffer = new byte[4096];
    private readonly StringBuilder _line = new();
    private readonly Queue<string> _lines = new();

    /// <summary>
    /// Finds out whether somebody answers. What a device says when it is switched on is skipped, and so is what it says to
    /// the rest of a command that somebody else began.
    /// </summary>
    public string Name()
    {
        port.Write("%"u8);
        while (ReadLine(s_short, "It does not answer: check cable, baud and that the Power test application runs").Trim() != "m-ready")
        {
        }

        // What is left of a conversation that somebody else broke off comes now, and then nothing.
        while (port.Read(_buffer, s_quiet) > 0)
        {
        }

        _lines.Clear();
        _line.Clear();
        string[] lines = Ask("name", s_short);
        return Between(lines, "m-name-dut-[", "name");
    }

    /// <summary>The model's name on the device.</summary>
    public string ModelName() => Between(Ask("profile", s_short), "m-model-[", "profile");

    /// <summary>Loads an input.</summary>
    public void Load(ReadOnlySpan<byte> input)
    {
        Ask($"db load {input.Length}", s_short);
        for (int at = 0; at < input.Length; at += BytesPerCommand)
        {
            bool last = at + BytesPerCommand >= input.Length;
            string[] lines = Ask("db " + Convert.ToHexString(input[at..Math.Min(at + BytesPerCommand, input.Length)]), s_short);
            if (lines.Contains("m-load-done") != last) throw new DutException("The device did not take the input as it was sent: check the line for noise, or lower the baud.");
        }
    }

    /// <summary>Runs inferences on the loaded input.</summary>
    public DutRun Infer(int inferences, int warmups, TimeSpan patience)
    {
        var laps = new List<long>();
        var watch = new Stopwatch();
        string? results = null;
        Ask($"infer {inferences} {warmups}", patience, line =>
        {
            if (line.StartsWith("m-infer-start", StringComparison.Ordinal)) watch.Start();
            else if (line == "m-infer-done") watch.Stop();
            else if (line.StartsWith("m-lap-us-", StringComparison.Ordinal))
                laps.Add(long.TryParse(line["m-lap-us-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long lap) ? lap : throw new DutException($"The device's timestamp is no number: {line}."));
            else if (line.StartsWith("m-results-[", StringComparison.Ordinal)) results = line["m-results-[".Length..].TrimEnd(']');
        });
        if (results is null) throw new DutException("The device gave no results.");
        return laps.Count switch
        {
            0 => new DutRun(null, watch.Elapsed.TotalSeconds, results),
            2 when laps[1] > laps[0] => new DutRun(laps[1] - laps[0], watch.Elapsed.TotalSeconds, results),
            _ => throw new DutException($"The device gave {laps.Count} timestamps, or ones that do not follow each other: {string.Join(", ", laps)}."),
        };
    }

    private static string Between(string[] lines, string prefix, string command) =>
        lines.FirstOrDefault(l => l.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..].TrimEnd(']')
        ?? throw new DutException($"The device did not answer {command} as the protocol says: is it the Power test application?");

    private string[] Ask(string command, TimeSpan patience, Action<string>? seen = null)
    {
        if (command.Length > CommandReader.Size) throw new InvalidOperationException($"a command of {command.Length} characters");
        port.Write(Encoding.ASCII.GetBytes(command + "%"));
        var lines = new List<string>();
        string? refusal = null;
        while (true)
        {
            string line = ReadLine(patience, $"It did not answer `{command.Split(' ')[0]}` within {patience.TotalSeconds:0} s");
            // The answer to a refused command ends as any other does.
            if (line == "m-ready" && refusal is null) return [.. lines];
            if (line == "m-ready") throw new DutException($"The device refused `{(command.Length > 20 ? command[..20] + "…" : command)}`: {refusal}.");
            if (line.StartsWith("e-[", StringComparison.Ordinal)) refusal ??= line[3..].TrimEnd(']');
            seen?.Invoke(line);
            lines.Add(line);
        }
    }

    private string ReadLine(TimeSpan patience, string otherwise)
    {
        var watch = Stopwatch.StartNew();
        while (_lines.Count == 0)
        {
            int count = port.Read(_buffer, s_poll);
            for (int i = 0; i < count; i++)
            {
                if (_buffer[i] == '\n')
                {
                    _lines.Enqueue(_line.ToString().Trim());
                    _line.Clear();
                }
                else if (_line.Length < LongestLine)
                {
                    _line.Append((char)_buffer[i]);
                }
            }

            if (count == 0 && watch.Elapsed > patience) throw new DutException($"{otherwise}.");
            if (count > 0) watch.Restart();
        }

        return _lines.Dequeue();
    }
}

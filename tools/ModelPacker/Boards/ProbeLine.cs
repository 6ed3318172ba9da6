using System.Text.Json;
using System.Text.Json.Serialization;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Boards;

/// <summary>The line of JSON that the Probe application prints, checked.</summary>
public sealed record ProbeLine
{
    private const int KnownVersion = 1;
    private const string Begin = "{\"tinyaiProbe\"";

    /// <summary>Version of the line.</summary>
    [JsonPropertyName("tinyaiProbe")]
    public required int Version { get; init; }

    /// <summary>Name of the board.</summary>
    [JsonPropertyName("board")]
    public required string Board { get; init; }

    /// <summary>Target of its firmware.</summary>
    [JsonPropertyName("target")]
    public required string Target { get; init; }

    /// <summary>Version of its firmware.</summary>
    [JsonPropertyName("firmware")]
    public required string Firmware { get; init; }

    /// <summary>Free managed heap beside the application.</summary>
    [JsonPropertyName("freeHeapBytes")]
    public required long FreeHeapBytes { get; init; }

    /// <summary>Longest array that could be made.</summary>
    [JsonPropertyName("largestArrayBytes")]
    public required long LargestArrayBytes { get; init; }

    /// <summary>Largest free block of native memory; 0 where it could not be told.</summary>
    [JsonPropertyName("largestNativeBlockBytes")]
    public required long LargestNativeBlockBytes { get; init; }

    /// <summary>Nanoseconds of one addition.</summary>
    [JsonPropertyName("nsPerAdd")]
    public required double NanosecondsPerAdd { get; init; }

    /// <summary>Costs of operations in additions.</summary>
    [JsonPropertyName("costs")]
    public required SortedDictionary<string, double> Costs { get; init; }

    /// <summary>
    /// Finds the line in a text that may hold other lines of the console too, and be broken where the console breaks lines.
    /// The last one counts.
    /// </summary>
    /// <exception cref="ModelFormatException">There is none, or it is cut or odd.</exception>
    public static ProbeLine Find(string text, string name)
    {
        int at = text.LastIndexOf(Begin, StringComparison.Ordinal);
        if (at < 0) throw new ModelFormatException($"{name} holds no line of the Probe application: copy the one that begins with {Begin} from its console.");
        int end = text.IndexOf("}}", at, StringComparison.Ordinal);
        if (end < 0) throw new ModelFormatException($"The Probe's line in {name} is cut: it ends with }}}}. Copy all of it.");
        ProbeLine line;
        try
        {
            line = JsonSerializer.Deserialize<ProbeLine>(text[at..(end + 2)].ReplaceLineEndings("")) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"The Probe's line in {name} cannot be read ({e.Message.TrimEnd('.')}): copy it again.");
        }

        if (line.Version != KnownVersion) throw new ModelFormatException($"The Probe's line in {name} has version {line.Version}; this tool reads {KnownVersion}.");
        if (line.Board.Length == 0 || line.Board.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-')) throw new ModelFormatException($"The Probe names its board \"{line.Board}\": letters, digits and hyphens are wanted.");
        if (line.FreeHeapBytes is < 1024 or > 1 << 30) throw new ModelFormatException($"The Probe found {line.FreeHeapBytes} bytes of free heap, which cannot be.");
        if (line.LargestArrayBytes < 1 || line.LargestArrayBytes > line.FreeHeapBytes) throw new ModelFormatException($"The Probe made an array of {line.LargestArrayBytes} bytes with {line.FreeHeapBytes} free, which cannot be.");
        if (!double.IsFinite(line.NanosecondsPerAdd) || line.NanosecondsPerAdd <= 0) throw new ModelFormatException("The Probe's time of an addition is not above 0: its clock stood still.");
        if (line.Costs.Count == 0 || line.Costs.Values.Any(c => !double.IsFinite(c) || c < 0)) throw new ModelFormatException("The Probe's costs are missing or below 0.");
        return line;
    }
}

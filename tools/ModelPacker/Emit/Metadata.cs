using System.Text.Json;
using System.Text.Json.Serialization;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit;

/// <summary>
/// What a model file does not say but a device wants to know: a name, labels and how raw sensor counts become the
/// numbers that the model was trained on. Read from a JSON file beside the model.
/// </summary>
public sealed record Metadata
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNameCaseInsensitive = true, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip };

    /// <summary>Name under which the device finds the model.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>Class names in the order of the output's elements.</summary>
    [JsonPropertyName("labels")]
    public string[] Labels { get; init; } = [];

    /// <summary>How the input is made from sensor counts.</summary>
    [JsonPropertyName("input")]
    public SensorInput? Input { get; init; }

    /// <summary>Reads the JSON file.</summary>
    /// <exception cref="ModelFormatException">The file is not what it should be.</exception>
    public static Metadata Read(string path)
    {
        Metadata metadata;
        try
        {
            metadata = JsonSerializer.Deserialize<Metadata>(File.ReadAllText(path), s_json) ?? new Metadata();
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"The metadata file {path} is not valid JSON at line {e.LineNumber + 1}: correct it or leave it out.");
        }

        if (metadata.Labels.Any(l => l is null || System.Text.Encoding.UTF8.GetByteCount(l) > 255))
            throw new ModelFormatException($"A label in {path} is null or longer than 255 bytes: shorten it.");
        if (metadata.Input is { } input && (input.Channels is null || input.Channels.Any(c => c is null || !c.IsSound)))
            throw new ModelFormatException($"A channel in {path} needs finite numbers, countsPerUnit and divisor other than 0.");
        return metadata;
    }
}

/// <summary>The sensor behind an input: rows of channels, oldest first.</summary>
public sealed record SensorInput
{
    /// <summary>Rows in a window.</summary>
    [JsonPropertyName("window")]
    public int Window { get; init; }

    /// <summary>The channels of a row.</summary>
    [JsonPropertyName("channels")]
    public SensorChannel[] Channels { get; init; } = [];
}

/// <summary>One channel: real = (counts / countsPerUnit + offset) / divisor.</summary>
public sealed record SensorChannel
{
    /// <summary>Name, such as aX.</summary>
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    /// <summary>Physical unit, such as g.</summary>
    [JsonPropertyName("unit")]
    public string Unit { get; init; } = "";

    /// <summary>Raw counts that make one unit.</summary>
    [JsonPropertyName("countsPerUnit")]
    public double CountsPerUnit { get; init; } = 1;

    /// <summary>Added to the value in units.</summary>
    [JsonPropertyName("offset")]
    public double Offset { get; init; }

    /// <summary>Divides the sum.</summary>
    [JsonPropertyName("divisor")]
    public double Divisor { get; init; } = 1;

    /// <summary>Whether the numbers can be used.</summary>
    [JsonIgnore]
    public bool IsSound =>
        double.IsFinite(CountsPerUnit) && CountsPerUnit != 0 && double.IsFinite(Offset) && double.IsFinite(Divisor) && Divisor != 0;

    /// <summary>
    /// The integers of <see cref="Normalisation"/>: multiplier, shift and offset such that
    /// (counts * multiplier + offset) >> shift is round(real / scale) + zeroPoint for 16-bit counts, up to ties.
    /// </summary>
    public (int Multiplier, int Shift, long Offset) ToIntegers(float scale, int zeroPoint)
    {
        double slope = 1 / (CountsPerUnit * Divisor * scale), intercept = Offset / (Divisor * scale) + zeroPoint;
        // Both products must stay below 2^62: 16-bit counts times a 31-bit multiplier do, the offset is checked.
        int shift = 30;
        while (shift > 0 && (Math.Abs(Math.ScaleB(slope, shift)) >= int.MaxValue || Math.Abs(Math.ScaleB(intercept, shift)) >= 1L << 60)) shift--;
        double multiplier = Math.Round(Math.ScaleB(slope, shift)), offset = Math.Round(Math.ScaleB(intercept + 0.5, shift));
        if (Math.Abs(multiplier) > int.MaxValue || Math.Abs(offset) > 1L << 61)
            throw new ModelFormatException($"The normalisation of channel {Name} is too steep for 32-bit integers: check countsPerUnit, offset and divisor.");
        return ((int)multiplier, shift, (long)offset);
    }
}

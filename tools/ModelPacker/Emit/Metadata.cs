using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit;

/// <summary>
/// What a model file does not say but a device wants to know: a name, labels and how raw sensor counts become the
/// numbers that the model was trained on. Read from a JSON file beside the model.
/// </summary>
public sealed record Metadata
{
    /// <summary>No text in a pack is longer, so that a device can read one into a small buffer.</summary>
    public const int MaxTextBytes = 255;

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

    /// <summary>Fields of the file that are none of these.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>Reads the JSON file.</summary>
    /// <param name="json">Its bytes.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <exception cref="ModelFormatException">The file is not what it should be.</exception>
    public static Metadata Parse(byte[] json, string path)
    {
        Metadata metadata;
        try
        {
            ReadOnlySpan<byte> text = json;
            if (text.StartsWith("\uFEFF"u8)) text = text[3..];
            metadata = JsonSerializer.Deserialize<Metadata>(text, s_json) ?? throw new ModelFormatException($"The metadata file {path} says null: put an object there, or remove the file.");
        }
        catch (JsonException e)
        {
            string where = e.Path is { Length: > 1 } field ? $" in {field[1..].TrimStart('.')}" : "";
            throw new ModelFormatException($"The metadata file {path} is not valid JSON, or a field has another type than it should, at line {e.LineNumber + 1}{where}: correct it or leave it out.");
        }

        if (metadata.Name is { } name && (name.Trim().Length == 0 || Encoding.UTF8.GetByteCount(name) > MaxTextBytes))
            throw new ModelFormatException($"The name in {path} is empty or longer than {MaxTextBytes} bytes: the device finds the model by it.");
        if (metadata.Labels is null || metadata.Labels.Any(l => l is null || Encoding.UTF8.GetByteCount(l) > MaxTextBytes))
            throw new ModelFormatException($"A label in {path} is null or longer than {MaxTextBytes} bytes: correct it, or leave the labels out.");
        if (metadata.Input is { } input && (input.Channels is null || input.Channels.Any(c => c is null || !c.IsSound)))
            throw new ModelFormatException($"A channel in {path} needs finite numbers, countsPerUnit and divisor other than 0.");
        return metadata;
    }

    /// <summary>Names of the fields that mean nothing here, with their place in the file.</summary>
    public IEnumerable<string> UnknownFields()
    {
        IEnumerable<string> own = Unknown?.Keys ?? Enumerable.Empty<string>();
        IEnumerable<string> input = Input?.Unknown?.Keys.Select(k => "input." + k) ?? [];
        IEnumerable<string> channels = Input?.Channels.SelectMany(c => c.Unknown?.Keys.Select(k => "input.channels." + k) ?? []).Distinct() ?? [];
        return own.Concat(input).Concat(channels);
    }

    /// <summary>Throws where labels or normalisation do not belong to this model.</summary>
    /// <exception cref="ModelFormatException">With what the metadata says and what the model has.</exception>
    public void Require(LoweredModel model)
    {
        if (Labels.Length > 0)
        {
            Tensor? output = model.Outputs.FirstOrDefault()?.Tensor;
            if (output is null || output.Count != Labels.Length)
                throw new ModelFormatException($"The metadata names {Labels.Length} labels, but the model's output {output?.Name} {output} has {output?.Count ?? 0} values: give a label for each, or none.");
        }

        if (Input is not { } sensor) return;
        if (model.Inputs.FirstOrDefault()?.Tensor is not { } input)
            throw new ModelFormatException("The metadata describes an input, but the model has none: remove the description.");
        int channels = sensor.Channels.Length;
        if (sensor.Window < 0 || (sensor.Window > 0 && (channels > 0 ? (long)sensor.Window * channels != input.Count : input.Count % sensor.Window != 0)))
            throw new ModelFormatException($"The metadata's window of {sensor.Window} rows with {channels} channels does not fill the model's input {input.Name} {input} of {input.Count} values: correct window or channels.");
        if (channels == 0) return;
        if (input.Count % channels != 0)
            throw new ModelFormatException($"The metadata names {channels} channels, but the model's input {input.Name} {input} has {input.Count} values, which do not divide into rows of {channels}: correct the channels.");
        if (input.Type != TfliteType.INT8 || input.Quantisation is not { IsPerChannel: false } q || !float.IsFinite(q.Scale) || q.Scale <= 0)
            throw new ModelFormatException($"The metadata gives a normalisation, but the model's input {input.Name} {input} is not int8 with one scale: remove the channels, or quantise the input to int8.");
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

    /// <summary>Fields of the file that are none of these.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }
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

    /// <summary>Fields of the file that are none of these.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }

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
        if (multiplier == 0)
            throw new ModelFormatException($"The normalisation of channel {Name} makes the same value of every count: check countsPerUnit and divisor.");
        return ((int)multiplier, shift, (long)offset);
    }
}

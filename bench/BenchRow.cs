using System.Text.Json.Serialization;
using TinyAI.Bench.Forms;

namespace TinyAI.Bench;

/// <summary>The figures of one model: null where a form cannot run it. Costs are in units of one i4 addition.</summary>
internal sealed record BenchRow
{
    [JsonPropertyName("model")]
    public required string Model { get; init; }

    [JsonPropertyName("macs")]
    public required long Macs { get; init; }

    [JsonPropertyName("plainCost")]
    public long? PlainCost => Cost("plain");

    [JsonPropertyName("runtimeCost")]
    public long? RuntimeCost => Cost("runtime");

    [JsonPropertyName("lanesCost")]
    public long? LanesCost => Cost("lanes");

    [JsonPropertyName("codeCost")]
    public long? CodeCost => Cost("code");

    [JsonPropertyName("plainFlashBytes")]
    public int? PlainFlashBytes => Form("plain")?.FlashBytes;

    [JsonPropertyName("runtimeFlashBytes")]
    public int? RuntimeFlashBytes => Form("runtime")?.FlashBytes;

    [JsonPropertyName("lanesFlashBytes")]
    public int? LanesFlashBytes => Form("lanes")?.FlashBytes;

    [JsonPropertyName("codeFlashBytes")]
    public int? CodeFlashBytes => Form("code")?.FlashBytes;

    [JsonPropertyName("plainHeapBytes")]
    public int? PlainHeapBytes => Form("plain")?.HeapBytes;

    [JsonPropertyName("runtimeHeapBytes")]
    public int? RuntimeHeapBytes => Form("runtime")?.HeapBytes;

    [JsonPropertyName("lanesHeapBytes")]
    public int? LanesHeapBytes => Form("lanes")?.HeapBytes;

    [JsonPropertyName("codeHeapBytes")]
    public int? CodeHeapBytes => Form("code")?.HeapBytes;

    /// <summary>The reports by name of the form.</summary>
    [JsonIgnore]
    public required IReadOnlyDictionary<string, FormReport> Forms { get; init; }

    private FormReport? Form(string name) => Forms.GetValueOrDefault(name);

    private long? Cost(string name) => Form(name) is { } form ? (long)Math.Round(form.Cost.Adds) : null;
}

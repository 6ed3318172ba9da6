using System.Text.Json.Serialization;
using TinyAI.Bench.Forms;

namespace TinyAI.Bench;

/// <summary>The figures of one model: null where a form cannot run it. Costs are in units of one i4 addition.</summary>
internal sealed record BenchRow(
    [property: JsonPropertyName("model")] string Model, [property: JsonPropertyName("macs")] long Macs,
    [property: JsonIgnore] IReadOnlyDictionary<string, FormReport> Forms)
{
    [JsonPropertyName("plainCost")]
    public long? PlainCost => Cost("plain");

    [JsonPropertyName("lanesCost")]
    public long? LanesCost => Cost("lanes");

    [JsonPropertyName("codeCost")]
    public long? CodeCost => Cost("code");

    [JsonPropertyName("lanesFlashBytes")]
    public int? LanesFlashBytes => Form("lanes")?.FlashBytes;

    [JsonPropertyName("codeFlashBytes")]
    public int? CodeFlashBytes => Form("code")?.FlashBytes;

    [JsonPropertyName("lanesHeapBytes")]
    public int? LanesHeapBytes => Form("lanes")?.HeapBytes;

    [JsonPropertyName("codeHeapBytes")]
    public int? CodeHeapBytes => Form("code")?.HeapBytes;

    /// <summary>Cost of the runtime with plain weights: what lanes are an answer to. For people; machines get the fields above.</summary>
    [JsonIgnore]
    public long? RuntimeCost => Cost("runtime");

    [JsonIgnore]
    public int? PlainFlashBytes => Form("plain")?.FlashBytes;

    [JsonIgnore]
    public int? RuntimeFlashBytes => Form("runtime")?.FlashBytes;

    [JsonIgnore]
    public int? PlainHeapBytes => Form("plain")?.HeapBytes;

    [JsonIgnore]
    public int? RuntimeHeapBytes => Form("runtime")?.HeapBytes;

    /// <summary>Flash of the code form per learned number; the same with --optimise size.</summary>
    [JsonIgnore]
    public double? CodeBytesPerWeight => Form("code") is { Dense: { } d } form ? form.FlashBytes / (double)d.Weights : null;

    /// <inheritdoc cref="CodeBytesPerWeight"/>
    [JsonIgnore]
    public double? SmallCodeBytesPerWeight => Form("code") is { Dense: { } d } ? d.SmallFlashBytes / (double)d.Weights : null;

    private FormReport? Form(string name) => Forms.GetValueOrDefault(name);

    private long? Cost(string name) => Form(name) is { } form ? (long)Math.Round(form.Cost.Adds) : null;
}

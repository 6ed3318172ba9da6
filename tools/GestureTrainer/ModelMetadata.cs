using System.Text.Encodings.Web;
using System.Text.Json;

namespace TinyAI.GestureTrainer;

/// <summary>The side file of the model: names of the outputs, and how raw counts become the int8 input.</summary>
internal static class ModelMetadata
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        // Plain "deg/s" rather than an escaped slash.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(IReadOnlyList<string> labels) => JsonSerializer.Serialize(
        new Metadata("gesture", labels, new Input(Recordings.Window, SensorInput.Channels)), Options) + "\n";

    private sealed record Metadata(string Name, IReadOnlyList<string> Labels, Input Input);

    private sealed record Input(int Window, IReadOnlyList<SensorChannel> Channels);
}

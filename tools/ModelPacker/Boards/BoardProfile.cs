using System.Text.Json;
using System.Text.Json.Serialization;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Boards;

/// <summary>What a board offers a model, read from boards/profiles/NAME.json.</summary>
public sealed record BoardProfile
{
    /// <summary>Name on the command line.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>What people call it.</summary>
    [JsonPropertyName("title")]
    public required string Title { get; init; }

    /// <summary>Firmware target for nanoff.</summary>
    [JsonPropertyName("firmwareTarget")]
    public required string FirmwareTarget { get; init; }

    /// <summary>Managed heap of a fresh firmware.</summary>
    [JsonPropertyName("managedHeapBytes")]
    public required int ManagedHeapBytes { get; init; }

    /// <summary>Managed heap that class libraries and the application take before a model does.</summary>
    [JsonPropertyName("reservedHeapBytes")]
    public required int ReservedHeapBytes { get; init; }

    /// <summary>The largest array that can be relied on in a fragmented heap.</summary>
    [JsonPropertyName("largestSafeArrayBytes")]
    public required int LargestSafeArrayBytes { get; init; }

    /// <summary>Flash for the application and its resources.</summary>
    [JsonPropertyName("deploymentBytes")]
    public required int DeploymentBytes { get; init; }

    /// <summary>Part of that flash that class libraries and the application take.</summary>
    [JsonPropertyName("reservedDeploymentBytes")]
    public required int ReservedDeploymentBytes { get; init; }

    /// <summary>Flash of the file system.</summary>
    [JsonPropertyName("fileSystemBytes")]
    public required int FileSystemBytes { get; init; }

    /// <summary>Whether the managed heap lies in external RAM.</summary>
    [JsonPropertyName("psram")]
    public required bool Psram { get; init; }

    /// <summary>Where the figures come from.</summary>
    [JsonPropertyName("source")]
    public required string Source { get; init; }

    /// <summary>Managed heap left for a model.</summary>
    [JsonIgnore]
    public int FreeHeapBytes => ManagedHeapBytes - ReservedHeapBytes;

    /// <summary>The largest activation block whose array, header and rounding included, is still a safe one.</summary>
    [JsonIgnore]
    public int LargestBlockBytes => HeapModel.LongestArray(LargestSafeArrayBytes);

    /// <summary>All profiles that come with the tool, by name.</summary>
    public static IReadOnlyList<BoardProfile> All { get; } = LoadAll(Path.Combine(AppContext.BaseDirectory, "profiles"));

    /// <summary>The profile of this name, or of this file.</summary>
    /// <exception cref="ModelFormatException">There is none, or the file is not one.</exception>
    public static BoardProfile Find(string name)
    {
        if (All.FirstOrDefault(b => b.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } known) return known;
        if (File.Exists(name)) return Load(name);
        if (Directory.Exists(name)) throw new ModelFormatException($"{name} is a folder: give the name of a board or the file of a profile.");
        throw new ModelFormatException($"There is no board named {name}: choose one of {string.Join(", ", All.Select(b => b.Name))}, or give the path of a profile.");
    }

    private static BoardProfile[] LoadAll(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(Load)] : [];

    private static BoardProfile Load(string path)
    {
        try
        {
            BoardProfile? profile = JsonSerializer.Deserialize<BoardProfile>(File.ReadAllText(path));
            return profile is { ManagedHeapBytes: > 0, LargestSafeArrayBytes: > 0, DeploymentBytes: > 0 }
                ? profile
                : throw new ModelFormatException($"The board profile {path} needs sizes above 0.");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"The board profile {path} cannot be read: {e.Message.TrimEnd('.')}.");
        }
    }
}

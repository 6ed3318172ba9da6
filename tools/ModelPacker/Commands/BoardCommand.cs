using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TinyAI.ModelPacker.Boards;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Commands;

/// <summary>board add --from FILE: makes a profile and a table of operation costs from what the Probe application printed.</summary>
internal static class BoardCommand
{
    private const int MaxBytes = 1 << 20;
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "The Probe's output, or the whole console.", Required = true };
        var name = new Option<string?>("--name") { Description = "Name of the new profile; default: the board's own." };
        var like = new Option<string?>("--like") { Description = "Profile from which what a probe cannot measure is taken, such as flash; default: the one of that name." };
        var to = new Option<string>("--to") { Description = "Folder with profiles/ and costs/.", DefaultValueFactory = _ => "boards" };
        var add = new Command("add", "Makes a measured profile of what the Probe application printed on a board.") { from, name, like, to };
        add.SetAction(parse => CommandGuard.Run(() => Add(parse.GetRequiredValue(from), parse.GetValue(name), parse.GetValue(like), parse.GetValue(to)!)));
        return new Command("board", "Boards and their profiles.") { add };
    }

    private static int Add(string from, string? name, string? like, string folder)
    {
        ProbeLine probe = ProbeLine.Find(Encoding.UTF8.GetString(InputFile.Read(from, MaxBytes)), from);
        name ??= probe.Board;
        if (name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-')) throw new ModelFormatException($"The name {name} is not made of letters, digits and hyphens.");
        if (!Directory.Exists(Path.Combine(folder, "profiles"))) throw new ModelFormatException($"There is no folder profiles in {folder}: run this in the repository, or give --to.");
        BoardProfile known = BoardProfile.Find(like ?? probe.Board);
        string source = $"measured on a board by the Probe application, firmware {probe.Firmware} of {probe.Target}; flash as {known.Name}";
        BoardProfile profile = known with
        {
            Name = name,
            Title = name == known.Name ? known.Title : $"{known.Title}, measured as {name}",
            FirmwareTarget = probe.Target.Length > 0 ? probe.Target : known.FirmwareTarget,
            // What the probe found free is what is left for a model.
            ManagedHeapBytes = (int)probe.FreeHeapBytes + known.ReservedHeapBytes,
            LargestSafeArrayBytes = (int)probe.LargestArrayBytes,
            Source = source,
        };
        var costs = new { board = name, source, nsPerAdd = probe.NanosecondsPerAdd, costs = probe.Costs };
        string profilePath = Path.Combine(folder, "profiles", name + ".json"), costsPath = Path.Combine(folder, "costs", name + ".json");
        ModelFile.WriteWhole(profilePath, Line(JsonSerializer.SerializeToUtf8Bytes(profile, s_json)));
        ModelFile.WriteWhole(costsPath, Line(JsonSerializer.SerializeToUtf8Bytes(costs, s_json)));
        Console.WriteLine($"{profilePath}: {profile.FreeHeapBytes:N0} bytes of heap for a model, arrays up to {profile.LargestSafeArrayBytes:N0}");
        Console.WriteLine($"{costsPath}: {probe.Costs.Count} operations, an addition takes {probe.NanosecondsPerAdd:N1} ns");
        return CommandGuard.Ok;
    }

    private static byte[] Line(byte[] json) => [.. json, (byte)'\n'];
}

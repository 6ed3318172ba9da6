using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using TinyAI.Boards;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Recording;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Commands;

/// <summary>replay FILE: recorded rows through the device's own pipeline, every window's decision shown.</summary>
internal static class ReplayCommand
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Sensor rows, one value per channel; a line of dashes separates recordings." };
        var model = new Option<string?>("--model") { Description = "A .tflite model or a pack with an input normalisation; default: the gesture model." };
        var stream = new Option<bool>("--stream") { Description = "The rows are one stream. Default: rows that are a whole number of windows are windows of their own, as capture writes them." };
        var units = new Option<string>("--units") { Description = "counts, physical, or auto: physical when any value has a fraction.", DefaultValueFactory = _ => "auto" };
        units.AcceptOnlyFromAmong("auto", "counts", "physical");
        var stride = new Option<int?>("--stride") { Description = "Rows from one window to the next." };
        var votes = new Option<int?>("--votes") { Description = "Windows that vote on a decision; default: the board's, and 1 where windows stand alone." };
        var quorum = new Option<int?>("--quorum") { Description = "Equal votes that make a decision." };
        var dwell = new Option<int?>("--dwell") { Description = "Rows after a decision in which there is no other." };
        var least = new Option<int?>("--least-confidence") { Description = "Thousandths below which a window votes for nothing." };
        var gate = new Option<int?>("--gate") { Description = "Counts above which the board moves; 0: the network always runs. Default: the board's, and 0 where windows stand alone, because they came through the gate already." };
        var continuous = new Option<bool>("--continuous") { Description = "Windows go on as long as the board moves: for activities rather than gestures." };
        var json = new Option<bool>("--json") { Description = "Print as JSON." };
        var command = new Command("replay", "Sends recorded rows through the device's own pipeline and shows every window's decision.")
        {
            file, model, stream, units, stride, votes, quorum, dwell, least, gate, continuous, json,
        };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            Model loaded = Model.Load(new ByteArraySource(ModelFile.PackOf(parse.GetValue(model) ?? DemoCommand.ModelPath)));
            string path = parse.GetRequiredValue(file);
            (List<short[]> recordings, bool alone) = Read(path, loaded, parse.GetRequiredValue(units), parse.GetValue(stream));
            var settings = new GestureSettings { Continuous = parse.GetValue(continuous) };
            settings.Stride = parse.GetValue(stride) ?? settings.Stride;
            settings.Votes = parse.GetValue(votes) ?? (alone ? 1 : settings.Votes);
            settings.Quorum = parse.GetValue(quorum) ?? Math.Min(settings.Quorum, settings.Votes);
            settings.Dwell = parse.GetValue(dwell) ?? settings.Dwell;
            settings.LeastConfidence = parse.GetValue(least) ?? settings.LeastConfidence;
            settings.GateThreshold = parse.GetValue(gate) ?? (alone ? 0 : settings.GateThreshold);
            Require(settings);
            ReplayedWindow[] windows = [.. new Replay(loaded, settings).Run(recordings)];
            if (parse.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(new { model = loaded.Name, recordings = recordings.Count, windows }, s_json));
            else Print(windows, recordings.Count, Path.GetFileNameWithoutExtension(path), loaded, alone);
            return CommandGuard.Ok;
        }));
        return command;
    }

    private static void Require(GestureSettings s)
    {
        if (s.Votes is < 1 or > 1000 || s.Quorum < 1 || s.Quorum > s.Votes) throw new ModelFormatException($"--votes {s.Votes} and --quorum {s.Quorum} must be at least 1, and no more equal votes can be asked for than there are.");
        if (s.Stride < 1 || s.Dwell < 0 || s.GateThreshold < 0 || s.LeastConfidence is < 0 or > 1000)
            throw new ModelFormatException("--stride must be 1 or more, --dwell and --gate 0 or more, --least-confidence 0 to 1000.");
    }

    private static (List<short[]> Recordings, bool Alone) Read(string path, Model model, string units, bool stream)
    {
        float[] perUnit = SensorCounts.PerUnit(model);
        if (perUnit.Length == 0) throw new ModelFormatException("The model carries no input normalisation, which a board needs for raw counts: give one in a .json beside the model.");
        List<List<double[]>> rows = SensorCsv.Read(path, perUnit.Length);
        bool physical = SensorCounts.ArePhysical(rows, units);
        int window = model.Input(0).Size / perUnit.Length;
        bool alone = !stream && rows.All(r => r.Count % window == 0);
        if (alone) rows = [.. rows.SelectMany(r => r.Chunk(window).Select(c => c.ToList()))];
        return ([.. rows.Select(r => SensorCounts.Of(r, perUnit, physical))], alone);
    }

    private static void Print(ReplayedWindow[] windows, int recordings, string label, Model model, bool alone)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("recording", Right).AddColumn("rows", Right).AddColumn("window taken for").AddColumn("confidence", Right).AddColumn("decision");
        foreach (ReplayedWindow w in windows)
        {
            table.AddRow(
                w.Recording.ToString(), $"{w.FirstRow}..{w.LastRow}", Markup.Escape(w.Label ?? "too uncertain"), $"{w.Confidence / 10.0:0.0} %",
                Markup.Escape(w.Decision is { } decision ? $"{decision} ({w.Votes} {(w.Votes == 1 ? "vote" : "votes")})" : w.Result == "undecided" ? "the votes disagree" : ""));
        }

        Tables.Write(table);
        int still = recordings - windows.Select(w => w.Recording).Distinct().Count();
        Console.WriteLine($"{recordings} {(alone ? "windows" : recordings == 1 ? "recording" : "recordings")}, {windows.Length} classified, {windows.Count(w => w.Decision is not null)} decisions"
            + (still > 0 ? $"; in {still} no motion lasted for a window, so the network did not run" : ""));
        if (Enumerable.Range(0, model.LabelCount).Any(i => model.Label(i) == label))
            Console.WriteLine($"{windows.Count(w => w.Decision == label)} of {windows.Count(w => w.Decision is not null)} decisions are {label}, as the file is called");
    }

    private static void Right(TableColumn column) => column.RightAligned();
}

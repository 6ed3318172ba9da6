using System.Globalization;
using System.Resources;
using System.Text;
using System.Text.Json;
using nanoFramework.Runtime.Native;
using TinyAI.Boards;
using TinyAI.DeviceGate;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Boards;
using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.NanoInterpreter.Tests;

/// <summary>The boards' shared code on the heap of the smallest board: the same decisions and answers as on the desktop.</summary>
public class BoardsOnInterpreterTests(ITestOutputHelper output)
{
    private const int Channels = 6;

    [Fact]
    public void Gestures_protocol_self_test_and_probe_do_there_what_they_do_here()
    {
        NanoSdk sdk = Interpreter.GetOrSkip();
        byte[] pack = Pack();
        short[] rows = Motion(out string motion);
        string commands = Commands(pack);
        NanoRun run = Run(sdk, pack, rows, commands);
        Assert.True(run.Exit == 0 && run.After("exception").Length == 0 && run.After("done").Length == 1, run.ToString());

        string[] events = run.After("event");
        Assert.Equal(Events(pack, rows), events);
        Assert.Equal(Answers(pack, commands), run.After("m"));
        Assert.Equal("passed", Assert.Single(run.After("selftest")));
        Assert.Equal("PASSED: 3 of 3 goldens agree", run.After("t")[^1]);
        // Rows and windows leave nothing behind but the last piece of the pack, which is there from the first window on.
        int kept = int.Parse(Assert.Single(run.After("kept")), CultureInfo.InvariantCulture);
        output.WriteLine($"{motion}: {rows.Length / Channels} rows, {events.Length} events, {kept} bytes more at the end than after the first rows, {run.After("free").Single()} bytes free");
        Assert.InRange(kept, -1024, 1024);

        ProbeLine probe = ProbeLine.Find(run.After("p").Single(), "the interpreter");
        output.WriteLine($"probe: {probe.NanosecondsPerAdd} ns an addition, {probe.FreeHeapBytes} bytes free, arrays to {probe.LargestArrayBytes}");
        using JsonDocument host = JsonDocument.Parse(File.ReadAllText(Path.Combine(NanoProject.Repository, "boards", "costs", "host.json")));
        foreach (JsonProperty known in host.RootElement.GetProperty("costs").EnumerateObject().Where(p => probe.Costs.ContainsKey(p.Name)))
            output.WriteLine($"  {known.Name,-16} host.json {known.Value.GetDouble(),6:0.00}   probe {probe.Costs[known.Name],6:0.00}");
        Assert.InRange(probe.LargestArrayBytes, 1024, probe.FreeHeapBytes);
    }

    private static byte[] Pack()
    {
        string folder = Path.Combine(NanoProject.Repository, "models", "gesture-attention");
        Metadata about = Metadata.Parse(File.ReadAllBytes(Path.Combine(folder, "gesture-attention.json")), "gesture-attention.json");
        return Goldens.AddTo(Packer.Pack(File.ReadAllBytes(Path.Combine(folder, "gesture-attention.tflite")), "gesture", about), about, Path.Combine(folder, "golden")).Pack;
    }

    /// <summary>Recorded gestures where they are at hand, each between stillness; else simulated ones.</summary>
    private static short[] Motion(out string what)
    {
        string train = SharedFolder.Path is { } shared ? Path.Combine(shared, "data", "spells_imu6", "train") : "";
        if (!Directory.Exists(train))
        {
            what = "simulated motion (the recordings are not beside the repository)";
            return new WandSimulator(5).Stream([0, 1, 2, 3, 4]);
        }

        what = "recorded motion";
        var rows = new List<short>();
        foreach (string file in Directory.GetFiles(train, "*.csv").Order(StringComparer.Ordinal))
        {
            short[][] recorded = [.. File.ReadLines(file).Skip(1).Take(WandSimulator.Window).Select(Counts)];
            foreach (short[] row in Enumerable.Repeat(recorded[0], 130)) rows.AddRange([row[0], row[1], row[2], 0, 0, 0]);
            foreach (short[] row in recorded) rows.AddRange(row);
            foreach (short[] row in Enumerable.Repeat(recorded[^1], 130)) rows.AddRange([row[0], row[1], row[2], 0, 0, 0]);
        }

        return [.. rows];
    }

    private static short[] Counts(string row) => [.. row.Split(',').Select((cell, c) =>
        (short)Math.Clamp(Math.Round(double.Parse(cell, CultureInfo.InvariantCulture) * (c < 3 ? 4096 : 16.4), MidpointRounding.AwayFromZero), short.MinValue, short.MaxValue))];

    private static string Commands(byte[] pack)
    {
        var counts = new WandSimulator(11).Gesture(3);
        var values = new sbyte[counts.Length];
        new Normalisation(Model.Load(new ByteArraySource(pack))).Apply(counts, 0, values, 0, values.Length);
        string hex = Convert.ToHexString([.. values.Select(v => (byte)v)]);
        var text = new StringBuilder("name%profile%infer 0%db load 3%\u0001\u0002%" + new string('q', 120) + "%db load 714%");
        for (int at = 0; at < hex.Length; at += 64) text.Append($"db {hex[at..Math.Min(at + 64, hex.Length)]}%");
        return text + "db print%infer 2 1%results%help%nonsense%";
    }

    private static string[] Events(byte[] pack, short[] rows)
    {
        var pipeline = new GesturePipeline(Model.Load(new ByteArraySource(pack)), new GestureSettings());
        var events = new List<string>();
        for (int row = 0; row < rows.Length / Channels; row++)
        {
            int result = pipeline.Add(rows, row * Channels);
            if (result != GesturePipeline.None)
                events.Add($"{row} {result} {pipeline.MotionRow} {pipeline.WindowLabel} {pipeline.WindowConfidence} {pipeline.Label}");
        }

        Assert.True(events.Count > 10);
        return [.. events];
    }

    private static string[] Answers(byte[] pack, string commands)
    {
        var desk = new Desk();
        var protocol = new DutProtocol(new DutInference(Model.Load(new ByteArraySource(pack)), desk), desk, desk, false, "interpreter");
        protocol.Start();
        byte[] bytes = Encoding.Latin1.GetBytes(commands);
        protocol.Receive(bytes, bytes.Length);
        return desk.Text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    private static NanoRun Run(NanoSdk sdk, byte[] pack, short[] rows, string commands)
    {
        string resources = Path.Combine(sdk.Folder, "Boards.resources");
        using (var writer = new ResourceWriter(resources))
        {
            writer.AddResource("model", pack);
            writer.AddResource("rows", (byte[])[.. BitConverter.GetBytes(rows.Length / Channels), .. rows.SelectMany(BitConverter.GetBytes)]);
            writer.AddResource("commands", (byte[])[.. BitConverter.GetBytes(commands.Length), .. Encoding.Latin1.GetBytes(commands)]);
            writer.Generate();
        }

        string program = Path.Combine(NanoProject.Repository, "tests", "NanoInterpreter.Tests", "Boards", "Program.cs");
        string names = $"public enum Res : short {{ model = {ResourceUtility.IdOf("model")}, rows = {ResourceUtility.IdOf("rows")}, commands = {ResourceUtility.IdOf("commands")} }}";
        string[] libraries = ["mscorlib", "nanoFramework.Runtime.Native", "nanoFramework.ResourceManager"];
        string[] projects = sdk.Build(NanoProject.Read("boards/Common/TinyAI.Boards.nfproj"));
        string app = sdk.BuildApplication("Boards", [(File.ReadAllText(program), program), (names, "Res.cs")], libraries, projects, resources);
        using JsonDocument profile = JsonDocument.Parse(File.ReadAllText(Path.Combine(NanoProject.Repository, "boards", "profiles", "esp32.json")));
        return sdk.Run(profile.RootElement.GetProperty("managedHeapBytes").GetInt32(), [.. libraries.Select(sdk.Pe), .. projects, app]);
    }

    /// <summary>The desktop's end: keeps what is said; its clock is that of the program in the interpreter.</summary>
    private sealed class Desk : IByteLink, IDutBoard
    {
        private long _now;

        public StringBuilder Text { get; } = new();

        public int Read(byte[] buffer, int count) => 0;

        public void Write(byte[] data, int count) => Text.Append(Encoding.Latin1.GetString(data, 0, count));

        public long Microseconds() => _now += 1000;

        public void Timestamp()
        {
        }

        public void Mark(int phase)
        {
        }
    }
}

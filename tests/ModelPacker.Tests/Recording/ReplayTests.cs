using System.Globalization;
using System.Text.Json;
using TinyAI.Boards;
using TinyAI.ModelPacker.Commands;
using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Recording;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Recording;

public sealed class ReplayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Windows_that_stand_alone_are_decided_as_classify_decides_them()
    {
        byte[] pack = ModelFile.PackOf(DemoCommand.ModelPath);
        short[][] windows = [.. Enumerable.Range(0, 15).Select(i => new WandSimulator(i).Gesture(i % 5))];
        var settings = new GestureSettings { Votes = 1, Quorum = 1, GateThreshold = 0 };
        ReplayedWindow[] replayed = [.. new Replay(Model.Load(new ByteArraySource(pack)), settings).Run(windows)];
        var classifier = new WindowClassifier(pack);
        Assert.Equal(windows.Select(w => classifier.Classify(w).Label), replayed.Select(r => r.Decision!));
        Assert.Equal(Enumerable.Range(0, 15), replayed.Select(r => r.Recording));
        Assert.All(replayed, r => Assert.Equal((0, 118, "decided"), (r.FirstRow, r.LastRow, r.Result)));
    }

    [Fact]
    public void A_stream_is_decided_row_for_row_as_on_the_board()
    {
        Model model = Model.Load(new ByteArraySource(ModelFile.PackOf(DemoCommand.ModelPath)));
        short[] rows = new WandSimulator(9).Stream([4, 0, 2, 1, 3]);
        var board = new GesturePipeline(model, new GestureSettings());
        var expected = new List<(int Row, int Result, int Label)>();
        for (int row = 0; row < rows.Length / 6; row++)
        {
            int result = board.Add(rows, row * 6);
            if (result >= GesturePipeline.Classified) expected.Add((row, result, board.WindowLabel));
        }

        File.WriteAllText(_folder.File("stream.csv"), string.Concat(rows.Chunk(6).Select(r => string.Join(',', r.Select(v => v.ToString(CultureInfo.InvariantCulture))) + "\n")));
        Tool.Result result2 = Tool.Run("replay", _folder.File("stream.csv"), "--json", "--stream", "--units", "counts");
        Assert.Equal("", result2.Error);
        using JsonDocument json = JsonDocument.Parse(result2.Output);
        JsonElement[] windows = [.. json.RootElement.GetProperty("windows").EnumerateArray()];
        Assert.Equal(expected.Select(e => e.Row), windows.Select(w => w.GetProperty("lastRow").GetInt32()));
        Assert.Equal(expected.Select(e => model.Label(e.Label)), windows.Select(w => w.GetProperty("label").GetString()));
        Assert.Equal(
            new[] { 4, 0, 2, 1, 3 }.Select(i => WandSimulator.Labels[i]),
            windows.Where(w => w.GetProperty("result").GetString() == "decided").Select(w => w.GetProperty("decision").GetString()));
    }

    [Fact]
    public void A_still_stream_never_runs_the_network()
    {
        short[] rows = new WandSimulator(2).Still(500);
        File.WriteAllText(_folder.File("still.csv"), string.Concat(rows.Chunk(6).Select(r => string.Join(',', r) + "\n")));
        Tool.Result result = Tool.Run("replay", _folder.File("still.csv"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("0 classified, 0 decisions", result.Output);
        Assert.Contains("the network did not run", result.Output);
        Assert.DoesNotContain("0 classified", Tool.Run("replay", _folder.File("still.csv"), "--gate", "0").Output);
    }

    [Theory]
    [InlineData("--stride must be", "--stride", "0")]
    [InlineData("--votes 2 and --quorum 3", "--votes", "2", "--quorum", "3")]
    [InlineData("--least-confidence", "--least-confidence", "1001")]
    public void Settings_that_mean_nothing_are_refused(string mentions, params string[] arguments)
    {
        File.WriteAllText(_folder.File("rows.csv"), "1,2,3,4,5,6\n");
        Tool.Result result = Tool.Run(["replay", _folder.File("rows.csv"), .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(mentions, result.Error);
    }

    [Fact]
    public void A_model_without_normalisation_is_refused()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        File.WriteAllText(_folder.File("rows.csv"), "1,2,3,4,5,6,7,8\n");
        Tool.Result result = Tool.Run("replay", _folder.File("rows.csv"), "--model", _folder.File("m.tflite"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("no input normalisation", result.Error);
    }

    [Fact]
    public void The_live_plot_draws_from_the_least_value_to_the_greatest()
    {
        Assert.Equal("▁▂▃▄▅▆▇█", LivePlot.Line([0, 1, 2, 3, 4, 5, 6, 7]));
        Assert.Equal("█▁", LivePlot.Line([3, -3]));
        Assert.Equal("▁▁▁", LivePlot.Line([2, 2, 2]));
        Assert.Equal("", LivePlot.Line([]));
    }

    [Fact]
    public void The_live_plot_shows_every_channel_and_the_state()
    {
        var plot = new LivePlot(["aX", "gZ"]);
        for (int i = 0; i < 200; i++) plot.Add([Math.Sin(i / 5.0), i]);
        var console = new StringWriter();
        Spectre.Console.IAnsiConsole ansi = Spectre.Console.AnsiConsole.Create(new Spectre.Console.AnsiConsoleSettings { Out = new Spectre.Console.AnsiConsoleOutput(console) });
        ansi.Profile.Width = 100;
        ansi.Write(plot.Render("Revelio: 3 of 20 windows"));
        string[] lines = console.ToString().Split('\n');
        Assert.StartsWith("aX", lines[0]);
        Assert.StartsWith("gZ", lines[1]);
        Assert.Contains("199.00", lines[1]);
        Assert.Equal(64, lines[1].Count(c => "▁▂▃▄▅▆▇█".Contains(c)));
        Assert.Contains("Revelio: 3 of 20 windows", lines[2]);
    }
}

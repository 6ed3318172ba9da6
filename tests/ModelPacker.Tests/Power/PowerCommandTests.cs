using System.Text.Json;
using TinyAI.ModelPacker.Power;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Power;

public sealed class PowerCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_command_prints_json_and_writes_a_page_that_needs_no_network()
    {
        string capture = _folder.File("capture.ppk2"), page = _folder.File("out/page.html");
        new Waveform(100_000).Cycle().Cycle(61).Cycle(62).Piece(12, 10).WritePpk2(capture);
        Tool.Result result = Tool.Run("power", "analyze", capture, "--voltage", "3.3", "--html", page, "--json", "--battery-mah", "500", "--per-hour", "10", "--per-hour", "20");
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal(3, json.RootElement.GetProperty("cycles").GetProperty("count").GetInt32());
        Assert.Equal(51 * 3.3 * 5, json.RootElement.GetProperty("cycles").GetProperty("inferenceMicrojoules").GetProperty("median").GetDouble(), 2);
        Assert.Equal(2, json.RootElement.GetProperty("battery").GetProperty("rates").GetArrayLength());
        string html = File.ReadAllText(page);
        Assert.Contains("<svg", html);
        Assert.DoesNotContain("http", html);
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain("<link", html);
    }

    [Fact]
    public void The_command_prints_a_table_for_people()
    {
        string capture = _folder.File("capture.csv");
        new Waveform(100_000).Cycle().Cycle().Piece(12, 10).WriteJoulescope(capture);
        Tool.Result result = Tool.Run("power", "analyze", capture);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("825.0 µJ", result.Output);
        Assert.Contains("baseline     10.00 mA", result.Output);
        Assert.Contains("600 an hour", result.Output);
    }

    [Fact]
    public void Totals_are_told_even_where_no_inference_is_complete()
    {
        string capture = _folder.File("capture.csv"), page = _folder.File("page.html");
        new Waveform(1000).Piece(100, 10).Piece(100, 60, 3).WritePpk2Csv(capture);
        Tool.Result result = Tool.Run("power", "analyze", capture, "--voltage", "2", "--html", page);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("energy       14.00 mJ in all", result.Output);
        Assert.Contains("never close", result.Error);
        Assert.Contains("error: The marker pins enclose no complete inference", result.Error);
        Assert.True(File.Exists(page));
    }

    [Fact]
    public void A_text_capture_ten_times_as_long_takes_the_same_memory()
    {
        long Allocated(int cycles)
        {
            string capture = _folder.File($"{cycles}.csv");
            var wave = new Waveform(100_000);
            for (int i = 0; i < 2; i++) wave.Piece(cycles * 10, 10).Piece(cycles * 10, 60, 3);
            wave.Piece(1, 10).WritePpk2CsvWithPinString(capture);
            long before = GC.GetAllocatedBytesForCurrentThread();
            PowerResult result = PowerAnalysis.Run(() => CaptureFile.Open(capture), new PowerOptions { Volts = 3.3 });
            Assert.Equal(2, result.Cycles!.Count);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(5);
        long brief = Allocated(20), lengthy = Allocated(200);
        Assert.InRange(lengthy, 0, brief + 65_536);
    }
}

using TinyAI.ModelPacker.Power;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Power;

/// <summary>
/// One waveform in every format. At 3.3 V and above the idle 10 mA: pre 20 mA * 2 ms = 132 µJ, inference 50 mA * 5 ms =
/// 825 µJ, post 30 mA * 1 ms = 99 µJ, together 1,056 µJ.
/// </summary>
public sealed class PowerFormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Waveform Three() => new Waveform(100_000).Cycle().Cycle().Cycle().Piece(12, 10);

    [Theory]
    [InlineData("ppk2 csv", "ppk2")]
    [InlineData("ppk2 csv, one pin column", "ppk2")]
    [InlineData("ppk2 archive", "ppk2")]
    [InlineData("joulescope", "joulescope")]
    [InlineData("plain", "csv")]
    public void Every_format_gives_the_energies_that_were_put_in(string format, string recognised)
    {
        PowerResult result = PowerAnalysis.Run(() => CaptureFile.Open(Write(format)), new PowerOptions { Volts = 3.3 });
        Assert.Equal(recognised, result.Format);
        Assert.Equal(3, result.Cycles!.Count);
        Assert.Equal(0, result.Cycles.LeftOut);
        Near(10, result.BaselineMilliamperes!.Value);
        Near(33, result.BaselineMilliwatts!.Value);
        Near(825, result.Cycles.InferenceMicrojoules.Median);
        Near(825, result.Cycles.InferenceMicrojoules.Minimum);
        Near(825, result.Cycles.InferenceMicrojoules.Maximum);
        Near(5, result.Cycles.InferenceMilliseconds.Median);
        Near(1056, result.Cycles.CycleMicrojoules.Median);
        Near(1056 + 33 * 8, result.Cycles.CycleGrossMicrojoules.Median);
        Near(8, result.Cycles.CycleMilliseconds.Median);
        Near(60, result.Cycles.PeakMilliamperes);
        Near((30 * 2 + 60 * 5 + 40) / 8.0, result.Cycles.AverageMilliamperes);
        Near((48 * 10 + 3 * (30 * 2 + 60 * 5 + 40)) / 72.0, result.AverageMilliamperes);
        Near(72e-3, result.Seconds);
        Near(100_000, result.SamplesPerSecond);
        Assert.Equal(["pre", "inference", "post"], result.Cycles.Phases.Select(p => p.Name));
        Near(132, result.Cycles.Phases[0].Microjoules);
        Near(99, result.Cycles.Phases[2].Microjoules);
        Near(1, result.Cycles.Phases[2].Milliseconds);
        Near(40, result.Cycles.Phases[2].AverageMilliamperes);
        Assert.Empty(result.Notes);
    }

    [Fact]
    public void A_decimal_comma_is_understood_where_semicolons_separate()
    {
        string path = Write("plain");
        File.WriteAllText(path, File.ReadAllText(path).Replace('.', ','));
        PowerResult result = PowerAnalysis.Run(() => CaptureFile.Open(path), new PowerOptions());
        Near(3.3, result.Volts);
        Near(72e-3, result.Seconds);
        Near(825, result.Cycles!.InferenceMicrojoules.Median);
        Assert.Empty(result.Notes);
    }

    [Theory]
    [InlineData("joulescope")]
    [InlineData("plain")]
    public void A_voltage_in_the_capture_is_used_where_none_is_given(string format)
    {
        PowerResult result = PowerAnalysis.Run(() => CaptureFile.Open(Write(format)), new PowerOptions());
        Near(3.3, result.Volts);
        Near(825, result.Cycles!.InferenceMicrojoules.Median);
    }

    [Theory]
    [InlineData(true, "auto")]
    [InlineData(false, "joulescope")]
    public void An_old_joulescope_export_gives_totals_and_says_that_it_has_no_pins(bool header, string format)
    {
        string path = _folder.File("old.csv");
        Three().WriteOldJoulescope(path, header);
        PowerResult result = PowerAnalysis.Run(() => CaptureFile.Open(path, format), new PowerOptions());
        Assert.Equal("joulescope", result.Format);
        Assert.Equal(7200, result.Samples);
        Near(72e-3, result.Seconds);
        Near((48 * 10 + 3 * 400) * 3.3e-3, result.GrossMillijoules);
        Assert.Null(result.Cycles);
        Assert.Contains("no logic pins", Assert.Single(result.Notes));
    }

    [Fact]
    public void The_time_between_time_stamps_is_divided_among_the_inferences()
    {
        // The pin pulses low before and after four inferences of 5 ms at 60 mA; a second stretch runs at 70 mA.
        string path = _folder.File("mlperf.ppk2");
        const int high = 4, low = 0;
        var wave = new Waveform(100_000).Piece(10, 10, high);
        foreach (int milliamperes in new[] { 60, 70 })
            wave.Piece(0.02, milliamperes, low).Piece(19.98, milliamperes, high).Piece(0.02, 10, low).Piece(10, 10, high);
        wave.WritePpk2(path);
        PowerResult result = PowerAnalysis.Run(() => CaptureFile.Open(path), new PowerOptions { Volts = 2, MarkerPins = [], TimeStampPin = "D2", InferencesPerStretch = 4 });
        Assert.Equal(2, result.Stretches!.Count);
        Near(10, result.BaselineMilliamperes!.Value);
        Near(2 * 50 * 5, result.Stretches.InferenceMicrojoules.Minimum);
        Near(2 * 60 * 5, result.Stretches.InferenceMicrojoules.Maximum);
        Near(2 * 60 * 5, result.Stretches.InferenceGrossMicrojoules.Minimum);
        Near(5, result.Stretches.InferenceMilliseconds.Median);
        Near(20e-3, result.Stretches.StretchSeconds.Median);
        Assert.Null(result.Cycles);
    }

    [Fact]
    public void The_rate_option_takes_the_place_of_a_time_column()
    {
        string path = _folder.File("notime.csv");
        File.WriteAllText(path, "current_mA,pin0\n" + string.Concat(Enumerable.Range(0, 400).Select(i => i / 100 % 2 == 0 ? "10,0\n" : "60,1\n")) + "10,0\n");
        PowerResult result = PowerAnalysis.Run(() => CaptureFile.Open(path, "auto", 1000), new PowerOptions { Volts = 1 });
        Assert.Equal(2, result.Cycles!.Count);
        Near(50 * 100, result.Cycles.InferenceMicrojoules.Median);
        Assert.Contains("Only the first marker pin moves", Assert.Single(result.Notes));
    }

    private string Write(string format)
    {
        string path = _folder.File(format == "ppk2 archive" ? "capture.ppk2" : "capture.csv");
        if (File.Exists(path)) return path;
        switch (format)
        {
            case "ppk2 csv": Three().WritePpk2Csv(path); break;
            case "ppk2 csv, one pin column": Three().WritePpk2CsvWithPinString(path); break;
            case "ppk2 archive": Three().WritePpk2(path); break;
            case "joulescope": Three().WriteJoulescope(path); break;
            default: Three().WritePlain(path); break;
        }

        return path;
    }

    /// <summary>Equal but for the float of a .ppk2 frame and the decimals of a text export.</summary>
    private static void Near(double expected, double actual) => Assert.InRange(actual, expected * (1 - 2e-6), expected * (1 + 2e-6));
}

using TinyAI.ModelPacker.Power;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Power;

public sealed class BadCaptureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "holds no lines")]
    [InlineData("Timestamp(ms),Current(uA)\n", "holds no samples")]
    [InlineData("Timestamp(ms),D0\n0,1\n", "no current column")]
    [InlineData("Current(uA),D0\n10,1\n", "no time column")]
    [InlineData("0,1,2\n1,1,2\n", "no header line")]
    [InlineData("time (s),current (A)\n0,0.1\n", "a single sample")]
    [InlineData("time (s),current (A)\n0,0.1\n0,0.1\n0,0.1\n1,0.1\n", "the same time")]
    [InlineData("time (s),current (A)\n0,nan\n1,nan\n2,nan\n", "nothing was measured")]
    [InlineData("PK not a zip\0\0", "not text")]
    public void A_capture_without_what_is_needed_is_refused_in_a_sentence(string content, string mentions) =>
        Refused(mentions, Write("capture.csv", content), "--voltage", "3.3");

    [Fact]
    public void A_capture_without_voltage_needs_one()
    {
        string path = Write("capture.csv", "Timestamp(ms),Current(uA)\n0,10\n0.01,10\n");
        Refused("--voltage 3.3", path);
        Refused("above 0", path, "--voltage", "0");
        Refused("above 0", path, "--voltage", "-3.3");
        Refused("above 0", path, "--voltage", "NaN");
    }

    [Fact]
    public void A_pin_that_is_not_there_is_answered_with_those_that_are()
    {
        string path = Write("capture.csv", "time_s,current_mA,pin0,pin7\n0,10,0,0\n1,10,0,0\n");
        Refused("holds pin0, pin7", path, "--voltage", "3", "--pins", "D0,D1");
        Refused("two different ones", path, "--voltage", "3", "--pins", "pin0,pin0");
        Refused("There is no pin D2", path, "--voltage", "3", "--timestamp-pin", "D2");
    }

    [Fact]
    public void A_format_that_is_not_the_files_is_refused()
    {
        string text = Write("capture.csv", "Timestamp(ms),Current(uA)\n0,10\n0.01,10\n"), zip = _folder.File("capture.ppk2");
        new Waveform(1000).Cycle().WritePpk2(zip);
        Refused("header of a ppk2 export", text, "--voltage", "3", "--format", "joulescope");
        Refused("zip archive, not text", zip, "--voltage", "3", "--format", "csv");
        Refused("--help", text, "--voltage", "3", "--format", "excel");
    }

    [Fact]
    public void Lines_that_are_no_samples_are_left_out_and_named()
    {
        string lines = string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},10\n"));
        PowerResult result = Analyse(Write("capture.csv", "time_ms,current_mA\n" + lines + "oops,10\n50,10,extra\n51\n" + "52,10\n"));
        Assert.Equal(52, result.Samples);
        Assert.Contains(result.Notes, n => n.StartsWith("Line 52 is no sample", StringComparison.Ordinal));
        Assert.Contains(result.Notes, n => n.StartsWith("Line 54 is no sample", StringComparison.Ordinal));
        Refused("More than 100 lines", Write("all.csv", "time_ms,current_mA\n0,1\n1,1\n" + string.Concat(Enumerable.Repeat("oops,10\n", 200))), "--voltage", "3");
    }

    [Fact]
    public void A_last_line_that_is_cut_off_is_left_out()
    {
        PowerResult result = Analyse(Write("capture.csv", "time_ms,current_mA,pin0\n0,10,0\n1,10,0\n2,10,0\n3,1"));
        Assert.Equal(3, result.Samples);
        Assert.Contains(result.Notes, n => n.Contains("last line of the capture is cut off"));
    }

    [Fact]
    public void An_archive_that_was_cut_off_gives_what_it_holds()
    {
        string whole = _folder.File("whole.ppk2"), cut = _folder.File("cut.ppk2");
        var wave = new Waveform(100_000);
        // Currents that differ from sample to sample, so that the archive has a length to cut.
        for (int i = 0; i < 40; i++) wave.Cycle(60 + i % 7).Piece(1, 10 + i * 1e-4);
        wave.WritePpk2(whole);
        byte[] bytes = File.ReadAllBytes(whole);
        File.WriteAllBytes(cut, bytes[..(bytes.Length / 2)]);
        PowerResult result = Analyse(cut);
        Assert.InRange(result.Cycles!.Count, 1, 39);
        Assert.Contains(result.Notes, n => n.Contains("was cut off"));
        Assert.Equal(100_000, result.SamplesPerSecond, 6);
        PowerResult all = Analyse(whole);
        Assert.Equal(40, all.Cycles!.Count);
        Assert.Equal(all.Cycles.InferenceMicrojoules.Minimum, result.Cycles.InferenceMicrojoules.Minimum, 1);
    }

    [Fact]
    public void An_archive_without_samples_is_refused()
    {
        string path = _folder.File("empty.ppk2");
        new Waveform(1000).WritePpk2(path, withSession: false);
        Refused("without session.raw", path, "--voltage", "3");
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..40]);
        Refused("cut off before the samples", path, "--voltage", "3");
    }

    [Fact]
    public void An_archive_without_its_rate_is_taken_for_the_analysers_own()
    {
        string path = _folder.File("rate.ppk2");
        new Waveform(100_000).Cycle().Piece(12, 10).WritePpk2(path, withMetadata: false);
        PowerResult result = Analyse(path);
        Assert.Equal(825, result.Cycles!.InferenceMicrojoules.Median, 2);
        Assert.Contains(result.Notes, n => n.Contains("100,000 samples per second"));
    }

    [Fact]
    public void Random_damage_never_ends_in_a_stack_trace()
    {
        string path = _folder.File("damaged");
        var wave = new Waveform(10_000).Cycle().Cycle();
        wave.WritePpk2(_folder.File("a"));
        wave.WritePpk2Csv(_folder.File("b"));
        wave.WriteJoulescope(_folder.File("c"));
        var random = new Random(6);
        foreach (string name in new[] { "a", "b", "c" })
        {
            byte[] original = File.ReadAllBytes(_folder.File(name));
            for (int trial = 0; trial < 150; trial++)
            {
                byte[] bytes = original[..random.Next(1, original.Length + 1)];
                for (int n = random.Next(0, 12); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                File.WriteAllBytes(path, bytes);
                try
                {
                    PowerResult result = PowerAnalysis.Run(() => CaptureFile.Open(path), new PowerOptions { Volts = 3.3 });
                    Assert.True(double.IsFinite(result.GrossMillijoules));
                }
                catch (Import.ModelFormatException e)
                {
                    Assert.EndsWith(".", e.Message);
                }
            }
        }
    }

    private PowerResult Analyse(string path) => PowerAnalysis.Run(() => CaptureFile.Open(path), new PowerOptions { Volts = 3.3 });

    private string Write(string name, string content)
    {
        File.WriteAllText(_folder.File(name), content);
        return _folder.File(name);
    }

    private static void Refused(string mentions, params string[] arguments)
    {
        Tool.Result result = Tool.Run(["power", "analyze", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(mentions, result.Error);
        Assert.StartsWith("error: ", result.Error);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }
}

using TinyAI.ModelPacker.Power;

namespace TinyAI.ModelPacker.Tests.Power;

/// <summary>The analysis on samples made in memory: 1 V, 1 kHz, so that 1 mA for one sample is 1 µJ.</summary>
public sealed class PowerAnalysisTests
{
    private const double Period = 1e-3;

    [Fact]
    public void The_spread_of_energies_is_that_of_the_cycles()
    {
        List<Sample> samples = [];
        for (int i = 0; i < 5; i++) Add(samples, (20, 10, 0), (10, 20 + i, 3));
        Add(samples, (20, 10, 0));
        Spread energy = Run(samples).Cycles!.InferenceMicrojoules;
        double[] expected = [100, 110, 120, 130, 140];
        double[] actual = [energy.Minimum, energy.LowerQuartile, energy.Median, energy.UpperQuartile, energy.Maximum];
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 6);
    }

    [Fact]
    public void Spikes_between_cycles_do_not_move_the_baseline()
    {
        List<Sample> samples = [];
        for (int i = 0; i < 5; i++) Add(samples, (15, 10, 0), (3, 300, 0), (10, 60, 3));
        Add(samples, (15, 10, 0));
        PowerResult result = Run(samples);
        Assert.Equal(10, result.BaselineMilliamperes!.Value, 9);
        Assert.Equal(500, result.Cycles!.InferenceMicrojoules.Median, 6);
        Assert.Equal(300, result.PeakMilliamperes, 9);
        Assert.Equal(60, result.Cycles.PeakMilliamperes, 9);
    }

    [Fact]
    public void A_given_baseline_is_subtracted_instead_of_the_measured_one()
    {
        List<Sample> samples = [];
        Add(samples, (20, 10, 0), (10, 60, 3), (20, 10, 0));
        Assert.Equal(550, Run(samples, new PowerOptions { BaselineAmperes = 5e-3 }).Cycles!.InferenceMicrojoules.Median, 6);
    }

    [Fact]
    public void Cycles_without_idle_time_are_told_apart_and_nothing_is_subtracted()
    {
        List<Sample> samples = [];
        for (int i = 0; i < 4; i++) Add(samples, (2, 30, 1), (10, 60, 3), (1, 40, 2));
        PowerResult result = Run(samples);
        Assert.Equal(2, result.Cycles!.Count);
        Assert.Null(result.BaselineMilliamperes);
        Assert.Equal(600, result.Cycles.InferenceMicrojoules.Median, 6);
        Assert.Null(result.Battery);
        Assert.Contains(result.Notes, n => n.Contains("begins inside a cycle"));
        Assert.Contains(result.Notes, n => n.Contains("never close"));
        Assert.Contains(result.Notes, n => n.Contains("--baseline-ua"));
    }

    [Fact]
    public void Markers_that_never_close_leave_what_was_complete()
    {
        List<Sample> samples = [];
        Add(samples, (20, 10, 0), (10, 60, 3), (20, 10, 0), (500, 60, 3));
        PowerResult result = Run(samples);
        Assert.Equal(1, result.Cycles!.Count);
        Assert.Equal(500, result.Cycles.InferenceMicrojoules.Median, 6);
        Assert.Contains("open at 0.050 s never close", Assert.Single(result.Notes));
    }

    [Fact]
    public void Markers_that_take_turns_are_said_to_mark_no_network()
    {
        List<Sample> samples = [];
        Add(samples, (20, 10, 0), (10, 30, 1), (10, 60, 2), (20, 10, 0));
        PowerResult result = Run(samples);
        Assert.Equal(0, result.Cycles!.InferenceMilliseconds.Median);
        Assert.Contains("never high together", Assert.Single(result.Notes));
    }

    [Fact]
    public void A_short_gap_is_bridged_and_a_long_one_leaves_its_cycle_out()
    {
        List<Sample> samples = [];
        Add(samples, (50, 10, 0), (1000, 60, 3), (50, 10, 0), (1000, 70, 3), (50, 10, 0), (1000, 60, 3), (50, 10, 0));
        // Five samples of the first inference are missing (0.5 %), fifty of the second (5 %).
        List<Sample> gappy = [.. samples.Where((_, i) => i is not (>= 500 and < 505 or >= 1500 and < 1550))];
        PowerResult result = Run(gappy);
        Assert.Equal(2, result.Cycles!.Count);
        Assert.Equal(1, result.Cycles.LeftOut);
        Assert.Equal(50_000, result.Cycles.InferenceMicrojoules.Minimum, 3);
        Assert.Equal(50_000, result.Cycles.InferenceMicrojoules.Maximum, 3);
        Assert.Equal(samples.Count * Period, result.Seconds, 9);
        Assert.Contains(result.Notes, n => n.Contains("missing in 2 places, for 51.000 ms at most"));
        Assert.Contains(result.Notes, n => n.Contains("1 cycles do not count"));
    }

    [Fact]
    public void Lost_samples_keep_the_value_before_them()
    {
        List<Sample> samples = [];
        Add(samples, (50, 10, 0), (1000, 60, 3), (50, 10, 0));
        for (int i = 500; i < 505; i++) samples[i] = samples[i] with { Amperes = double.NaN };
        samples[0] = samples[0] with { Volts = double.NaN };
        PowerResult result = Run(samples);
        Assert.Equal(50_000, result.Cycles!.InferenceMicrojoules.Median, 3);
        Assert.Contains("6 of 1,100 samples have no value", Assert.Single(result.Notes));
    }

    [Theory]
    [InlineData(-5.0)]
    [InlineData(5000.0)]
    public void A_clock_that_jumps_is_noted_and_its_cycle_is_left_out(double jump)
    {
        List<Sample> samples = [];
        Add(samples, (50, 10, 0), (50, 60, 3), (50, 10, 0), (50, 60, 3), (50, 10, 0));
        for (int i = 75; i < samples.Count; i++) samples[i] = samples[i] with { Seconds = samples[i].Seconds + jump };
        PowerResult result = Run(samples);
        Assert.Equal(1, result.Cycles!.Count);
        Assert.Equal(1, result.Cycles.LeftOut);
        Assert.Equal(2500, result.Cycles.InferenceMicrojoules.Median, 6);
        Assert.Equal(samples.Count * Period, result.Seconds, 9);
        Assert.Contains(result.Notes, n => n.Contains("The clock jumps 1 time, first after 0.074 s"));
    }

    [Fact]
    public void Pins_that_are_not_known_keep_their_level()
    {
        List<Sample> samples = [];
        Add(samples, (50, 10, 0), (50, 60, 3), (50, 10, 0));
        for (int i = 60; i < 70; i++) samples[i] = samples[i] with { High = 0, Known = 0 };
        Assert.Equal(1, Run(samples).Cycles!.Count);
    }

    [Fact]
    public void The_battery_lasts_as_long_as_the_charge_of_sleep_and_cycles_allows()
    {
        // A cycle of 1 s at 60 mA; 1 mA between; 36 cycles an hour: (36 * 60 + 3564 * 1) / 3600 = 1.59 mA.
        List<Sample> samples = [];
        Add(samples, (500, 1, 0), (1000, 60, 3), (500, 1, 0));
        BatteryResult battery = Run(samples, new PowerOptions { BatteryMilliampereHours = 318, PerHour = [36, 7200] }).Battery!;
        Assert.Equal(1.59, battery.Rates[0].AverageMilliamperes, 6);
        Assert.Equal(200, battery.Rates[0].Hours, 3);
        Assert.True(battery.Rates[0].Possible);
        Assert.False(battery.Rates[1].Possible);
        Assert.Equal(3600, battery.Rates[1].PerHour, 6);
        Assert.Equal(60, battery.Rates[1].AverageMilliamperes, 6);
        BatteryResult asleep = Run(samples, new PowerOptions { BatteryMilliampereHours = 318, PerHour = [36], SleepAmperes = 0 }).Battery!;
        Assert.Equal(0.6, asleep.Rates[0].AverageMilliamperes, 6);
    }

    [Fact]
    public void A_capture_of_five_minutes_at_a_hundred_thousand_samples_a_second_takes_the_memory_of_one_of_three_seconds()
    {
        long Allocated(long samples)
        {
            MemoryCapture Make() => new(samples, i => new Sample(i * 1e-5, i % (samples / 8) < samples / 80 ? 0.06 : 0.01, 3.3, (ushort)(i % (samples / 8) < samples / 80 ? 3 : 0), 3));
            long before = GC.GetAllocatedBytesForCurrentThread();
            PowerResult result = PowerAnalysis.Run(Make, new PowerOptions());
            Assert.Equal(7, result.Cycles!.Count);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(300_000);
        long brief = Allocated(300_000), lengthy = Allocated(30_000_000);
        Assert.InRange(lengthy, 0, brief + 65_536);
    }

    [Fact]
    public void Any_number_of_cycles_is_kept_in_bounded_lists()
    {
        PowerResult result = PowerAnalysis.Run(
            () => new MemoryCapture(1_000_000, i => new Sample(i * 1e-3, i % 4 < 2 ? 0.01 : 0.02, 1, (ushort)(i % 4 < 2 ? 0 : 3), 3)), new PowerOptions());
        Assert.Equal(249_999, result.Cycles!.Count);
        Assert.Equal(20, result.Cycles.InferenceMicrojoules.Median, 6);
        Assert.InRange(result.Pictures.Shown.Count, 1, 256);
        Assert.Contains(result.Notes, n => n.Contains("at most 16,384"));
    }

    private static PowerResult Run(List<Sample> samples, PowerOptions? options = null) => PowerAnalysis.Run(() => MemoryCapture.Of(samples), options ?? new PowerOptions());

    private static void Add(List<Sample> samples, params (int Count, double Milliamperes, int Pins)[] pieces)
    {
        foreach ((int count, double milliamperes, int pins) in pieces)
        {
            for (int i = 0; i < count; i++) samples.Add(new Sample(samples.Count * Period, milliamperes * 1e-3, 1, (ushort)pins, 3));
        }
    }
}

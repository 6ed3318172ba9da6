namespace TinyAI.Boards.Tests.Power;

/// <summary>When a board sleeps, and that its counters outlive sleep, loss of power and damage.</summary>
public class DutyCycleTests
{
    private const int SleepMs = 10_000, LookMs = 200, LimitMs = 5_000;

    [Fact]
    public void A_still_board_sleeps_after_a_look_and_the_times_add_up()
    {
        var counters = new DutyCounters();
        long now = 1_000_000, begin = now;
        for (int wake = 0; wake < 20; wake++)
        {
            // Deep sleep: the state machine is a new one each time, only the counters stay.
            var cycle = new DutyCycle(counters, SleepMs, LookMs, LimitMs);
            cycle.Wake(wake == 0 ? WakeCause.PowerOn : WakeCause.Timer, now);
            while (cycle.Next(false, false, 0, 0, now) == DutyCycle.StayAwake) now += 5;
            if (wake < 19) now += cycle.SleepMilliseconds;
        }

        Assert.Equal((1, 19, 0), (counters.PowerOns, counters.TimerWakes, counters.MotionWakes));
        Assert.Equal((20 * LookMs, 19 * SleepMs), (counters.AwakeMilliseconds, counters.AsleepMilliseconds));
        Assert.Equal(now - begin, counters.AwakeMilliseconds + counters.AsleepMilliseconds);
    }

    [Fact]
    public void Motion_keeps_it_awake_until_it_is_decided_and_still_again()
    {
        var counters = new DutyCounters();
        var cycle = new DutyCycle(counters, SleepMs, LookMs, LimitMs);
        cycle.Wake(WakeCause.Motion, 50_000);
        long now = 50_000;
        for (; now < 51_000; now += 10) Assert.Equal(DutyCycle.StayAwake, cycle.Next(true, false, 0, 0, now));
        for (; now < 52_000; now += 10) Assert.Equal(DutyCycle.StayAwake, cycle.Next(false, true, 1, 0, now));
        Assert.Equal(DutyCycle.StayAwake, cycle.Next(false, false, 3, 1, now));
        while (cycle.Next(false, false, 3, 1, now) == DutyCycle.StayAwake) now += 10;
        Assert.Equal(51_990 + LookMs, now);
        Assert.Equal((3, 1, 1), (counters.Windows, counters.Decisions, counters.MotionWakes));
    }

    [Fact]
    public void It_never_stays_awake_longer_than_its_limit()
    {
        var cycle = new DutyCycle(new DutyCounters(), SleepMs, LookMs, LimitMs);
        cycle.Wake(WakeCause.Timer, 7);
        long now = 7;
        while (cycle.Next(true, true, 0, 0, now) == DutyCycle.StayAwake) now += 10;
        Assert.Equal(7 + LimitMs, now);
    }

    [Fact]
    public void In_light_sleep_the_pipelines_counters_go_on_and_nothing_is_counted_twice()
    {
        var counters = new DutyCounters();
        var cycle = new DutyCycle(counters, SleepMs, LookMs, LimitMs);
        int windows = 0;
        long now = 0;
        for (int wake = 0; wake < 5; wake++)
        {
            cycle.Wake(WakeCause.Timer, now);
            windows += 2;
            while (cycle.Next(false, false, windows, wake, now) == DutyCycle.StayAwake) now += 50;
            now += SleepMs;
        }

        Assert.Equal((10, 4), (counters.Windows, counters.Decisions));
    }

    [Theory]
    [InlineData(WakeCause.Timer, -60_000, SleepMs)]
    [InlineData(WakeCause.Timer, 900_000_000_000, SleepMs)]
    [InlineData(WakeCause.Motion, -60_000, 0)]
    [InlineData(WakeCause.PowerOn, 5_000, 0)]
    [InlineData(WakeCause.Motion, 5_000, 5_000)]
    public void A_clock_that_was_set_or_lost_is_not_taken_for_sleep(int cause, long clock, long asleep)
    {
        var counters = new DutyCounters { SleptAt = 100_000 };
        new DutyCycle(counters, SleepMs, LookMs, LimitMs).Wake(cause, 100_000 + clock);
        Assert.Equal(asleep, counters.AsleepMilliseconds);
    }

    [Fact]
    public void A_clock_that_goes_back_while_awake_does_not_keep_it_awake()
    {
        var cycle = new DutyCycle(new DutyCounters(), SleepMs, LookMs, LimitMs);
        cycle.Wake(WakeCause.PowerOn, 1_000_000);
        long now = 500;
        int steps = 0;
        for (; cycle.Next(true, false, 0, 0, now) == DutyCycle.StayAwake; now += 10) steps++;
        Assert.InRange(steps, 1, LimitMs / 10 + 1);
    }

    [Fact]
    public void Counters_come_back_as_they_were_saved()
    {
        var store = new FakeStore();
        Assert.False(new CounterMemory(store).Load(new DutyCounters()));
        for (int i = 1; i < 10; i++)
        {
            var memory = new CounterMemory(store);
            var counters = new DutyCounters();
            memory.Load(counters);
            Assert.Equal(i - 1, counters.PowerOns);
            (counters.PowerOns, counters.TimerWakes, counters.MotionWakes, counters.Windows) = (i, long.MaxValue, long.MinValue, 0x1_0000_0000);
            (counters.Decisions, counters.AwakeMilliseconds, counters.AsleepMilliseconds, counters.SleptAt) = (-i, 1, 2, 3);
            Assert.True(memory.Save(counters));
            var back = new DutyCounters();
            Assert.True(new CounterMemory(store).Load(back));
            Assert.Equal((i, long.MaxValue, long.MinValue, 0x1_0000_0000), (back.PowerOns, back.TimerWakes, back.MotionWakes, back.Windows));
            Assert.Equal((-i, 1, 2, 3), (back.Decisions, back.AwakeMilliseconds, back.AsleepMilliseconds, back.SleptAt));
        }
    }

    [Fact]
    public void Power_lost_at_any_byte_of_a_write_loses_one_save_at_most()
    {
        for (int written = 0; written <= DutyCounters.RecordBytes; written++)
        {
            var store = new FakeStore();
            var memory = new CounterMemory(store);
            memory.Load(new DutyCounters());
            for (int i = 1; i <= 3; i++) memory.Save(new DutyCounters { Windows = i });
            store.StopAfter = written;
            memory.Save(new DutyCounters { Windows = 4 });
            store.StopAfter = -1;
            var back = new DutyCounters();
            Assert.True(new CounterMemory(store).Load(back));
            Assert.Equal(written == DutyCounters.RecordBytes ? 4 : 3, back.Windows);
        }
    }

    [Fact]
    public void Any_damaged_byte_of_the_newer_record_gives_the_older_one()
    {
        for (int at = 0; at < DutyCounters.RecordBytes; at++)
        {
            var store = new FakeStore();
            var memory = new CounterMemory(store);
            memory.Load(new DutyCounters());
            memory.Save(new DutyCounters { Decisions = 1 });
            memory.Save(new DutyCounters { Decisions = 2 });
            store.Places[1]![at] ^= 0x40;
            var back = new DutyCounters();
            Assert.True(new CounterMemory(store).Load(back));
            Assert.Equal(1, back.Decisions);
        }
    }

    [Fact]
    public void A_store_that_takes_nothing_is_said_so_and_tried_again()
    {
        var store = new FakeStore { Full = true };
        var memory = new CounterMemory(store);
        memory.Load(new DutyCounters());
        Assert.False(memory.Save(new DutyCounters { Windows = 1 }));
        store.Full = false;
        Assert.True(memory.Save(new DutyCounters { Windows = 2 }));
        var back = new DutyCounters();
        Assert.True(new CounterMemory(store).Load(back));
        Assert.Equal(2, back.Windows);
    }

    private sealed class FakeStore : ICounterStore
    {
        public byte[]?[] Places { get; } = new byte[]?[2];

        /// <summary>Bytes after which power is lost while writing; -1 for never.</summary>
        public int StopAfter { get; set; } = -1;

        public bool Full { get; set; }

        public bool Read(int place, byte[] data)
        {
            if (Places[place] is not { } there || there.Length != data.Length) return false;
            there.CopyTo(data, 0);
            return true;
        }

        public bool Write(int place, byte[] data)
        {
            if (Full) return false;
            Places[place] = StopAfter < 0 ? [.. data] : [.. data[..StopAfter]];
            return true;
        }
    }
}

using TinyAI.Boards.Tests.Support;
using TinyAI.ModelPacker.Demo;

namespace TinyAI.Boards.Tests.Sensors;

/// <summary>The driver and its recovery, against a chip that behaves as its register map says, faults included.</summary>
public class MotionSensorTests
{
    public static TheoryData<int> Devices => [MotionSensor.Mpu6050, MotionSensor.Mpu6500, MotionSensor.Mpu9250, MotionSensor.Mpu6886];

    [Theory]
    [MemberData(nameof(Devices))]
    public void Rows_come_as_counts_of_the_ranges_that_were_set(int device)
    {
        var chip = new FakeMotionChip(device);
        var sensor = new MotionSensor(chip);
        Assert.Equal(SensorFault.None, sensor.Start(100));
        Assert.Equal((device, 9), (sensor.Device, chip[0x19]));
        chip.Truth = [1, -2, 7.9, 100, -1999, 0.5];
        chip.Tick();
        chip.Truth = [-1, 2, 3, 4, 5, 6];
        chip.Tick();
        short[] first = [4096, -8192, 32358, 1638, -32752, 8], second = [-4096, 8192, 12288, 66, 82, 98];
        var row = new short[8];
        Assert.Equal(SensorFault.None, sensor.ReadLatest(row, 1));
        Assert.Equal(second, row[1..7]);
        Assert.Equal(2, sensor.RowsWaiting());
        Assert.Equal(SensorFault.None, sensor.ReadWaiting(row, 0));
        Assert.Equal(first, row[..6]);
        Assert.Equal(SensorFault.None, sensor.ReadWaiting(row, 2));
        Assert.Equal(second, row[2..]);
        Assert.Equal(0, sensor.RowsWaiting());
    }

    [Theory]
    [InlineData(50, 19)]
    [InlineData(1, 249)]
    [InlineData(5000, 0)]
    public void The_rate_is_a_divider_of_a_kilohertz(int rate, int divider)
    {
        var chip = new FakeMotionChip(MotionSensor.Mpu6050);
        Assert.Equal(SensorFault.None, new MotionSensor(chip).Start(rate));
        Assert.Equal(divider, chip[0x19]);
    }

    [Fact]
    public void Another_device_or_none_is_said_to_be_that()
    {
        var other = new MotionSensor(new FakeMotionChip(0xEA));
        Assert.Equal(SensorFault.UnknownDevice, other.Start(50));
        Assert.Equal(0xEA, other.Device);
        Assert.Equal(SensorFault.NotAcknowledged, new MotionSensor(new FakeMotionChip(0x68) { Refusals = int.MaxValue }).Start(50));
        Assert.Equal(SensorFault.BusStuck, new MotionSensor(new FakeMotionChip(0x68) { Held = true }).Start(50));
        for (int fault = SensorFault.Restarted; fault <= 0; fault++) Assert.DoesNotContain("fault", SensorFault.Name(fault));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_start_that_is_broken_off_anywhere_says_so(int device)
    {
        var whole = new FakeMotionChip(device);
        new MotionSensor(whole).Start(50);
        for (int good = 0; good < whole.Transfers; good++)
        {
            var chip = new FailAfter(new FakeMotionChip(device), good);
            Assert.Equal(SensorFault.NotAcknowledged, new MotionSensor(chip).Start(50));
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_FIFO_that_ran_over_is_emptied_and_rows_are_whole_again(int device)
    {
        var chip = new FakeMotionChip(device);
        var sensor = new MotionSensor(chip);
        sensor.Start(100);
        for (int i = 0; i < 200; i++) chip.Tick();
        Assert.Equal(SensorFault.Overrun, sensor.RowsWaiting());
        Assert.Equal(0, sensor.RowsWaiting());
        chip.Truth = [0.5, 0, 0, 0, 0, 10];
        chip.Tick();
        Assert.Equal(1, sensor.RowsWaiting());
        var row = new short[6];
        sensor.ReadWaiting(row, 0);
        Assert.Equal([2048, 0, 0, 0, 0, 164], row);
    }

    [Fact]
    public void An_overrun_is_noticed_even_when_its_status_was_read_and_lost()
    {
        var chip = new FakeMotionChip(MotionSensor.Mpu6886);
        var sensor = new MotionSensor(chip);
        sensor.Start(100);
        for (int i = 0; i < 200; i++) chip.Tick();
        var status = new byte[1];
        chip.Read(0x3A, status, 1);
        Assert.Equal(0x10, status[0]);
        Assert.Equal(SensorFault.Overrun, sensor.RowsWaiting());
    }

    [Theory]
    [InlineData(MotionSensor.Mpu6050, 100, 0x1F, 50, 0x40)]
    [InlineData(MotionSensor.Mpu6500, 100, 0x1F, 25, 0x40)]
    [InlineData(MotionSensor.Mpu6886, 100, 0x22, 25, 0xE0)]
    [InlineData(MotionSensor.Mpu6886, 0, 0x20, 1, 0xE0)]
    [InlineData(MotionSensor.Mpu6886, 100000, 0x21, 255, 0xE0)]
    public void Motion_can_wake_a_board(int device, int milliG, int register, int steps, int enable)
    {
        var chip = new FakeMotionChip(device);
        var sensor = new MotionSensor(chip);
        sensor.Start(50);
        Assert.Equal(SensorFault.None, sensor.WakeOnMotion(milliG));
        Assert.Equal((steps, enable, 0, 0x20), (chip[register], chip[0x38], chip[0x23], chip[0x37]));
    }

    [Fact]
    public void A_feed_gives_every_row_once_and_in_order()
    {
        var chip = new FakeMotionChip(MotionSensor.Mpu6050);
        var feed = new SensorFeed(new MotionSensor(chip), 100);
        var row = new short[6];
        Assert.False(feed.Next(row, 0));
        var seen = new List<int>();
        for (int i = 1; i <= 500; i++)
        {
            chip.Truth = [i / 4096.0, 0, 0, 0, 0, 0];
            chip.Tick();
            if (i % 7 == 0) while (feed.Next(row, 0)) seen.Add(row[0]);
        }

        while (feed.Next(row, 0)) seen.Add(row[0]);
        Assert.Equal(Enumerable.Range(1, 500), seen);
        Assert.False(feed.TakeGap());
        Assert.Equal((0, 1), (feed.FaultCount, feed.StartCount));
    }

    [Theory]
    [InlineData("refuse one", 0)]
    [InlineData("refuse many", 1)]
    [InlineData("break", 1)]
    [InlineData("hold", 1)]
    [InlineData("lose power", 1)]
    [InlineData("overrun", 0)]
    public void After_any_fault_rows_come_again_and_a_gap_is_told(string fault, int restarts)
    {
        var chip = new FakeMotionChip(MotionSensor.Mpu6886);
        var feed = new SensorFeed(new MotionSensor(chip), 100);
        var row = new short[6];
        var before = new List<int>();
        int sent = Play(chip, feed, row, before, 1, 100);
        switch (fault)
        {
            case "refuse one": chip.Refusals = 1; break;
            case "refuse many": chip.Refusals = 20; break;
            case "break": chip.Tick(); chip.BreakAfter = 5; for (int i = 0; i < 3 && feed.StartCount == 1; i++) feed.Next(row, 0); break;
            case "hold": chip.Held = true; break;
            case "lose power": chip.LosePower(); break;
            default: for (int i = 0; i < 300; i++) chip.Tick(); break;
        }

        var after = new List<int>();
        Play(chip, feed, row, after, sent, 1000);
        Assert.Equal(Enumerable.Range(1, 100), before);
        // What comes is without holes, and goes on to the end.
        Assert.Equal(Enumerable.Range(after[0], after.Count), after);
        Assert.Equal(1100, after[^1]);
        Assert.InRange(after.Count, 300, 1000);
        Assert.Equal(fault != "refuse one", feed.TakeGap());
        Assert.False(feed.TakeGap());
        // While it refuses, every attempt to start counts.
        Assert.InRange(feed.StartCount, 1 + restarts, fault == "refuse many" ? 20 : 1 + restarts);
        Assert.Equal(fault == "overrun" ? 1 : 0, feed.OverrunCount);
        Assert.Equal(fault == "hold" ? 1 : 0, chip.Recoveries);
        Assert.Equal(SensorFault.None, feed.LastFault);
        Assert.True(feed.FaultCount > 0);
    }

    [Fact]
    public void A_sensor_that_is_not_there_is_looked_for_ever_more_seldom()
    {
        var chip = new FakeMotionChip(MotionSensor.Mpu6050) { Refusals = int.MaxValue };
        var feed = new SensorFeed(new MotionSensor(chip), 50);
        var row = new short[6];
        for (int i = 0; i < 1000; i++) Assert.False(feed.Next(row, 0));
        Assert.InRange(chip.Transfers, 5, 40);
        Assert.Equal(SensorFault.NotAcknowledged, feed.LastFault);
        chip.Refusals = 0;
        for (int i = 0; i < 2 * SensorFeed.LongestPause && !feed.Next(row, 0); i++) chip.Tick();
        Assert.Equal(SensorFault.None, feed.LastFault);
    }

    [Fact]
    public void Gestures_through_the_chip_are_those_of_the_counts_themselves()
    {
        short[] stream = new WandSimulator(8).Stream([4, 1, 3]);
        var chip = new FakeMotionChip(MotionSensor.Mpu6886);
        var feed = new SensorFeed(new MotionSensor(chip), 100);
        GesturePipeline direct = new(GestureModel.Load(), new GestureSettings()), through = new(GestureModel.Load(), new GestureSettings());
        var row = new short[6];
        feed.Next(row, 0);
        var expected = new List<(int, int, int)>();
        var actual = new List<(int, int, int)>();
        for (int i = 0; i < stream.Length / 6; i++)
        {
            if (direct.Add(stream, 6 * i) == GesturePipeline.Decided) expected.Add((i, direct.Label, direct.WindowConfidence));
            chip.Truth = [.. Enumerable.Range(0, 6).Select(c => stream[6 * i + c] / (c < 3 ? 4096 : 16.384))];
            chip.Tick();
            if (i % 20 != 19) continue;
            while (feed.Next(row, 0))
            {
                if (through.Add(row, 0) == GesturePipeline.Decided) actual.Add((through.RowCount - 1, through.Label, through.WindowConfidence));
            }
        }

        Assert.Equal([4, 1, 3], expected.Select(e => e.Item2));
        Assert.Equal(expected, actual);
    }

    /// <summary>Samples whose x counts up from a number; the feed is read after each. Returns the next number.</summary>
    private static int Play(FakeMotionChip chip, SensorFeed feed, short[] row, List<int> seen, int from, int count)
    {
        feed.Next(row, 0);
        for (int i = from; i < from + count; i++)
        {
            chip.Truth = [i / 4096.0, 0, 0, 0, 0, 0];
            chip.Tick();
            for (int poll = 0; poll < 2; poll++)
            {
                if (feed.Next(row, 0)) seen.Add(row[0]);
            }
        }

        return from + count;
    }

    /// <summary>A bus that fails for good after a number of transfers.</summary>
    private sealed class FailAfter(FakeMotionChip chip, int good) : II2cBus
    {
        private int _left = good;

        public int Read(int register, byte[] data, int count) => _left-- > 0 ? chip.Read(register, data, count) : BusResult.NotAcknowledged;

        public int Write(int register, int value) => _left-- > 0 ? chip.Write(register, value) : BusResult.NotAcknowledged;

        public void Recover() => chip.Recover();
    }
}

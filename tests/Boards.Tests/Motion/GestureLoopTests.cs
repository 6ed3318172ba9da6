using System.Globalization;
using TinyAI.Boards.Tests.Sensors;
using TinyAI.Boards.Tests.Support;
using TinyAI.ModelPacker.Demo;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards.Tests.Motion;

/// <summary>The Gesture application without its hardware: console, commands, stream and faults.</summary>
public class GestureLoopTests
{
    private readonly FakeMotionChip _chip = new(MotionSensor.Mpu6886);
    private readonly TextLink _link = new(), _console = new();
    private readonly GestureLoop _loop;

    public GestureLoopTests() =>
        _loop = new GestureLoop(GestureModel.Load(), new GestureSettings(), new SensorFeed(new MotionSensor(_chip), 100), 100, _link, _console, "tester");

    [Fact]
    public void Decisions_go_to_the_console_by_name()
    {
        Play(new WandSimulator(1).Stream([0, 4]));
        Assert.Equal(2, _console.Lines.Length);
        Assert.Matches(@"^row \d+: AlohomoraCharm \(\d votes, \d+ %\)$", _console.Lines[0]);
        Assert.Matches(@"^row \d+: Revelio \(\d votes, \d+ %\)$", _console.Lines[1]);
        Assert.Equal("", _link.Text);
    }

    [Fact]
    public void A_stream_is_every_row_as_the_sensor_gave_it_and_what_became_of_it()
    {
        _link.Send("stream on%");
        short[] motion = new WandSimulator(1).Stream([2]);
        Play(motion);
        string[] lines = _link.Lines;
        Assert.Equal(["m-ready", "m-stream-[1,100,6,119,gesture]"], lines[..2]);
        short[][] rows = [.. lines.Where(l => l.StartsWith("s-", StringComparison.Ordinal)).Select(l => l[2..].Split(',').Select(v => int.Parse(v, CultureInfo.InvariantCulture)).Skip(1).Select(v => (short)v).ToArray())];
        Assert.Equal(motion.Chunk(6), rows);
        int[] numbers = [.. lines.Where(l => l.StartsWith("s-", StringComparison.Ordinal)).Select(l => int.Parse(l[2..].Split(',')[0], CultureInfo.InvariantCulture))];
        Assert.Equal(Enumerable.Range(0, motion.Length / 6), numbers);
        string decision = Assert.Single(lines, l => l.StartsWith("d-", StringComparison.Ordinal));
        Assert.Matches(@"^d-\d+,2,[23],AvadaKedavra$", decision);
        Assert.InRange(lines.Count(l => l.StartsWith("w-", StringComparison.Ordinal)), 2, 3);
        Assert.All(lines.Where(l => l[0] == 'w'), l => Assert.Matches(@"^w-\d+,2,\d+$", l));
    }

    [Fact]
    public void Commands_switch_the_stream_and_others_are_refused()
    {
        _link.Send("name%stream%stream maybe%stream on%");
        for (int i = 0; i < 3; i++) _loop.Step();
        Assert.Equal(
            [
                "m-name-gesture-[tester]", "m-ready",
                "e-[Unknown command; these are known: name, stream on, stream off]", "m-ready",
                "e-[Unknown command; these are known: name, stream on, stream off]", "m-ready",
                "m-ready", "m-stream-[1,100,6,119,gesture]",
            ],
            _link.Lines);
        _link.Forget();
        _link.Send(new string('x', 200) + "%stream off%");
        for (int i = 0; i < 5; i++) _loop.Step();
        Assert.Equal(["e-[A command is at most 80 characters of ASCII text]", "m-ready", "m-ready"], _link.Lines);
        _link.Forget();
        Play(new WandSimulator(1).Still(30));
        Assert.Equal("", _link.Text);
    }

    [Fact]
    public void A_step_allocates_nothing_unless_it_has_something_to_say()
    {
        var console = new CountingLink();
        var loop = new GestureLoop(GestureModel.Load(), new GestureSettings(), new SensorFeed(new MotionSensor(_chip), 100), 100, console, console, "tester");
        (int decisions, int windows) = (0, 0);
        long said = 0, silent = 0;
        // The first pass makes what is made once: compiled code, the chip's queue.
        for (int pass = 0; pass < 2; pass++)
        {
            (decisions, windows, said, silent) = (0, 0, 0, 0);
            short[] motion = new WandSimulator(5).Stream([0, 1, 2]);
            for (int i = 0; i < motion.Length / 6; i++)
            {
                Sense(motion, i);
                for (int poll = 0; poll < 2; poll++)
                {
                    int lines = console.Writes;
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    loop.Step();
                    long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                    if (console.Writes > lines) said += allocated;
                    else silent += allocated;
                    windows += loop.Result != GesturePipeline.None ? 1 : 0;
                    decisions += loop.Result == GesturePipeline.Decided ? 1 : 0;
                }
            }
        }

        Assert.Equal(3, decisions);
        Assert.True(windows > decisions, $"{windows} windows");
        Assert.Equal(0, silent);
        Assert.True(said > 0, "a label is decoded to be said: the counter would have seen an allocation");
    }

    [Fact]
    public void A_fault_is_said_once_and_rows_after_it_are_told_from_those_before()
    {
        _link.Send("stream on%");
        Play(new WandSimulator(3).Still(50));
        _chip.Held = true;
        Play(new WandSimulator(3).Still(50));
        Assert.Single(_console.Lines, "sensor: the bus is held: check pull-ups and wiring");
        string[] lines = _link.Lines;
        int fault = Array.IndexOf(lines, "e-[the bus is held: check pull-ups and wiring]"), gap = Array.IndexOf(lines, "e-[Rows before this one are lost]");
        Assert.True(fault > 0 && gap > fault);
        Assert.StartsWith("s-50,", lines[gap + 1]);
    }

    [Fact]
    public void A_model_of_other_rows_is_refused_at_once()
    {
        byte[] pack = [.. GestureModel.Pack];
        BitConverter.TryWriteBytes(pack.AsSpan(PackFormat.NormalisationChannelsAt), 3);
        BitConverter.TryWriteBytes(pack.AsSpan(PackFormat.CrcAt), new Crc32().Update(0, pack, PackFormat.CrcFrom, pack.Length - PackFormat.CrcFrom));
        var feed = new SensorFeed(new MotionSensor(_chip), 100);
        string message = Assert.Throws<PackException>(() => new GestureLoop(
            Model.Load(new ByteArraySource(pack)), new GestureSettings { GateFirst = 0 }, feed, 100, _link, _console, "tester")).Message;
        Assert.Equal("The model takes rows of 3 values; the sensor gives 6.", message);
    }

    /// <summary>Takes lines without keeping them, and so without allocating.</summary>
    private sealed class CountingLink : IByteLink
    {
        public int Writes { get; private set; }

        public int Read(byte[] buffer, int count) => 0;

        public void Write(byte[] data, int count) => Writes++;
    }

    private void Play(short[] stream)
    {
        _loop.Step();
        for (int i = 0; i < stream.Length / 6; i++)
        {
            Sense(stream, i);
            for (int poll = 0; poll < 2; poll++) _loop.Step();
        }
    }

    /// <summary>The sensor meets the next row of a motion.</summary>
    private void Sense(short[] stream, int row)
    {
        _chip.Truth = [.. Enumerable.Range(0, 6).Select(c => stream[6 * row + c] / (c < 3 ? 4096 : 16.384))];
        _chip.Tick();
    }
}

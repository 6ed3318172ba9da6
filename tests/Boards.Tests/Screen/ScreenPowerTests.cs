namespace TinyAI.Boards.Tests.Screen;

/// <summary>The power chip of M5 boards: screens are lit, and the processor keeps its supply.</summary>
public class ScreenPowerTests
{
    /// <summary>The outputs' switch: bit 0 feeds the processor.</summary>
    private const int Outputs = 0x12;

    [Fact]
    public void The_stick_gets_both_its_supplies_and_keeps_the_others()
    {
        FakeChip chip = new(0x03) { [Outputs] = 0x41, [0x26] = 0x68 };
        Assert.True(ScreenPower.OnStick(new PowerChip(chip)));
        Assert.Equal((0x4D, 0xCC, 0x68), (chip[Outputs], chip[0x28], chip[0x26]));
        Assert.All(chip.Writes, w => Assert.True(w.Register != Outputs || (w.Value & 1) != 0, "the processor loses its supply"));
    }

    [Fact]
    public void The_core_gets_its_supplies_and_a_reset_that_ends()
    {
        FakeChip chip = new(0x03) { [Outputs] = 0x41, [0x26] = 0x68, [0x27] = 0x80, [0x28] = 0x0A, [0x95] = 0xFF, [0x96] = 0x03 };
        Assert.True(ScreenPower.OnCore2(new PowerChip(chip)));
        Assert.Equal((0x47, 0xD4, 0xFA, 0x68), (chip[Outputs], chip[0x27], chip[0x28], chip[0x26]));
        Assert.Equal([0x01, 0x03], chip.Writes.Where(w => w.Register == 0x96).Select(w => w.Value));
        Assert.Equal(0xF6, chip[0x95]);
        Assert.All(chip.Writes, w => Assert.True(w.Register != Outputs || (w.Value & 1) != 0, "the processor loses its supply"));
    }

    [Theory]
    [InlineData(0x4A)]
    [InlineData(0x00)]
    public void Nothing_is_written_to_a_chip_that_is_another(int name)
    {
        FakeChip chip = new(name);
        Assert.False(ScreenPower.OnStick(new PowerChip(chip)));
        Assert.False(ScreenPower.OnCore2(new PowerChip(chip)));
        Assert.Empty(chip.Writes);
    }

    [Fact]
    public void A_chip_that_stops_answering_is_reported_wherever_that_happens()
    {
        for (int after = 0; after < 14; after++)
        {
            Assert.False(ScreenPower.OnCore2(new PowerChip(new FakeChip(0x03) { Answers = after % 13 })));
            if (after < 5) Assert.False(ScreenPower.OnStick(new PowerChip(new FakeChip(0x03) { Answers = after })));
        }
    }

    private sealed class FakeChip : II2cBus
    {
        private readonly byte[] _registers = new byte[256];

        public FakeChip(int name) => _registers[3] = (byte)name;

        public int Answers { get; set; } = int.MaxValue;

        public List<(int Register, int Value)> Writes { get; } = [];

        public int this[int register]
        {
            get => _registers[register];
            set => _registers[register] = (byte)value;
        }

        public int Read(int register, byte[] data, int count)
        {
            if (Answers-- <= 0) return BusResult.NotAcknowledged;
            Array.Copy(_registers, register, data, 0, count);
            return BusResult.Ok;
        }

        public int Write(int register, int value)
        {
            if (Answers-- <= 0) return BusResult.NotAcknowledged;
            _registers[register] = (byte)value;
            Writes.Add((register, value));
            return BusResult.Ok;
        }

        public void Recover()
        {
        }
    }
}

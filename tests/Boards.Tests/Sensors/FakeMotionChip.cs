namespace TinyAI.Boards.Tests.Sensors;

/// <summary>
/// A six-axis sensor as its register map describes it: asleep after power on, ranges and FIFO contents as set, burst
/// reads that go from register to register except at the FIFO, a FIFO that drops its oldest bytes when it runs over, and
/// a status that reading clears. Its bus can refuse, be held, or lose power.
/// </summary>
internal sealed class FakeMotionChip(int who) : II2cBus
{
    private readonly byte[] _registers = PowerOn(who);
    private readonly Queue<byte> _fifo = new();

    /// <summary>Acceleration in g and turn in degrees per second at the present moment.</summary>
    public double[] Truth { get; set; } = [0, 0, 1, 0, 0, 0];

    /// <summary>Transfers that will not be acknowledged from now on.</summary>
    public int Refusals { get; set; }

    /// <summary>Bytes after which a burst breaks off, once; -1 for none.</summary>
    public int BreakAfter { get; set; } = -1;

    /// <summary>Whether a line is held, until <see cref="Recover"/>.</summary>
    public bool Held { get; set; }

    public int Transfers { get; private set; }

    public int Recoveries { get; private set; }

    public int this[int register] => _registers[register];

    private int FifoBytes => who is MotionSensor.Mpu6050 or MotionSensor.Mpu6886 ? 1024 : 512;

    private bool Asleep => (_registers[0x6B] & 0x40) != 0;

    /// <summary>The supply dips: all registers take their defaults, the FIFO is empty.</summary>
    public void LosePower()
    {
        PowerOn(who).CopyTo(_registers, 0);
        _fifo.Clear();
    }

    /// <summary>The next sample is taken.</summary>
    public void Tick()
    {
        if (Asleep) return;
        double countsPerG = 16384.0 / (1 << ((_registers[0x1C] >> 3) & 3)), countsPerDegree = 131.072 / (1 << ((_registers[0x1B] >> 3) & 3));
        for (int i = 0; i < 6; i++)
        {
            bool standby = (_registers[0x6C] >> (5 - i) & 1) != 0;
            short counts = (short)Math.Clamp(Math.Round(Truth[i] * (i < 3 ? countsPerG : countsPerDegree)), short.MinValue, short.MaxValue);
            int at = 0x3B + 2 * i + (i < 3 ? 0 : 2);
            if (!standby) (_registers[at], _registers[at + 1]) = ((byte)(counts >> 8), (byte)counts);
        }

        (_registers[0x41], _registers[0x42]) = (0x12, 0x34);
        if ((_registers[0x6A] & 0x40) == 0) return;
        int contents = _registers[0x23];
        for (int at = 0x3B; at < 0x49; at += 2)
        {
            int bit = who == MotionSensor.Mpu6886
                ? at < 0x41 ? 0x08 : 0x10
                : at < 0x41 ? 0x08 : at == 0x41 ? 0x80 : at == 0x43 ? 0x40 : at == 0x45 ? 0x20 : 0x10;
            if ((contents & bit) == 0) continue;
            Push(_registers[at]);
            Push(_registers[at + 1]);
        }
    }

    public int Read(int register, byte[] data, int count)
    {
        int result = Transfer();
        if (result != BusResult.Ok) return result;
        for (int i = 0; i < count; i++)
        {
            if (i == BreakAfter)
            {
                BreakAfter = -1;
                return BusResult.NotAcknowledged;
            }

            data[i] = Get(register);
            if (register != 0x74) register++;
        }

        return BusResult.Ok;
    }

    public int Write(int register, int value)
    {
        int result = Transfer();
        if (result != BusResult.Ok) return result;
        Assert.InRange(value, 0, 255);
        if (register == 0x6B && (value & 0x80) != 0) LosePower();
        else if (register is not (0x3A or 0x72 or 0x73 or 0x75) and not (>= 0x3B and <= 0x48)) _registers[register] = (byte)value;
        if (register != 0x6A || (value & 0x04) == 0) return BusResult.Ok;
        _fifo.Clear();
        _registers[0x6A] &= 0xFB;
        return BusResult.Ok;
    }

    public void Recover()
    {
        Recoveries++;
        Held = false;
    }

    private static byte[] PowerOn(int who)
    {
        var registers = new byte[128];
        registers[0x75] = (byte)who;
        registers[0x6B] = (byte)(who == MotionSensor.Mpu6050 ? 0x40 : 0x41);
        return registers;
    }

    private int Transfer()
    {
        Transfers++;
        if (Held) return BusResult.Stuck;
        if (Refusals == 0) return BusResult.Ok;
        Refusals--;
        return BusResult.NotAcknowledged;
    }

    private byte Get(int register)
    {
        switch (register)
        {
            case 0x3A:
                byte status = _registers[0x3A];
                _registers[0x3A] = 0;
                return status;
            case 0x72:
                return (byte)(_fifo.Count >> 8);
            case 0x73:
                return (byte)_fifo.Count;
            case 0x74:
                return _fifo.TryDequeue(out byte b) ? b : (byte)0xFF;
            default:
                return _registers[register];
        }
    }

    private void Push(byte b)
    {
        if (_fifo.Count == FifoBytes)
        {
            _fifo.Dequeue();
            if ((_registers[0x38] & 0x10) != 0) _registers[0x3A] |= 0x10;
        }

        _fifo.Enqueue(b);
    }
}

namespace TinyAI.Boards.Tests.Screen;

/// <summary>
/// A display controller as its data sheet describes it: asleep and dark after reset, a memory of 16-bit pixels that is
/// written within a window of columns and rows, line after line, and shows nothing until it is awake and on.
/// </summary>
internal sealed class FakePanel(int columns, int rows) : IPanelBus
{
    private readonly byte[] _window = [0, 0, 0, 0, 0, 0, 0, 0];
    private readonly ushort[] _memory = [.. Enumerable.Repeat((ushort)0x1234, columns * rows)];
    private int _command, _at;

    public bool IsAwake { get; private set; }

    public bool IsOn { get; private set; }

    public bool IsInverted { get; private set; }

    public int PixelFormat { get; private set; }

    public int Access { get; private set; }

    public int Waited { get; private set; }

    public ushort this[int column, int row] => _memory[row * columns + column];

    private int First(int i) => _window[i] << 8 | _window[i + 1];

    public void Reset() => IsAwake = IsOn = false;

    public void Wait(int milliseconds) => Waited += milliseconds;

    public void Command(int command)
    {
        (_command, _at) = (command, 0);
        switch (command)
        {
            case 0x01: (IsAwake, IsOn, Waited) = (false, false, 0); break;
            case 0x11:
                Assert.True(Waited >= 120, "a controller is not to be woken within 120 ms after reset");
                (IsAwake, Waited) = (true, 0);
                break;
            case 0x20 or 0x21: IsInverted = command == 0x21; break;
            case 0x29: IsOn = true; break;
            case 0x13 or 0x2A or 0x2B or 0x2C or 0x36 or 0x3A: break;
            default: Assert.Fail($"The controller has no command 0x{command:X2}."); break;
        }
    }

    public void Data(byte[] data, int count)
    {
        Assert.True(IsAwake && Waited >= 5, "data before the controller is awake");
        Assert.InRange(count, 0, data.Length);
        for (int i = 0; i < count; i++) Take(data[i]);
    }

    private void Take(byte value)
    {
        switch (_command)
        {
            case 0x2A: _window[_at++] = value; break;
            case 0x2B: _window[4 + _at++] = value; break;
            case 0x36: Access = value; break;
            case 0x3A: PixelFormat = value; break;
            case 0x2C:
                int width = First(2) - First(0) + 1, pixel = _at / 2;
                (int column, int row) = (First(0) + pixel % width, First(4) + pixel / width);
                Assert.True(row <= First(6), "more pixels than the window has");
                ref ushort target = ref _memory[row * columns + column];
                target = (_at++ & 1) == 0 ? (ushort)(value << 8) : (ushort)(target & 0xFF00 | value);
                break;
            default: Assert.Fail($"Data after the command 0x{_command:X2}."); break;
        }
    }
}

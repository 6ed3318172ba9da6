namespace TinyAI.ModelPacker.Device;

/// <summary>A serial port or the master of a pseudo-terminal, by termios.</summary>
public sealed class UnixSerialPort : IDevicePort
{
    private static readonly TimeSpan s_writePatience = TimeSpan.FromSeconds(10);
    private readonly bool _master;
    private int _file;

    /// <summary>Opens a port.</summary>
    /// <exception cref="DevicePortException">It is not there, not allowed, or no terminal.</exception>
    public UnixSerialPort(string path, int baud)
    {
        _file = Posix.Open(path, Posix.ReadWrite);
        if (_file < 0)
            throw new DevicePortException($"The port {path} cannot be opened ({Posix.LastErrorText}): check the cable and the name, and that you may use it (group dialout or uucp on Linux).");
        if (Posix.MakeRaw(_file, baud)) return;
        string reason = Posix.LastErrorText;
        Dispose();
        throw new DevicePortException($"{path} is no serial port ({reason}).");
    }

    private UnixSerialPort(int file)
    {
        _file = file;
        _master = true;
    }

    /// <summary>Makes a pseudo-terminal; returns its master and the name of the end that programs open.</summary>
    /// <exception cref="DevicePortException">The system has none.</exception>
    public static (UnixSerialPort Master, string Name) Pseudo()
    {
        int file = Posix.OpenPseudoTerminal(Posix.ReadWrite);
        if (file < 0 || Posix.Grant(file) != 0 || Posix.Unlock(file) != 0 || Posix.NameOf(file) is not { Length: > 0 } name)
            throw new DevicePortException($"This system gives no pseudo-terminal ({Posix.LastErrorText}): use tcp:PORT.");
        // As raw as a serial line, also for programs that do not set it so.
        Posix.MakeRaw(file, 0);
        return (new UnixSerialPort(file), name);
    }

    /// <inheritdoc/>
    public unsafe int Read(byte[] buffer, TimeSpan patience)
    {
        short found = Wait(Posix.PollIn, patience);
        if ((found & Posix.PollIn) == 0)
        {
            if ((found & (Posix.PollHangUp | Posix.PollError)) != 0) throw Ended();
            return 0;
        }

        fixed (byte* at = buffer)
        {
            nint count = Posix.Read(_file, at, buffer.Length);
            if (count > 0) return (int)count;
            // A port that hangs up is readable and gives nothing, or an error.
            return count < 0 && (Posix.WouldBlock || Posix.IsInterrupted) ? 0 : throw Ended();
        }
    }

    /// <inheritdoc/>
    public unsafe void Write(ReadOnlySpan<byte> data)
    {
        fixed (byte* from = data)
        {
            for (int done = 0; done < data.Length;)
            {
                if ((Wait(Posix.PollOut, s_writePatience) & Posix.PollOut) == 0) throw Ended();
                nint count = Posix.Write(_file, from + done, data.Length - done);
                if (count < 0 && !Posix.WouldBlock && !Posix.IsInterrupted) throw Ended();
                done += (int)Math.Max(count, 0);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_file >= 0) Posix.Close(_file);
        _file = -1;
    }

    private short Wait(short wanted, TimeSpan patience)
    {
        var file = new Posix.PollFile { File = _file, Wanted = wanted };
        return Posix.Poll(ref file, 1, (int)Math.Ceiling(patience.TotalMilliseconds)) > 0 ? file.Found : (short)0;
    }

    private DevicePortException Ended() => new(_master ? "The program at the other end has closed the terminal." : "The port has gone: check the cable.");
}

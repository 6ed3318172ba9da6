namespace TinyAI.ModelPacker.Device;

/// <summary>The connection to a device ended or cannot be made; the message is one sentence for the user.</summary>
public sealed class DevicePortException(string message) : IOException(message);

/// <summary>Bytes to and from a device, over a serial port or a socket.</summary>
public interface IDevicePort : IDisposable
{
    /// <summary>Reads what comes within the time: 0 where nothing did.</summary>
    /// <exception cref="DevicePortException">The connection has ended.</exception>
    int Read(byte[] buffer, TimeSpan patience);

    /// <summary>Writes all bytes.</summary>
    /// <exception cref="DevicePortException">The connection has ended.</exception>
    void Write(ReadOnlySpan<byte> data);
}

/// <summary>Opens what a user names: tcp:HOST:PORT, COM5, /dev/ttyUSB0.</summary>
public static class DevicePort
{
    /// <summary>Bauds that every system knows.</summary>
    public static readonly int[] Bauds = [9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600];

    /// <summary>Opens a port.</summary>
    /// <exception cref="DevicePortException">It cannot be opened; the message says what to do.</exception>
    public static IDevicePort Open(string name, int baud)
    {
        if (name.StartsWith("tcp:", StringComparison.OrdinalIgnoreCase)) return TcpPort.Connect(name);
        if (!Bauds.Contains(baud)) throw new DevicePortException($"{baud} baud is not a usual rate: choose one of {string.Join(", ", Bauds)}.");
        if (OperatingSystem.IsWindows()) return new WindowsSerialPort(name, baud);
        if (!name.StartsWith('/')) throw new DevicePortException($"{name} is no port of this system: give a path such as /dev/ttyUSB0, or tcp:HOST:PORT.");
        return new UnixSerialPort(name, baud);
    }
}

using System.Net.Sockets;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Device;

/// <summary>A TCP connection, made by either side.</summary>
public sealed class TcpPort : IDevicePort
{
    private readonly Socket _socket;

    /// <summary>Takes over a connected socket.</summary>
    public TcpPort(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
    }

    /// <summary>Connects to tcp:HOST:PORT.</summary>
    /// <exception cref="DevicePortException">Nobody listens there.</exception>
    public static TcpPort Connect(string name)
    {
        string[] parts = name.Split(':');
        if (parts.Length != 3 || parts[1].Length == 0 || !ushort.TryParse(parts[2], out ushort number))
            throw new DevicePortException($"{name} is not tcp:HOST:PORT, such as tcp:localhost:5555.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(parts[1], number);
            return new TcpPort(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new DevicePortException($"Nobody answers at {name} ({Sentences.OneLine(e.Message).TrimEnd('.')}): start `dut --listen tcp:{number}` there first.");
        }
    }

    /// <inheritdoc/>
    public int Read(byte[] buffer, TimeSpan patience)
    {
        try
        {
            if (!_socket.Poll(patience, SelectMode.SelectRead)) return 0;
            int count = _socket.Receive(buffer);
            return count > 0 ? count : throw new DevicePortException("The other side has closed the connection.");
        }
        catch (SocketException e)
        {
            throw new DevicePortException($"The connection broke off ({Sentences.OneLine(e.Message).TrimEnd('.')}).");
        }
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> data)
    {
        try
        {
            while (data.Length > 0) data = data[_socket.Send(data)..];
        }
        catch (SocketException e)
        {
            throw new DevicePortException($"The connection broke off ({Sentences.OneLine(e.Message).TrimEnd('.')}).");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}

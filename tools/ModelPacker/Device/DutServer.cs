using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TinyAI.Boards;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Device;

/// <summary>
/// The device's side of the benchmark protocol on the desktop: the boards' own classes behind a socket or a
/// pseudo-terminal, one client after another. An input that was loaded outlives a connection, half a command does not.
/// </summary>
public sealed class DutServer : IDutBoard, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    private readonly long _begin = Stopwatch.GetTimestamp();
    private readonly Link _link = new();
    private readonly DutProtocol _protocol;
    private readonly Socket? _listener;
    private readonly UnixSerialPort? _terminal;

    /// <summary>Listens at tcp:PORT, tcp:HOST:PORT (port 0 for any) or pty.</summary>
    /// <exception cref="DevicePortException">That is not possible.</exception>
    public DutServer(byte[] pack, string listen, bool energy)
    {
        _protocol = new DutProtocol(new DutInference(Model.Load(new ByteArraySource(pack)), this), _link, this, energy, "tinyai-desktop");
        if (listen == "pty")
        {
            if (OperatingSystem.IsWindows()) throw new DevicePortException("Windows has no pseudo-terminals of this kind: use tcp:PORT.");
            (_terminal, Address) = UnixSerialPort.Pseudo();
            return;
        }

        string[] parts = listen.Split(':');
        if (parts[0] != "tcp" || parts.Length is < 2 or > 3 || !ushort.TryParse(parts[^1], out ushort port))
            throw new DevicePortException($"{listen} is neither tcp:PORT nor pty.");
        IPAddress host = IPAddress.Loopback;
        if (parts.Length == 3 && parts[1] != "localhost" && !IPAddress.TryParse(parts[1], out host!)) throw new DevicePortException($"{parts[1]} is no address of this computer: give an IP address, or leave it out.");
        _listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(new IPEndPoint(host, port));
            _listener.Listen(1);
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new DevicePortException($"The port {port} cannot be listened at ({e.Message.TrimEnd('.')}): choose another.");
        }

        Address = $"tcp:{host}:{((IPEndPoint)_listener.LocalEndPoint!).Port}";
    }

    /// <summary>What to give `power run --port`.</summary>
    public string Address { get; }

    /// <summary>Serves clients until it is cancelled.</summary>
    public void Run(CancellationToken stop)
    {
        if (_terminal is not null)
        {
            Serve(_terminal, stop);
            return;
        }

        while (!stop.IsCancellationRequested)
        {
            if (!_listener!.Poll(s_patience, SelectMode.SelectRead)) continue;
            using var client = new TcpPort(_listener.Accept());
            Serve(client, stop);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener?.Dispose();
        _terminal?.Dispose();
    }

    /// <inheritdoc/>
    long IDutBoard.Microseconds() => (long)Stopwatch.GetElapsedTime(_begin).TotalMicroseconds;

    /// <inheritdoc/>
    void IDutBoard.Timestamp()
    {
    }

    /// <inheritdoc/>
    void IDutBoard.Mark(int phase)
    {
    }

    private void Serve(IDevicePort port, CancellationToken stop)
    {
        var buffer = new byte[4096];
        bool connected = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                int count = port.Read(buffer, s_patience);
                _link.Port = port;
                if (!connected && port is TcpPort) _protocol.Start();
                connected = true;
                if (count > 0) _protocol.Receive(buffer, count);
            }
            catch (DevicePortException)
            {
                _protocol.Disconnect();
                if (port is TcpPort) return;
                // A pseudo-terminal hangs up while nobody has its other end open, and works again when somebody has.
                connected = false;
                stop.WaitHandle.WaitOne(s_patience);
            }
        }
    }

    /// <summary>Where the protocol writes: the port of the moment.</summary>
    private sealed class Link : IByteLink
    {
        public IDevicePort? Port { get; set; }

        public int Read(byte[] buffer, int count) => 0;

        public void Write(byte[] data, int count) => Port?.Write(data.AsSpan(0, count));
    }
}

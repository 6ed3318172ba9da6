using System.Net;
using System.Net.Sockets;
using TinyAI.Boards;
using TinyAI.ModelPacker.Commands;
using TinyAI.ModelPacker.Device;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Recording;

/// <summary>
/// The board's side of the stream behind a TCP port, made of the very classes that the Gesture application is made of; the
/// sensor is a list of rows. It can close the connection in the middle, or leave rows out, as a bad cable does.
/// </summary>
internal sealed class GestureBoard : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _served;

    public GestureBoard(short[] rows, int closeAfter = int.MaxValue, Func<int, bool>? lose = null, Action<PortLink, int>? also = null)
    {
        _listener.Start();
        _served = Task.Run(() =>
        {
            try
            {
                using var port = new TcpPort(_listener.AcceptSocket());
                WasSwitchedOff = Speak(new PortLink(port), rows, closeAfter, lose ?? (_ => false), also);
            }
            catch (SocketException)
            {
                // Nobody came.
            }
        });
    }

    /// <summary>What --port takes.</summary>
    public string Port => $"tcp:127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Whether the stream was switched off at the end.</summary>
    public bool WasSwitchedOff { get; private set; }

    public void Dispose()
    {
        _listener.Stop();
        Assert.True(_served.Wait(30_000), "The board still waits for a command.");
    }

    /// <summary>Sends the rows once the stream is wanted; whether it was switched off.</summary>
    public static bool Speak(PortLink link, short[] rows, int closeAfter, Func<int, bool> lose, Action<PortLink, int>? also)
    {
        Model model = Model.Load(new ByteArraySource(ModelFile.PackOf(DemoCommand.ModelPath)));
        var pipeline = new GesturePipeline(model, new GestureSettings());
        var commands = new StreamCommands(link, "desktop");
        var lines = new StreamLines(link);
        var incoming = new byte[64];
        void Receive(int milliseconds)
        {
            link.Patience = TimeSpan.FromMilliseconds(milliseconds);
            commands.Receive(incoming, link.Read(incoming, incoming.Length));
            if (commands.TakeStarted()) lines.Head(pipeline, model, 100);
        }

        try
        {
            while (!commands.IsStreaming) Receive(20);
            for (int row = 0; row * pipeline.Channels < rows.Length && row < closeAfter && commands.IsStreaming; row++)
            {
                also?.Invoke(link, row);
                if (lose(row)) continue;
                int result = pipeline.Add(rows, row * pipeline.Channels);
                lines.Row(row, rows, row * pipeline.Channels, pipeline.Channels);
                lines.Result(pipeline, model, result);
                Receive(0);
            }

            // Then it is silent until it is switched off, unless it was to break off.
            while (closeAfter == int.MaxValue && commands.IsStreaming) Receive(20);
            return !commands.IsStreaming;
        }
        catch (DevicePortException)
        {
            // The other side has gone.
            return false;
        }
    }

    /// <summary>The link of boards/Common over a port of the desktop.</summary>
    internal sealed class PortLink(IDevicePort port) : IByteLink
    {
        public TimeSpan Patience { get; set; }

        public int Read(byte[] buffer, int count) => port.Read(buffer, Patience);

        public void Write(byte[] data, int count) => port.Write(data.AsSpan(0, count));

        public void Write(string text) => port.Write(System.Text.Encoding.Latin1.GetBytes(text));
    }
}

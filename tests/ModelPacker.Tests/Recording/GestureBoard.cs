using System.Net;
using System.Net.Sockets;
using TinyAI.Boards;
using TinyAI.ModelPacker.Commands;
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

    public GestureBoard(short[] rows, int closeAfter = int.MaxValue, Func<int, bool>? lose = null, Action<TextOverTcp, int>? also = null)
    {
        _listener.Start();
        _served = Task.Run(() => Serve(rows, closeAfter, lose ?? (_ => false), also));
    }

    /// <summary>What --port takes.</summary>
    public string Port => $"tcp:127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Whether the stream was switched off at the end.</summary>
    public bool WasSwitchedOff { get; private set; }

    public void Dispose()
    {
        _listener.Stop();
        Assert.True(_served.Wait(30_000), "The board still waits for a connection or a command.");
    }

    private void Serve(short[] rows, int closeAfter, Func<int, bool> lose, Action<TextOverTcp, int>? also)
    {
        try
        {
            using TcpClient client = _listener.AcceptTcpClient();
            var link = new TextOverTcp(client);
            Model model = Model.Load(new ByteArraySource(ModelFile.PackOf(DemoCommand.ModelPath)));
            var pipeline = new GesturePipeline(model, new GestureSettings());
            var commands = new StreamCommands(link, "desktop");
            var lines = new StreamLines(link);
            var incoming = new byte[64];
            void Receive()
            {
                commands.Receive(incoming, link.Read(incoming, incoming.Length));
                if (commands.TakeStarted()) lines.Head(pipeline, model, 100);
            }

            while (!commands.IsStreaming) Receive();
            for (int row = 0; row * pipeline.Channels < rows.Length && row < closeAfter && commands.IsStreaming; row++)
            {
                also?.Invoke(link, row);
                if (lose(row)) continue;
                int result = pipeline.Add(rows, row * pipeline.Channels);
                lines.Row(row, rows, row * pipeline.Channels, pipeline.Channels);
                lines.Result(pipeline, model, result);
                if (client.Available > 0) Receive();
            }

            // Then it is silent until it is switched off, unless it was to break off.
            while (closeAfter == int.MaxValue && commands.IsStreaming) Receive();
            WasSwitchedOff = !commands.IsStreaming;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The other side has gone.
        }
    }

    /// <summary>The link of boards/Common over a socket.</summary>
    internal sealed class TextOverTcp(TcpClient client) : IByteLink
    {
        public int Read(byte[] buffer, int count)
        {
            if (!client.Client.Poll(20_000, SelectMode.SelectRead)) return 0;
            int read = client.GetStream().Read(buffer, 0, count);
            return read > 0 ? read : throw new IOException("closed");
        }

        public void Write(byte[] data, int count) => client.GetStream().Write(data, 0, count);

        public void Write(string text) => client.GetStream().Write(System.Text.Encoding.Latin1.GetBytes(text));
    }
}

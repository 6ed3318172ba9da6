using System.Globalization;
using System.Net.Sockets;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Recording;

/// <summary>A connection over TCP: tcp:HOST:PORT.</summary>
public sealed class TcpLink : IDeviceLink
{
    /// <summary>How names of such connections begin.</summary>
    public const string Prefix = "tcp:";

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private TcpLink(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    /// <summary>Connects.</summary>
    /// <exception cref="ModelFormatException">The name is none, or nobody listens.</exception>
    public static TcpLink Open(string name)
    {
        int colon = name.LastIndexOf(':');
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || colon <= Prefix.Length
            || !ushort.TryParse(name[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw new ModelFormatException($"{name} is no TCP address: write tcp:HOST:PORT, such as tcp:localhost:5000.");
        var client = new TcpClient { NoDelay = true };
        try
        {
            client.Connect(name[Prefix.Length..colon], port);
            return new TcpLink(client);
        }
        catch (SocketException e)
        {
            client.Dispose();
            throw new ModelFormatException($"Nothing answers at {name} ({Sentences.OneLine(e.Message).TrimEnd('.')}): check that the device listens there.");
        }
    }

    /// <inheritdoc/>
    public int Read(byte[] buffer, int milliseconds)
    {
        if (!_client.Client.Poll(milliseconds * 1000, SelectMode.SelectRead)) return 0;
        return _stream.Read(buffer) is > 0 and var count ? count : throw new IOException("The device closed the connection.");
    }

    /// <inheritdoc/>
    public void Write(byte[] bytes) => _stream.Write(bytes);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}

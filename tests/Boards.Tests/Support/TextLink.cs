using System.Text;

namespace TinyAI.Boards.Tests;

/// <summary>A link in memory: keeps what is written; gives what it was given, in pieces of a chosen size.</summary>
internal sealed class TextLink(int piece = int.MaxValue) : IByteLink
{
    private readonly StringBuilder _written = new();
    private readonly Queue<byte> _incoming = new();

    public string Text => _written.ToString();

    public string[] Lines => Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    public void Send(string text)
    {
        foreach (byte b in Encoding.Latin1.GetBytes(text)) _incoming.Enqueue(b);
    }

    public void Forget() => _written.Clear();

    public int Read(byte[] buffer, int count)
    {
        int read = 0;
        while (read < Math.Min(count, piece) && _incoming.TryDequeue(out byte b)) buffer[read++] = b;
        return read;
    }

    public void Write(byte[] data, int count) => _written.Append(Encoding.Latin1.GetString(data, 0, count));
}

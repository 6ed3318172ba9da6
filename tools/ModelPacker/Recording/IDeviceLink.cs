namespace TinyAI.ModelPacker.Recording;

/// <summary>A connection to a board, or to the desktop device.</summary>
public interface IDeviceLink : IDisposable
{
    /// <summary>
    /// Reads what has come, waiting at most so many milliseconds for the first byte; 0 where nothing has. Throws
    /// <see cref="IOException"/> when the connection has ended.
    /// </summary>
    int Read(byte[] buffer, int milliseconds);

    /// <summary>Writes all bytes.</summary>
    void Write(byte[] bytes);
}

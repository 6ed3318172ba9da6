using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Recording;

/// <summary>Opens what a user names with --port.</summary>
internal static class DeviceLinks
{
    /// <summary>Opens a connection.</summary>
    /// <exception cref="ModelFormatException">There is none of that name.</exception>
    public static IDeviceLink Open(string port) => port.StartsWith(TcpLink.Prefix, StringComparison.Ordinal)
        ? TcpLink.Open(port)
        : throw new ModelFormatException($"The port {port} is none that this build opens: it opens tcp:HOST:PORT.");
}

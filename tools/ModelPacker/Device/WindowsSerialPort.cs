using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Device;

/// <summary>A serial port of Windows. Written from the documentation of Win32; nobody has run it on Windows yet.</summary>
[SupportedOSPlatform("windows")]
public sealed class WindowsSerialPort : IDevicePort
{
    private const uint ReadWrite = 0xC0000000;
    private const uint OpenExisting = 3;

    // Binary transfer, data terminal ready and request to send on; no parity, no flow control.
    private const uint Flags = 0x1 | 0x10 | 0x1000;

    private readonly SafeFileHandle _handle;
    private readonly string _name;
    private TimeSpan _patience = TimeSpan.MinValue;

    /// <summary>Opens COM1 and up.</summary>
    /// <exception cref="DevicePortException">It is not there, or in use.</exception>
    public WindowsSerialPort(string name, int baud)
    {
        _name = name;
        _handle = CreateFile(@"\\.\" + name, ReadWrite, 0, 0, OpenExisting, 0, 0);
        if (_handle.IsInvalid) throw Failed("cannot be opened", "check the name in Device Manager, and close programs that use it, such as a Device Explorer");
        var state = new DeviceControlBlock { Length = (uint)Marshal.SizeOf<DeviceControlBlock>() };
        if (GetCommState(_handle, ref state))
        {
            (state.BaudRate, state.Flags, state.ByteSize, state.Parity, state.StopBits) = ((uint)baud, Flags, 8, 0, 0);
            if (SetCommState(_handle, ref state)) return;
        }

        DevicePortException reason = Failed("takes no settings", "it is no serial port");
        _handle.Dispose();
        throw reason;
    }

    /// <inheritdoc/>
    public int Read(byte[] buffer, TimeSpan patience)
    {
        if (patience != _patience)
        {
            // Returns at once with what is there, or waits this long for a first byte.
            uint milliseconds = (uint)Math.Clamp(Math.Ceiling(patience.TotalMilliseconds), 1, int.MaxValue);
            var timeouts = new CommTimeouts { ReadInterval = uint.MaxValue, ReadMultiplier = uint.MaxValue, ReadConstant = milliseconds, WriteConstant = 10_000 };
            if (!SetCommTimeouts(_handle, ref timeouts)) throw Failed("has gone", "check the cable");
            _patience = patience;
        }

        return ReadFile(_handle, buffer, (uint)buffer.Length, out uint count, 0) ? (int)count : throw Failed("has gone", "check the cable");
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> data)
    {
        byte[] left = data.ToArray();
        while (left.Length > 0)
        {
            if (!WriteFile(_handle, left, (uint)left.Length, out uint count, 0) || count == 0) throw Failed("takes no more bytes", "check the cable");
            left = left[(int)count..];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private DevicePortException Failed(string what, string remedy) =>
        new($"The port {_name} {what} ({Sentences.OneLine(new Win32Exception(Marshal.GetLastPInvokeError()).Message).TrimEnd('.')}): {remedy}.");

    [DllImport("kernel32", EntryPoint = "CreateFileW", CharSet = CharSet.Unicode, SetLastError = true)]
    private static extern SafeFileHandle CreateFile(string name, uint access, uint share, nint security, uint creation, uint flags, nint template);

    [DllImport("kernel32", SetLastError = true)]
    private static extern bool GetCommState(SafeFileHandle file, ref DeviceControlBlock state);

    [DllImport("kernel32", SetLastError = true)]
    private static extern bool SetCommState(SafeFileHandle file, ref DeviceControlBlock state);

    [DllImport("kernel32", SetLastError = true)]
    private static extern bool SetCommTimeouts(SafeFileHandle file, ref CommTimeouts timeouts);

    [DllImport("kernel32", SetLastError = true)]
    private static extern bool ReadFile(SafeFileHandle file, byte[] buffer, uint count, out uint read, nint overlapped);

    [DllImport("kernel32", SetLastError = true)]
    private static extern bool WriteFile(SafeFileHandle file, byte[] buffer, uint count, out uint written, nint overlapped);

    /// <summary>DCB of winbase.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct DeviceControlBlock
    {
        public uint Length;
        public uint BaudRate;
        public uint Flags;
        public ushort Reserved;
        public ushort XonLimit;
        public ushort XoffLimit;
        public byte ByteSize;
        public byte Parity;
        public byte StopBits;
        public byte XonChar;
        public byte XoffChar;
        public byte ErrorChar;
        public byte EofChar;
        public byte EventChar;
        public ushort Reserved1;
    }

    /// <summary>COMMTIMEOUTS of winbase.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CommTimeouts
    {
        public uint ReadInterval;
        public uint ReadMultiplier;
        public uint ReadConstant;
        public uint WriteMultiplier;
        public uint WriteConstant;
    }
}

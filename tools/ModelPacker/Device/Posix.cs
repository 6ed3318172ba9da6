using System.Runtime.InteropServices;

namespace TinyAI.ModelPacker.Device;

/// <summary>
/// The calls of the C library for terminals, on Linux and macOS. The terminal's settings are a block of bytes that is only
/// handed from call to call, but for two flags whose places differ between the systems.
/// </summary>
internal static class Posix
{
    /// <summary>More than the settings of a terminal take on any of the systems.</summary>
    private const int SettingsBytes = 256;

    private static readonly bool s_mac = OperatingSystem.IsMacOS();

    public const short PollIn = 1;
    public const short PollOut = 4;
    public const short PollError = 8;
    public const short PollHangUp = 16;

    public static int ReadWrite => s_mac ? 0x2 | 0x20000 | 0x4 : 0x2 | 0x100 | 0x800;

    public static int LastError => Marshal.GetLastPInvokeError();

    public static string LastErrorText => Marshal.GetPInvokeErrorMessage(LastError).TrimEnd('.');

    public static bool IsInterrupted => LastError == 4;

    public static bool WouldBlock => LastError == (s_mac ? 35 : 11);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    public static extern int Close(int file);

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    public static extern unsafe nint Read(int file, byte* buffer, nint count);

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    public static extern unsafe nint Write(int file, byte* buffer, nint count);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static extern int Poll(ref PollFile file, uint count, int milliseconds);

    [DllImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    public static extern int OpenPseudoTerminal(int flags);

    [DllImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    public static extern int Grant(int file);

    [DllImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    public static extern int Unlock(int file);

    public static string NameOf(int file) => Marshal.PtrToStringUTF8(PtsName(file)) ?? "";

    /// <summary>8 bits, no parity, no flow control, nothing translated. A rate of 0 leaves it as it is.</summary>
    public static bool MakeRaw(int file, int baud)
    {
        var settings = new byte[SettingsBytes];
        if (GetSettings(file, settings) != 0) return false;
        MakeRaw(settings);
        // Receive, and take no notice of modem lines: c_cflag, after two words before it.
        int at = s_mac ? 16 : 8;
        uint flags = BitConverter.ToUInt32(settings, at) | (s_mac ? 0x800u | 0x8000u : 0x80u | 0x800u);
        BitConverter.TryWriteBytes(settings.AsSpan(at), flags);
        if (baud > 0 && SetSpeed(settings, SpeedOf(baud)) != 0) return false;
        return SetSettings(file, 0, settings) == 0;
    }

    /// <summary>macOS has rates as they are, Linux as the constants of termios.h.</summary>
    private static nuint SpeedOf(int baud) => s_mac ? (nuint)baud : baud switch
    {
        9600 => 0x0D,
        19200 => 0x0E,
        38400 => 0x0F,
        57600 => 0x1001,
        115200 => 0x1002,
        230400 => 0x1003,
        460800 => 0x1004,
        _ => 0x1007,
    };

    [DllImport("libc", EntryPoint = "ptsname", SetLastError = true)]
    private static extern nint PtsName(int file);

    [DllImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static extern int GetSettings(int file, [In, Out] byte[] settings);

    [DllImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static extern int SetSettings(int file, int when, [In] byte[] settings);

    [DllImport("libc", EntryPoint = "cfmakeraw")]
    private static extern void MakeRaw([In, Out] byte[] settings);

    [DllImport("libc", EntryPoint = "cfsetspeed", SetLastError = true)]
    private static extern int SetSpeed([In, Out] byte[] settings, nuint speed);

    /// <summary>What poll asks of a file, and is told.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollFile
    {
        public int File;
        public short Wanted;
        public short Found;
    }
}

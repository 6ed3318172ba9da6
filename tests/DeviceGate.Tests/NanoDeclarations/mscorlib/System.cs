// Declarations only, see ../README.md.
#pragma warning disable CS0649, CS0169, CS8618

namespace System
{
    public static class Console
    {
        public static void WriteLine(string value) { }
    }

    public struct DateTime
    {
        public static DateTime UtcNow => default;
        public long Ticks => 0;
    }

    public struct TimeSpan
    {
        public TimeSpan(long ticks) { }
        public static TimeSpan FromMilliseconds(long value) => default;
    }

    public sealed class Version
    {
        public override string ToString() => null;
    }

    public readonly ref struct SpanByte
    {
        public SpanByte(byte[] array, int start, int length) { }
    }
}

namespace System.Threading
{
    public sealed class Thread
    {
        public static void Sleep(int millisecondsTimeout) { }
    }
}

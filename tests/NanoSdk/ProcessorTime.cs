using System.Runtime.InteropServices;

namespace TinyAI.NanoInterpreter;

/// <summary>Processor time of programs that this one has started; only while they run one after the other.</summary>
internal static class ProcessorTime
{
    private const int Children = -1;

    /// <summary>Seconds in user mode of all started programs that have ended; 0 where the system cannot tell.</summary>
    public static double OfEndedChildren()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        var usage = new long[32];
        return ResourceUsage(Children, usage) == 0 ? usage[0] + usage[1] / 1e6 : 0;
    }

    // struct rusage begins with the seconds and microseconds of user time.
    [DllImport("libc", EntryPoint = "getrusage")]
    private static extern int ResourceUsage(int who, [In, Out] long[] usage);
}

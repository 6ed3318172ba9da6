// Declarations only, see README.md.
using System;

namespace nanoFramework.Runtime.Native
{
    public static class GC
    {
        public static uint Run(bool compactHeap) => 0;
    }

    public static class SystemInfo
    {
        public static Version Version => null;
        public static string TargetName => null;
        public static string OEMString => null;
    }
}

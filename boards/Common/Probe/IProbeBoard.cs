namespace TinyAI.Boards
{
    /// <summary>What the probe asks of its board besides running code.</summary>
    public interface IProbeBoard
    {
        /// <summary>Name of the board, as its folder and profile have it.</summary>
        string Name { get; }

        /// <summary>Version of the firmware.</summary>
        string Firmware { get; }

        /// <summary>Target that the firmware was built for.</summary>
        string Target { get; }

        /// <summary>Microseconds since some time before.</summary>
        long Microseconds();

        /// <summary>Collects and compacts; returns the free bytes of the managed heap.</summary>
        long FreeHeapBytes();

        /// <summary>Largest free block of native memory in bytes, 0 where it cannot be told.</summary>
        long LargestNativeBlock();
    }
}

using nanoFramework.Hardware.Esp32;
using nanoFramework.Runtime.Native;

namespace TinyAI.Boards.Hardware
{
    /// <summary>What the probe asks of an ESP32.</summary>
    public class ProbeBoard : IProbeBoard
    {
        private readonly BoardPins _pins;

        /// <summary>Facts of a board.</summary>
        public ProbeBoard(BoardPins pins)
        {
            _pins = pins;
        }

        /// <inheritdoc/>
        public string Name
        {
            get { return _pins.Name; }
        }

        /// <inheritdoc/>
        public string Firmware
        {
            get { return SystemInfo.Version.ToString(); }
        }

        /// <inheritdoc/>
        public string Target
        {
            get { return SystemInfo.TargetName; }
        }

        /// <inheritdoc/>
        public long Microseconds()
        {
            return (long)HighResTimer.GetCurrent();
        }

        /// <inheritdoc/>
        public long FreeHeapBytes()
        {
            return GC.Run(true);
        }

        /// <inheritdoc/>
        public long LargestNativeBlock()
        {
            uint total, free, largest;
            NativeMemory.GetMemoryInfo(NativeMemory.MemoryType.Internal, out total, out free, out largest);
            return largest;
        }
    }
}

// Declarations only, see README.md.
using System;

namespace nanoFramework.Hardware.Esp32
{
    public enum DeviceFunction
    {
        SPI1_MOSI = 65792,
        SPI1_CLOCK = 65794,
        I2C1_DATA = 131328,
        I2C1_CLOCK = 131329,
        COM2_TX = 197120,
        COM2_RX = 197121,
    }

    public enum EspNativeError
    {
        OK = 0,
    }

    public class Configuration
    {
        public static void SetPinFunction(int pin, DeviceFunction value) { }
    }

    public class HighResTimer
    {
        public static ulong GetCurrent() => 0;
    }

    public class NativeMemory
    {
        public enum MemoryType
        {
            All = 0,
            Internal = 1,
            SpiRam = 2,
        }

        public static void GetMemoryInfo(MemoryType memType, out uint totalSize, out uint totalFreeSize, out uint largestFreeBlock)
        {
            totalSize = totalFreeSize = largestFreeBlock = 0;
        }
    }

    public class Sleep
    {
        public enum WakeupCause
        {
            Undefined = 0,
            Ext0 = 2,
            Ext1 = 3,
            Timer = 4,
        }

        public enum WakeupGpioPin : ulong
        {
            None = 0,
        }

        public static EspNativeError EnableWakeupByTimer(TimeSpan time) => default;
        public static EspNativeError EnableWakeupByPin(WakeupGpioPin pin, int level) => default;
        public static EspNativeError StartLightSleep() => default;
        public static void StartDeepSleep() { }
        public static WakeupCause GetWakeupCause() => default;
    }
}

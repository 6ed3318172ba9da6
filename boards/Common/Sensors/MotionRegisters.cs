namespace TinyAI.Boards
{
    /// <summary>
    /// Registers of the InvenSense six-axis sensors (MPU6050, MPU6500, MPU9250, MPU6886), by their register maps
    /// RM-MPU-6000A-00, RM-MPU-6500A-00 and the data sheet of the MPU6886. All of them have these at the same place.
    /// </summary>
    public static class MotionRegisters
    {
        /// <summary>Output rate: 1 kHz / (1 + this).</summary>
        public const int SampleRateDivider = 0x19;
        /// <summary>Low pass filter of the rates of turn (and, in the MPU6050, of the accelerations).</summary>
        public const int Configuration = 0x1A;
        /// <summary>Full scale of the rates of turn, in bits 4..3.</summary>
        public const int GyroscopeConfiguration = 0x1B;
        /// <summary>Full scale of the accelerations, in bits 4..3.</summary>
        public const int AccelerometerConfiguration = 0x1C;
        /// <summary>Low pass filter of the accelerations; not in the MPU6050.</summary>
        public const int AccelerometerFilter = 0x1D;
        /// <summary>Up to the MPU9250: threshold of motion for all axes.</summary>
        public const int MotionThreshold = 0x1F;
        /// <summary>MPU6886: thresholds of motion, one per axis from here.</summary>
        public const int WakeThreshold = 0x20;
        /// <summary>What goes into the FIFO.</summary>
        public const int FifoEnable = 0x23;
        /// <summary>Level and behaviour of the interrupt pin.</summary>
        public const int InterruptPin = 0x37;
        /// <summary>Which events raise the interrupt.</summary>
        public const int InterruptEnable = 0x38;
        /// <summary>Which events have come; reading clears them.</summary>
        public const int InterruptStatus = 0x3A;
        /// <summary>First of 14 bytes: accelerations x, y, z, temperature, rates of turn x, y, z; high byte first.</summary>
        public const int Data = 0x3B;
        /// <summary>MPU6500 and later: how wake on motion compares.</summary>
        public const int AccelerometerIntelligence = 0x69;
        /// <summary>FIFO on, FIFO reset.</summary>
        public const int UserControl = 0x6A;
        /// <summary>Reset, sleep, clock.</summary>
        public const int PowerManagement = 0x6B;
        /// <summary>Axes in standby.</summary>
        public const int PowerManagement2 = 0x6C;
        /// <summary>Bytes in the FIFO, high byte first.</summary>
        public const int FifoCount = 0x72;
        /// <summary>The FIFO's bytes, one after another from this one register.</summary>
        public const int FifoData = 0x74;
        /// <summary>Who it is.</summary>
        public const int WhoAmI = 0x75;

        /// <summary>Bit of InterruptStatus: the FIFO ran over.</summary>
        public const int OverflowBit = 0x10;
        /// <summary>Bit of PowerManagement: asleep, as after power on.</summary>
        public const int SleepBit = 0x40;
        /// <summary>Bit of PowerManagement: resets all registers.</summary>
        public const int ResetBit = 0x80;
        /// <summary>Bits of UserControl: FIFO on.</summary>
        public const int FifoOn = 0x40;
        /// <summary>Bits of UserControl: empty the FIFO.</summary>
        public const int FifoReset = 0x04;
    }
}

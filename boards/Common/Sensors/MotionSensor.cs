namespace TinyAI.Boards
{
    /// <summary>
    /// Driver of an InvenSense six-axis sensor by raw registers, reading 14 bytes at a time into one buffer. The sensor
    /// samples at its own pace into its FIFO, so rows are evenly spaced even while a network runs: the 512 bytes that the
    /// smallest FIFO of the family has are 36 rows, 0.36 s at 100 Hz.
    /// <para>
    /// A row is aX aY aZ gX gY gZ in raw counts, at ±8 g (4096 counts per g) and ±2000 degrees per second (16.4 counts
    /// per degree per second). No transfer throws; faults are the codes of <see cref="SensorFault"/>.
    /// </para>
    /// </summary>
    public class MotionSensor
    {
        /// <summary>Values of a row.</summary>
        public const int Channels = 6;
        /// <summary>Bytes of a row in registers and FIFO; the temperature is among them.</summary>
        public const int RowBytes = 14;

        // Answers to who-am-I.

        /// <summary>MPU6050.</summary>
        public const int Mpu6050 = 0x68;
        /// <summary>MPU6500.</summary>
        public const int Mpu6500 = 0x70;
        /// <summary>MPU9250.</summary>
        public const int Mpu9250 = 0x71;
        /// <summary>MPU6886.</summary>
        public const int Mpu6886 = 0x19;

        private const int RangeBits = 0x18;
        private const int EightG = 0x10;
        private const int TwoThousandDegrees = 0x18;
        private const int Filter44Hz = 3;
        private const int ClockFromGyroscope = 1;
        private const int SampleHertz = 1000;
        private const int FifoBytesMpu6500 = 512;
        private const int FifoBytesMpu6050 = 1024;

        private readonly II2cBus _bus;
        private readonly byte[] _data = new byte[RowBytes];
        private int _device;

        /// <summary>A sensor on a bus. Nothing is transferred before <see cref="Start"/>.</summary>
        public MotionSensor(II2cBus bus)
        {
            _bus = bus;
        }

        /// <summary>What who-am-I answered at the last start: one of the constants above, or what else it was.</summary>
        public int Device
        {
            get { return _device; }
        }

        /// <summary>
        /// Wakes the sensor, sets ranges, filter and rate, and starts the FIFO empty. The rate is 1 kHz divided by a whole
        /// number: 4 to 1000 rows a second. Returns a fault or <see cref="SensorFault.None"/>.
        /// </summary>
        public int Start(int rowsPerSecond)
        {
            int fault = Get(MotionRegisters.WhoAmI, 1);
            if (fault != SensorFault.None)
                return fault;
            _device = _data[0];
            if (_device != Mpu6050 && _device != Mpu6500 && _device != Mpu9250 && _device != Mpu6886)
                return SensorFault.UnknownDevice;
            int divider = SampleHertz / (rowsPerSecond < 4 ? 4 : rowsPerSecond > SampleHertz ? SampleHertz : rowsPerSecond) - 1;
            fault = Put(MotionRegisters.PowerManagement, ClockFromGyroscope);
            if (fault == SensorFault.None)
                fault = Put(MotionRegisters.PowerManagement2, 0);
            if (fault == SensorFault.None)
                fault = Put(MotionRegisters.Configuration, Filter44Hz);
            if (fault == SensorFault.None && _device != Mpu6050)
                fault = Put(MotionRegisters.AccelerometerFilter, Filter44Hz);
            if (fault == SensorFault.None)
                fault = Put(MotionRegisters.GyroscopeConfiguration, TwoThousandDegrees);
            if (fault == SensorFault.None)
                fault = Put(MotionRegisters.AccelerometerConfiguration, EightG);
            if (fault == SensorFault.None)
                fault = Put(MotionRegisters.SampleRateDivider, divider);
            if (fault == SensorFault.None)
                fault = Put(MotionRegisters.InterruptEnable, MotionRegisters.OverflowBit);
            if (fault == SensorFault.None)
                fault = Put(MotionRegisters.FifoEnable, FifoContents());
            return fault == SensorFault.None ? EmptyFifo() : fault;
        }

        /// <summary>Reads the latest row to row from rowAt, not from the FIFO. Returns a fault or None.</summary>
        public int ReadLatest(short[] row, int rowAt)
        {
            int fault = Get(MotionRegisters.Data, RowBytes);
            if (fault == SensorFault.None)
                Decode(row, rowAt);
            return fault;
        }

        /// <summary>
        /// Rows that wait in the FIFO, or a fault. After <see cref="SensorFault.Overrun"/> the FIFO has been emptied:
        /// what is left in one that ran over begins in the middle of a row.
        /// </summary>
        public int RowsWaiting()
        {
            int fault = Get(MotionRegisters.InterruptStatus, 1);
            if (fault != SensorFault.None)
                return fault;
            bool overflow = (_data[0] & MotionRegisters.OverflowBit) != 0;
            fault = Get(MotionRegisters.FifoCount, 2);
            if (fault != SensorFault.None)
                return fault;
            int bytes = (_data[0] << 8) | _data[1];
            // A full FIFO may have dropped bytes since its status was read.
            if (overflow || bytes > FifoBytes() - RowBytes)
            {
                fault = EmptyFifo();
                return fault == SensorFault.None ? SensorFault.Overrun : fault;
            }
            return bytes / RowBytes;
        }

        /// <summary>Takes the oldest row from the FIFO to row from rowAt. Returns a fault or None.</summary>
        public int ReadWaiting(short[] row, int rowAt)
        {
            int fault = Get(MotionRegisters.FifoData, RowBytes);
            if (fault == SensorFault.None)
                Decode(row, rowAt);
            return fault;
        }

        /// <summary>
        /// Whether the sensor is awake with the range that was set: a dip of the supply puts it to sleep with all
        /// registers at their defaults, and it would go on answering with rows of zeros. Returns a fault or None.
        /// </summary>
        public int CheckSettings()
        {
            int fault = Get(MotionRegisters.PowerManagement, 1);
            if (fault != SensorFault.None)
                return fault;
            if ((_data[0] & MotionRegisters.SleepBit) != 0)
                return SensorFault.Restarted;
            fault = Get(MotionRegisters.AccelerometerConfiguration, 1);
            if (fault != SensorFault.None)
                return fault;
            return (_data[0] & RangeBits) == EightG ? SensorFault.None : SensorFault.Restarted;
        }

        /// <summary>
        /// Lets motion raise the interrupt pin (high until the status is read), for waking a sleeping board. The threshold
        /// is in thousandths of g; steps are 4 of these (MPU6050: 2). The FIFO stops. Returns a fault or None.
        /// </summary>
        public int WakeOnMotion(int milliG)
        {
            int fault = Put(MotionRegisters.FifoEnable, 0);
            if (fault == SensorFault.None)
                fault = Put(MotionRegisters.InterruptPin, 0x20);
            // The rates of turn take most of the current and do not wake.
            if (fault == SensorFault.None)
                fault = Put(MotionRegisters.PowerManagement2, 0x07);
            int steps = milliG / (_device == Mpu6050 ? 2 : 4);
            steps = steps < 1 ? 1 : steps > 255 ? 255 : steps;
            if (_device == Mpu6050)
            {
                if (fault == SensorFault.None)
                    fault = Put(MotionRegisters.MotionThreshold, steps);
                // Bit 0: the high pass filter that motion detection compares against, at 5 Hz.
                if (fault == SensorFault.None)
                    fault = Put(MotionRegisters.AccelerometerConfiguration, EightG | 1);
                if (fault == SensorFault.None)
                    fault = Put(MotionRegisters.InterruptEnable, 0x40);
            }
            else
            {
                // The MPU6886 has a threshold for each axis, the others one for all.
                int first = _device == Mpu6886 ? MotionRegisters.WakeThreshold : MotionRegisters.MotionThreshold;
                for (int axis = 0; axis < (_device == Mpu6886 ? 3 : 1) && fault == SensorFault.None; axis++)
                    fault = Put(first + axis, steps);
                if (fault == SensorFault.None)
                    fault = Put(MotionRegisters.AccelerometerIntelligence, 0xC0);
                if (fault == SensorFault.None)
                    fault = Put(MotionRegisters.InterruptEnable, _device == Mpu6886 ? 0xE0 : 0x40);
            }
            return fault == SensorFault.None ? Get(MotionRegisters.InterruptStatus, 1) : fault;
        }

        /// <summary>Frees the bus, after <see cref="SensorFault.BusStuck"/>. The sensor must be started again.</summary>
        public void RecoverBus()
        {
            _bus.Recover();
        }

        private int FifoBytes()
        {
            return _device == Mpu6050 || _device == Mpu6886 ? FifoBytesMpu6050 : FifoBytesMpu6500;
        }

        /// <summary>
        /// Accelerations, temperature and rates of turn, in this order: separate bits up to the MPU9250; in the MPU6886
        /// the temperature comes with the rates.
        /// </summary>
        private int FifoContents()
        {
            return _device == Mpu6886 ? 0x18 : 0xF8;
        }

        private int EmptyFifo()
        {
            int fault = Put(MotionRegisters.UserControl, MotionRegisters.FifoReset);
            if (fault == SensorFault.None)
                fault = Put(MotionRegisters.UserControl, MotionRegisters.FifoOn);
            return fault == SensorFault.None ? Get(MotionRegisters.InterruptStatus, 1) : fault;
        }

        private void Decode(short[] row, int rowAt)
        {
            byte[] data = _data;
            for (int i = 0; i < RowBytes; i += 2)
            {
                // Bytes 6 and 7 are the temperature.
                if (i != 6)
                    row[rowAt++] = (short)((data[i] << 8) | data[i + 1]);
            }
        }

        private int Get(int register, int count)
        {
            return FaultOf(_bus.Read(register, _data, count));
        }

        private int Put(int register, int value)
        {
            return FaultOf(_bus.Write(register, value));
        }

        private static int FaultOf(int result)
        {
            return result == BusResult.Ok ? SensorFault.None : result == BusResult.Stuck ? SensorFault.BusStuck : SensorFault.NotAcknowledged;
        }
    }
}

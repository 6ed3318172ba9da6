namespace TinyAI.Boards
{
    /// <summary>
    /// Rows from a sensor that may fail: reads what waits, and after a fault retries, frees the bus or starts the sensor
    /// again, with pauses that grow. Whoever reads learns of every gap, because windows must not reach across one.
    /// </summary>
    public class SensorFeed
    {
        /// <summary>Transfers that may fail in a row before the sensor is started again.</summary>
        public const int Retries = 3;
        /// <summary>Polls that find nothing before the sensor's settings are looked at.</summary>
        public const int IdlePolls = 50;
        /// <summary>Longest pause between two attempts to start, in polls.</summary>
        public const int LongestPause = 64;

        private readonly MotionSensor _sensor;
        private readonly int _rowsPerSecond;
        private int _waiting;
        private int _failures;
        private int _pause;
        private int _pauseLeft;
        private int _idle;
        private bool _started;
        private bool _gap;
        private int _lastFault;
        private int _faults;
        private int _overruns;
        private int _starts;

        /// <summary>Rows of a sensor at a rate; the sensor is started by the first <see cref="Next"/>.</summary>
        public SensorFeed(MotionSensor sensor, int rowsPerSecond)
        {
            _sensor = sensor;
            _rowsPerSecond = rowsPerSecond;
        }

        /// <summary>The last fault, one of the constants of <see cref="SensorFault"/>; None once rows come again.</summary>
        public int LastFault
        {
            get { return _lastFault; }
        }

        /// <summary>Faults so far, overruns among them.</summary>
        public int FaultCount
        {
            get { return _faults; }
        }

        /// <summary>Overruns so far.</summary>
        public int OverrunCount
        {
            get { return _overruns; }
        }

        /// <summary>Times that the sensor was started.</summary>
        public int StartCount
        {
            get { return _starts; }
        }

        /// <summary>
        /// Takes the next row to row from rowAt. True where there was one; otherwise wait a few milliseconds. Never
        /// throws and never waits itself.
        /// </summary>
        public bool Next(short[] row, int rowAt)
        {
            if (!_started && !Start())
                return false;
            if (_waiting == 0)
            {
                int waiting = _sensor.RowsWaiting();
                if (waiting < 0)
                {
                    Fail(waiting);
                    return false;
                }
                _waiting = waiting;
                if (waiting == 0)
                {
                    LookWhenIdle();
                    return false;
                }
            }
            int fault = _sensor.ReadWaiting(row, rowAt);
            if (fault != SensorFault.None)
            {
                // How much of the row the sensor gave is unknown: it begins anew with an empty FIFO.
                Fail(fault);
                _started = false;
                return false;
            }
            _waiting--;
            _failures = 0;
            _idle = 0;
            _pause = 0;
            _lastFault = SensorFault.None;
            return true;
        }

        /// <summary>Whether rows are missing between the last one and the one before; asking forgets it.</summary>
        public bool TakeGap()
        {
            bool gap = _gap;
            _gap = false;
            return gap;
        }

        private bool Start()
        {
            if (_pauseLeft > 0)
            {
                _pauseLeft--;
                return false;
            }
            _starts++;
            int fault = _sensor.Start(_rowsPerSecond);
            if (fault != SensorFault.None)
            {
                Fail(fault);
                return false;
            }
            _started = true;
            _failures = 0;
            _waiting = 0;
            _idle = 0;
            _gap = _starts > 1;
            return true;
        }

        private void Fail(int fault)
        {
            _lastFault = fault;
            _faults++;
            _waiting = 0;
            if (fault == SensorFault.Overrun)
            {
                _overruns++;
                _gap = true;
                return;
            }
            if (fault == SensorFault.BusStuck)
                _sensor.RecoverBus();
            _failures++;
            if (_started && fault == SensorFault.NotAcknowledged && _failures < Retries)
                return;
            _started = false;
            _pause = _pause == 0 ? 1 : _pause * 2 > LongestPause ? LongestPause : _pause * 2;
            _pauseLeft = _pause;
        }

        /// <summary>A sensor that gives nothing for long may have lost its settings.</summary>
        private void LookWhenIdle()
        {
            _idle++;
            if (_idle < IdlePolls)
                return;
            _idle = 0;
            int fault = _sensor.CheckSettings();
            if (fault != SensorFault.None)
                Fail(fault);
        }
    }
}

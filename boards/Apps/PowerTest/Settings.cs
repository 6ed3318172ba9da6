namespace TinyAI.Apps
{
    /// <summary>What the power test does. Change <see cref="Mode"/> and build.</summary>
    internal static class Settings
    {
        /// <summary>The benchmark protocol, timestamps as text.</summary>
        public const int Performance = 0;
        /// <summary>The benchmark protocol, timestamps as edges on a pin.</summary>
        public const int Energy = 1;
        /// <summary>Sleeps most of the time, for measuring how long a battery lasts.</summary>
        public const int Duty = 2;

        /// <summary>One of the above. A button held at reset makes Energy of Performance.</summary>
        public static int Mode
        {
            get { return Performance; }
        }

        /// <summary>Baud in performance mode.</summary>
        public const int PerformanceBaud = 115200;
        /// <summary>Baud in energy mode.</summary>
        public const int EnergyBaud = 9600;

        /// <summary>Duty: whether it sleeps deeply, which begins the application anew at every wake.</summary>
        public static bool DeepSleep
        {
            get { return false; }
        }
        /// <summary>Duty: rows a second while awake.</summary>
        public const int RowsPerSecond = 100;
        /// <summary>Duty: milliseconds of one sleep.</summary>
        public const int SleepMilliseconds = 10000;
        /// <summary>Duty: milliseconds of stillness after which it sleeps.</summary>
        public const int LookMilliseconds = 300;
        /// <summary>Duty: milliseconds awake at most.</summary>
        public const int LimitMilliseconds = 30000;
        /// <summary>Duty: thousandths of g that wake it.</summary>
        public const int WakeMilliG = 80;
        /// <summary>Duty, light sleep: sleeps from one saving of the counters to the next.</summary>
        public const int SleepsPerSave = 60;
    }
}

namespace TinyAI.Boards
{
    /// <summary>
    /// When a board that runs from a battery sleeps. Woken by the timer it looks at its sensor for a moment; woken by
    /// motion, or while there is motion, it stays until a decision is made and the device is still again. It never stays
    /// longer than a limit, so that a sensor that fails does not empty the battery.
    /// </summary>
    public class DutyCycle
    {
        // What to do next.

        /// <summary>Read the sensor.</summary>
        public const int StayAwake = 0;
        /// <summary>Save the counters and sleep for <see cref="SleepMilliseconds"/>, or until motion.</summary>
        public const int Sleep = 1;

        /// <summary>More than this between going to sleep and waking is a clock that was set, not sleep.</summary>
        public const long LongestSleep = 7L * 24 * 3600 * 1000;

        private readonly DutyCounters _counters;
        private readonly int _sleep;
        private readonly int _look;
        private readonly int _limit;
        private long _wokeAt;
        private long _quietSince;
        private int _windowsBefore;
        private int _decisionsBefore;

        /// <summary>
        /// Milliseconds: of one sleep, of stillness after which it sleeps, and awake at most.
        /// </summary>
        public DutyCycle(DutyCounters counters, int sleepMilliseconds, int lookMilliseconds, int limitMilliseconds)
        {
            _counters = counters;
            _sleep = sleepMilliseconds;
            _look = lookMilliseconds;
            _limit = limitMilliseconds;
        }

        /// <summary>Milliseconds of one sleep.</summary>
        public int SleepMilliseconds
        {
            get { return _sleep; }
        }

        /// <summary>
        /// The board runs, for this cause, now in milliseconds of the system's clock. The time asleep is taken from the
        /// clock where it went on and makes sense, and from the timer where that woke the board.
        /// </summary>
        public void Wake(int cause, long now)
        {
            if (cause == WakeCause.Timer)
                _counters.TimerWakes++;
            else if (cause == WakeCause.Motion)
                _counters.MotionWakes++;
            else
                _counters.PowerOns++;
            long slept = _counters.SleptAt == 0 ? -1 : now - _counters.SleptAt;
            if (cause != WakeCause.PowerOn && slept >= 0 && slept <= LongestSleep)
                _counters.AsleepMilliseconds += slept;
            else if (cause == WakeCause.Timer)
                _counters.AsleepMilliseconds += _sleep;
            _counters.SleptAt = 0;
            _wokeAt = now;
            _quietSince = now;
        }

        /// <summary>
        /// What to do, after the rows that waited have gone through the pipeline. Windows and decisions are the pipeline's
        /// counters, which begin at 0 after deep sleep and go on after light sleep.
        /// </summary>
        public int Next(bool moving, bool busy, int windows, int decisions, long now)
        {
            _counters.Windows += windows - _windowsBefore;
            _counters.Decisions += decisions - _decisionsBefore;
            _windowsBefore = windows;
            _decisionsBefore = decisions;
            if (moving || busy)
                _quietSince = now;
            // A clock that was set back must not keep the board awake.
            if (now < _quietSince)
                _quietSince = now;
            if (now < _wokeAt)
                _wokeAt = now;
            if (now - _quietSince < _look && now - _wokeAt < _limit)
                return StayAwake;
            _counters.AwakeMilliseconds += now - _wokeAt;
            _counters.SleptAt = now;
            return Sleep;
        }
    }
}

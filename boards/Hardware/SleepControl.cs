using System;
using nanoFramework.Hardware.Esp32;

namespace TinyAI.Boards.Hardware
{
    /// <summary>The chip's sleep, and why it woke.</summary>
    public class SleepControl
    {
        private readonly int _interrupt;

        /// <summary>Sleep of a board.</summary>
        public SleepControl(BoardPins pins)
        {
            _interrupt = pins.SensorInterrupt;
        }

        /// <summary>Whether the sensor can wake this board.</summary>
        public bool WakesOnMotion
        {
            get { return _interrupt != BoardPins.None; }
        }

        /// <summary>Why the chip runs, one of the constants of <see cref="WakeCause"/>.</summary>
        public static int Cause()
        {
            Sleep.WakeupCause cause = Sleep.GetWakeupCause();
            if (cause == Sleep.WakeupCause.Timer)
                return WakeCause.Timer;
            return cause == Sleep.WakeupCause.Ext0 || cause == Sleep.WakeupCause.Ext1 ? WakeCause.Motion : WakeCause.PowerOn;
        }

        /// <summary>
        /// Sleeps until the time is over or the sensor raises its interrupt. Light sleep returns; after deep sleep the
        /// application begins anew, with nothing kept but files.
        /// </summary>
        public void Enter(bool deep, int milliseconds)
        {
            Sleep.EnableWakeupByTimer(TimeSpan.FromMilliseconds(milliseconds));
            if (WakesOnMotion)
                Sleep.EnableWakeupByPin((Sleep.WakeupGpioPin)(1UL << _interrupt), 1);
            if (deep)
                Sleep.StartDeepSleep();
            else
                Sleep.StartLightSleep();
        }
    }
}

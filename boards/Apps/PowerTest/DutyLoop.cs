using System;
using System.Threading;
using TinyAI.Boards;
using TinyAI.Boards.Hardware;
using TinyAI.TinyRuntime;

namespace TinyAI.Apps
{
    /// <summary>The duty cycle on a board: looks at the sensor, recognises what moves, saves its counters, sleeps.</summary>
    internal static class DutyLoop
    {
        private const string CounterFolder = "I:\\";
        private const long TicksPerMillisecond = 10000;
        private const int IdleMilliseconds = 2;

        /// <summary>Runs until the board sleeps deeply, or for ever.</summary>
        public static void Run(BoardPins pins)
        {
            DutyCounters counters = new DutyCounters();
            CounterMemory memory = new CounterMemory(new CounterFiles(CounterFolder));
            memory.Load(counters);
            DutyCycle cycle = new DutyCycle(counters, Settings.SleepMilliseconds, Settings.LookMilliseconds, Settings.LimitMilliseconds);
            cycle.Wake(SleepControl.Cause(), Now());
            Say(counters);
            Model model = ModelSource.Load();
            SleepControl sleep = new SleepControl(pins);
            MotionSensor sensor = new MotionSensor(new I2cBus(pins));
            GesturePipeline pipeline = new GesturePipeline(model, new GestureSettings());
            short[] row = new short[MotionSensor.Channels];
            int sleeps = 0;
            while (true)
            {
                SensorFeed feed = new SensorFeed(sensor, Settings.RowsPerSecond);
                pipeline.Restart();
                do
                {
                    while (feed.Next(row, 0))
                    {
                        if (feed.TakeGap())
                            pipeline.Restart();
                        pipeline.Add(row, 0);
                    }
                    Thread.Sleep(IdleMilliseconds);
                }
                while (cycle.Next(pipeline.IsMoving, pipeline.IsBusy, pipeline.WindowCount, pipeline.DecisionCount, Now()) == DutyCycle.StayAwake);
                sleeps++;
                if ((Settings.DeepSleep || sleeps % Settings.SleepsPerSave == 0) && !memory.Save(counters))
                    Console.WriteLine("the counters cannot be saved: the file system is full or missing");
                if (sleep.WakesOnMotion)
                    sensor.WakeOnMotion(Settings.WakeMilliG);
                sleep.Enter(Settings.DeepSleep, cycle.SleepMilliseconds);
                cycle.Wake(SleepControl.Cause(), Now());
            }
        }

        private static long Now()
        {
            return DateTime.UtcNow.Ticks / TicksPerMillisecond;
        }

        private static void Say(DutyCounters counters)
        {
            Console.WriteLine("switched on " + counters.PowerOns + ", woken by timer " + counters.TimerWakes + ", by motion " + counters.MotionWakes);
            Console.WriteLine("windows " + counters.Windows + ", decisions " + counters.Decisions);
            Console.WriteLine("awake " + counters.AwakeMilliseconds + " ms, asleep " + counters.AsleepMilliseconds + " ms");
        }
    }
}

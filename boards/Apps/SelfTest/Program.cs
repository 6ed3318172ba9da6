using System;
using System.Device.Gpio;
using System.Threading;
using TinyAI.Boards;
using TinyAI.Boards.Hardware;

namespace TinyAI.Apps
{
    /// <summary>Self-test: runs the goldens in the pack and names the first layer that differs. The light shines when all agree.</summary>
    public static class Program
    {
        /// <summary>Runs once.</summary>
        public static void Main()
        {
            try
            {
                BoardPins pins = Board.Pins();
                bool passed = new SelfTestReport(new ConsoleLink()).Run(ModelSource.Load());
                new Light(pins, new GpioController()).Set(passed);
            }
            catch (Exception e)
            {
                Console.WriteLine("FAILED: " + e.Message);
            }
            Thread.Sleep(-1);
        }
    }
}

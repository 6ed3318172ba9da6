using System;
using System.Device.Gpio;
using System.Threading;
using TinyAI.Boards;
using TinyAI.Boards.Hardware;
using TinyAI.TinyRuntime;

namespace TinyAI.Apps
{
    /// <summary>Gesture: recognises motions of the sensor live. Decisions go to the console, the light and the screen; COM2 streams.</summary>
    public static class Program
    {
        /// <summary>Rows a second that the sensor gives: 50 or 100, as the model was trained.</summary>
        private const int RowsPerSecond = 100;
        private const int StreamBaud = 115200;
        private const int LightRows = 50;
        private const int IdleMilliseconds = 2;

        /// <summary>Runs for ever; what goes wrong is said, and begun anew.</summary>
        public static void Main()
        {
            while (true)
            {
                try
                {
                    Run(Board.Pins());
                }
                catch (Exception e)
                {
                    // Without this the program would end without a word.
                    Console.WriteLine("error: " + e.Message);
                }
                Thread.Sleep(5000);
            }
        }

        private static void Run(BoardPins pins)
        {
            Model model = ModelSource.Load();
            SensorFeed feed = new SensorFeed(new MotionSensor(new I2cBus(pins)), RowsPerSecond);
            IByteLink link = pins.SerialTransmit == BoardPins.None ? null : new SerialLink(pins, StreamBaud);
            Light light = new Light(pins, new GpioController());
            TextPanel screen = Screen.Open(pins);
            GestureLoop loop = new GestureLoop(model, new GestureSettings(), feed, RowsPerSecond, link, new ConsoleLink(), pins.Name);
            Console.WriteLine("ready: move the board");
            int lightUntil = 0;
            while (true)
            {
                if (!loop.Step())
                {
                    Thread.Sleep(IdleMilliseconds);
                    continue;
                }
                if (loop.Result == GesturePipeline.Decided)
                {
                    light.Set(true);
                    if (screen != null)
                        screen.Show(LabelOf(model, loop.Pipeline.Label));
                    lightUntil = loop.Pipeline.RowCount + LightRows;
                }
                else if (loop.Pipeline.RowCount == lightUntil)
                {
                    light.Set(false);
                    if (screen != null)
                        screen.Show("");
                }
            }
        }

        private static string LabelOf(Model model, int label)
        {
            return label < model.LabelCount ? model.Label(label) : label.ToString();
        }
    }
}

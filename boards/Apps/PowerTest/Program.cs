using System;
using System.Device.Gpio;
using System.Threading;
using TinyAI.Boards;
using TinyAI.Boards.Hardware;
using TinyAI.TinyRuntime;

namespace TinyAI.Apps
{
    /// <summary>Power test: the benchmark protocol on COM2, or a duty cycle with sleep. See Settings.</summary>
    public static class Program
    {
        private const int IdleMilliseconds = 2;

        /// <summary>Runs for ever; what goes wrong is said, and begun anew.</summary>
        public static void Main()
        {
            while (true)
            {
                try
                {
                    BoardPins pins = Board.Pins();
                    GpioController gpio = new GpioController();
                    if (Settings.Mode == Settings.Duty)
                        DutyLoop.Run(pins);
                    else
                        Serve(pins, gpio, Settings.Mode == Settings.Energy || new Light(pins, gpio).IsPressed);
                }
                catch (Exception e)
                {
                    // Without this the program would end without a word.
                    Console.WriteLine("error: " + e.Message);
                }
                Thread.Sleep(5000);
            }
        }

        private static void Serve(BoardPins pins, GpioController gpio, bool energy)
        {
            Model model = ModelSource.Load();
            DutBoard board = new DutBoard(pins, gpio);
            SerialLink link = new SerialLink(pins, energy ? Settings.EnergyBaud : Settings.PerformanceBaud);
            DutProtocol protocol = new DutProtocol(new DutInference(model, board), link, board, energy, pins.Name);
            byte[] buffer = new byte[CommandReader.Size];
            Console.WriteLine(energy ? "energy mode, 9600 baud on COM2" : "performance mode, 115200 baud on COM2");
            protocol.Start();
            while (true)
            {
                int count = link.Read(buffer, buffer.Length);
                if (count > 0)
                    protocol.Receive(buffer, count);
                else
                    Thread.Sleep(IdleMilliseconds);
            }
        }
    }
}

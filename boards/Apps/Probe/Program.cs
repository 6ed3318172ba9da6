using System;
using System.Threading;
using TinyAI.Boards;
using TinyAI.Boards.Hardware;

namespace TinyAI.Apps
{
    /// <summary>Probe: some seconds of measurements, and a line of JSON for `modelpacker board add --from FILE`.</summary>
    public static class Program
    {
        /// <summary>Runs once.</summary>
        public static void Main()
        {
            try
            {
                Console.WriteLine("probe: copy the next line that begins with { into a file");
                new ProbeReport(new ProbeBoard(Board.Pins()), new ConsoleLink()).Run();
            }
            catch (Exception e)
            {
                Console.WriteLine("error: " + e.Message);
            }
            Thread.Sleep(-1);
        }
    }
}

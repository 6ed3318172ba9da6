using TinyAI.Boards.Hardware;

namespace TinyAI.Apps
{
    /// <summary>M5Core2: built-in MPU6886; the second serial port on port C. Its light hangs on the power chip and is left out; Screen.cs has its screen.</summary>
    internal static class Board
    {
        /// <summary>The board's pins.</summary>
        public static BoardPins Pins()
        {
            return new BoardPins
            {
                Name = "m5core2", I2cData = 21, I2cClock = 22,
                SerialTransmit = 14, SerialReceive = 13, Timestamp = 26, MarkerA = 19, MarkerB = 27,
            };
        }
    }
}

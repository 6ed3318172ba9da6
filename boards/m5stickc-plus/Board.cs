using TinyAI.Boards.Hardware;

namespace TinyAI.Apps
{
    /// <summary>M5StickC Plus: built-in MPU6886, red light, button A; the second serial port on the Grove connector. Screen.cs has its screen.</summary>
    internal static class Board
    {
        /// <summary>The board's pins.</summary>
        public static BoardPins Pins()
        {
            return new BoardPins
            {
                Name = "m5stickc-plus", I2cData = 21, I2cClock = 22, SensorInterrupt = 35,
                SerialTransmit = 32, SerialReceive = 33, Timestamp = 26, MarkerA = 25, MarkerB = 0, Light = 10, LightIsLow = true, Button = 37,
            };
        }
    }
}

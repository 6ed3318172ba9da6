using TinyAI.Boards.Hardware;

namespace TinyAI.Apps
{
    /// <summary>ESP32-C3 with an MPU6050 or MPU6886 on I2C. Its light is no plain one and motion cannot wake it, so both are left out.</summary>
    internal static class Board
    {
        /// <summary>The board's pins.</summary>
        public static BoardPins Pins()
        {
            return new BoardPins
            {
                Name = "esp32-c3", I2cData = 5, I2cClock = 6,
                SerialTransmit = 7, SerialReceive = 4, Timestamp = 10, MarkerA = 0, MarkerB = 1, Button = 9,
            };
        }
    }
}

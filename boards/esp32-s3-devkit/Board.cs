using TinyAI.Boards.Hardware;

namespace TinyAI.Apps
{
    /// <summary>ESP32-S3 DevKit with an MPU6050 or MPU6886 on I2C. Its light is no plain one, so it is left out.</summary>
    internal static class Board
    {
        /// <summary>The board's pins.</summary>
        public static BoardPins Pins()
        {
            return new BoardPins
            {
                Name = "esp32-s3", I2cData = 8, I2cClock = 9, SensorInterrupt = 7,
                SerialTransmit = 17, SerialReceive = 18, Timestamp = 4, MarkerA = 5, MarkerB = 6, Button = 0,
            };
        }
    }
}

using TinyAI.Boards.Hardware;

namespace TinyAI.Apps
{
    /// <summary>ESP32 DevKit (WROOM) with an MPU6050 or MPU6886 on I2C; the second serial port on the pins of UART 2.</summary>
    internal static class Board
    {
        /// <summary>The board's pins.</summary>
        public static BoardPins Pins()
        {
            return new BoardPins
            {
                Name = "esp32", I2cData = 21, I2cClock = 22, SensorInterrupt = 27,
                SerialTransmit = 17, SerialReceive = 16, Timestamp = 25, MarkerA = 26, MarkerB = 33, Light = 2, Button = 0,
            };
        }
    }
}

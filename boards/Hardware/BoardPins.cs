namespace TinyAI.Boards.Hardware
{
    /// <summary>
    /// A board in a few lines: which pins what is on, by their GPIO numbers. <see cref="None"/> where there is nothing;
    /// applications do without.
    /// </summary>
    public class BoardPins
    {
        /// <summary>There is no such pin.</summary>
        public const int None = -1;

        /// <summary>Name of the board: of its folder, and of its profile in boards/profiles.</summary>
        public string Name = "";
        /// <summary>Data line of the sensor's bus.</summary>
        public int I2cData = None;
        /// <summary>Clock line of the sensor's bus.</summary>
        public int I2cClock = None;
        /// <summary>Address of the sensor: 0x68, or 0x69 with its address pin high.</summary>
        public int SensorAddress = 0x68;
        /// <summary>The sensor's interrupt, on a pin that can wake the chip.</summary>
        public int SensorInterrupt = None;
        /// <summary>Output of the application's serial port, COM2.</summary>
        public int SerialTransmit = None;
        /// <summary>Input of the application's serial port.</summary>
        public int SerialReceive = None;
        /// <summary>The timestamp of the power test.</summary>
        public int Timestamp = None;
        /// <summary>Marker A of the power test.</summary>
        public int MarkerA = None;
        /// <summary>Marker B of the power test.</summary>
        public int MarkerB = None;
        /// <summary>A light.</summary>
        public int Light = None;
        /// <summary>Whether the light shines when its pin is low.</summary>
        public bool LightIsLow;
        /// <summary>A button that pulls its pin low; the board pulls it up.</summary>
        public int Button = None;
    }
}

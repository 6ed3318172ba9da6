using System.IO.Ports;
using nanoFramework.Hardware.Esp32;

namespace TinyAI.Boards.Hardware
{
    /// <summary>The application's serial port, COM2: COM1 is the debugger's.</summary>
    public class SerialLink : IByteLink
    {
        private readonly SerialPort _port;

        /// <summary>Opens the port on a board's pins.</summary>
        public SerialLink(BoardPins pins, int baud)
        {
            Configuration.SetPinFunction(pins.SerialTransmit, DeviceFunction.COM2_TX);
            Configuration.SetPinFunction(pins.SerialReceive, DeviceFunction.COM2_RX);
            _port = new SerialPort("COM2", baud);
            _port.Open();
        }

        /// <inheritdoc/>
        public int Read(byte[] buffer, int count)
        {
            int waiting = _port.BytesToRead;
            if (waiting == 0)
                return 0;
            return _port.Read(buffer, 0, waiting < count ? waiting : count);
        }

        /// <inheritdoc/>
        public void Write(byte[] data, int count)
        {
            _port.Write(data, 0, count);
        }
    }
}

using System.Device.Gpio;
using nanoFramework.Hardware.Esp32;

namespace TinyAI.Boards.Hardware
{
    /// <summary>The clock and the three pins of the power test.</summary>
    public class DutBoard : IDutBoard
    {
        private readonly GpioPin _timestamp;
        private readonly GpioPin _markerA;
        private readonly GpioPin _markerB;

        /// <summary>Takes a board's pins; those that it does not have are left out.</summary>
        public DutBoard(BoardPins pins, GpioController gpio)
        {
            _timestamp = Output(gpio, pins.Timestamp, PinValue.High);
            _markerA = Output(gpio, pins.MarkerA, PinValue.Low);
            _markerB = Output(gpio, pins.MarkerB, PinValue.Low);
        }

        /// <inheritdoc/>
        public long Microseconds()
        {
            return (long)HighResTimer.GetCurrent();
        }

        /// <inheritdoc/>
        public void Timestamp()
        {
            if (_timestamp == null)
                return;
            // Two calls of the interpreter apart: some ten microseconds, at least one is asked for.
            _timestamp.Write(PinValue.Low);
            long until = Microseconds() + 2;
            while (Microseconds() < until)
            {
            }
            _timestamp.Write(PinValue.High);
        }

        /// <inheritdoc/>
        public void Mark(int phase)
        {
            if (_markerA != null)
                _markerA.Write((phase & 1) != 0 ? PinValue.High : PinValue.Low);
            if (_markerB != null)
                _markerB.Write((phase & 2) != 0 ? PinValue.High : PinValue.Low);
        }

        private static GpioPin Output(GpioController gpio, int number, PinValue value)
        {
            if (number == BoardPins.None)
                return null;
            GpioPin pin = gpio.OpenPin(number, PinMode.Output);
            pin.Write(value);
            return pin;
        }
    }
}

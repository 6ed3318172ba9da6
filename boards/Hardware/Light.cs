using System.Device.Gpio;

namespace TinyAI.Boards.Hardware
{
    /// <summary>A board's light and button, or neither.</summary>
    public class Light
    {
        private readonly GpioPin _light;
        private readonly GpioPin _button;
        private readonly bool _low;

        /// <summary>Takes a board's pins; the light is off.</summary>
        public Light(BoardPins pins, GpioController gpio)
        {
            _low = pins.LightIsLow;
            if (pins.Light != BoardPins.None)
                _light = gpio.OpenPin(pins.Light, PinMode.Output);
            if (pins.Button != BoardPins.None)
                _button = gpio.OpenPin(pins.Button, PinMode.Input);
            Set(false);
        }

        /// <summary>Whether the button is held.</summary>
        public bool IsPressed
        {
            get { return _button != null && _button.Read() == PinValue.Low; }
        }

        /// <summary>Switches the light.</summary>
        public void Set(bool on)
        {
            if (_light != null)
                _light.Write(on != _low ? PinValue.High : PinValue.Low);
        }
    }
}

using System;
using System.Device.Gpio;
using System.Device.Spi;
using System.Threading;
using nanoFramework.Hardware.Esp32;

namespace TinyAI.Boards.Screen
{
    /// <summary>A display's controller on the first SPI bus: data and clock, a select, a wire that tells commands from data, perhaps a reset.</summary>
    public class SpiPanel : IPanelBus
    {
        /// <summary>There is no such wire.</summary>
        public const int None = -1;

        private const int Bus = 1;
        private const int Hertz = 20000000;
        private const int ResetMilliseconds = 20;

        private readonly SpiDevice _device;
        private readonly GpioPin _isData;
        private readonly GpioPin _reset;
        private readonly byte[] _command = new byte[1];

        /// <summary>Opens the bus on these pins; reset may be <see cref="None"/>.</summary>
        public SpiPanel(int data, int clock, int select, int isData, int reset)
        {
            Configuration.SetPinFunction(data, DeviceFunction.SPI1_MOSI);
            Configuration.SetPinFunction(clock, DeviceFunction.SPI1_CLOCK);
            SpiConnectionSettings settings = new SpiConnectionSettings(Bus, select);
            settings.ClockFrequency = Hertz;
            settings.Mode = SpiMode.Mode0;
            settings.Configuration = SpiBusConfiguration.Simplex;
            _device = SpiDevice.Create(settings);
            GpioController gpio = new GpioController();
            _isData = gpio.OpenPin(isData, PinMode.Output);
            if (reset != None)
                _reset = gpio.OpenPin(reset, PinMode.Output);
        }

        /// <inheritdoc/>
        public void Reset()
        {
            if (_reset == null)
                return;
            _reset.Write(PinValue.Low);
            Wait(ResetMilliseconds);
            _reset.Write(PinValue.High);
            Wait(ResetMilliseconds);
        }

        /// <inheritdoc/>
        public void Command(int command)
        {
            _command[0] = (byte)command;
            _isData.Write(PinValue.Low);
            _device.Write(new SpanByte(_command, 0, 1));
            _isData.Write(PinValue.High);
        }

        /// <inheritdoc/>
        public void Data(byte[] data, int count)
        {
            _device.Write(new SpanByte(data, 0, count));
        }

        /// <inheritdoc/>
        public void Wait(int milliseconds)
        {
            Thread.Sleep(milliseconds);
        }
    }
}

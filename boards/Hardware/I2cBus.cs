using System;
using System.Device.Gpio;
using System.Device.I2c;
using System.Threading;
using nanoFramework.Hardware.Esp32;

namespace TinyAI.Boards.Hardware
{
    /// <summary>
    /// A device on the board's own I2C bus. Transfers use two buffers that are made once. A SpanByte, which the class library asks for, is a
    /// struct that the interpreter keeps on its heap for the length of the call; nothing else is made.
    /// </summary>
    public class I2cBus : II2cBus
    {
        private const int Bus = 1;
        private const int ClocksToFreeTheBus = 9;

        private readonly BoardPins _pins;
        private readonly int _address;
        private readonly byte[] _register = new byte[1];
        private readonly byte[] _write = new byte[2];
        private I2cDevice _device;

        /// <summary>Opens the bus to the sensor on a board's pins, at 400 kHz.</summary>
        public I2cBus(BoardPins pins) : this(pins, pins.SensorAddress)
        {
        }

        /// <summary>The same to another device.</summary>
        public I2cBus(BoardPins pins, int address)
        {
            _pins = pins;
            _address = address;
            Open();
        }

        /// <inheritdoc/>
        public int Read(int register, byte[] data, int count)
        {
            _register[0] = (byte)register;
            try
            {
                return ResultOf(_device.WriteRead(new SpanByte(_register, 0, 1), new SpanByte(data, 0, count)).Status);
            }
            catch (Exception)
            {
                return BusResult.Stuck;
            }
        }

        /// <inheritdoc/>
        public int Write(int register, int value)
        {
            _write[0] = (byte)register;
            _write[1] = (byte)value;
            try
            {
                return ResultOf(_device.Write(new SpanByte(_write, 0, 2)).Status);
            }
            catch (Exception)
            {
                return BusResult.Stuck;
            }
        }

        /// <inheritdoc/>
        public void Recover()
        {
            _device.Dispose();
            GpioController gpio = new GpioController();
            GpioPin clock = gpio.OpenPin(_pins.I2cClock, PinMode.OutputOpenDrain);
            GpioPin data = gpio.OpenPin(_pins.I2cData, PinMode.OutputOpenDrain);
            data.Write(PinValue.High);
            for (int i = 0; i < ClocksToFreeTheBus; i++)
            {
                clock.Write(PinValue.Low);
                Thread.Sleep(1);
                clock.Write(PinValue.High);
                Thread.Sleep(1);
            }
            // A stop: data rises while the clock is high.
            data.Write(PinValue.Low);
            Thread.Sleep(1);
            data.Write(PinValue.High);
            clock.Dispose();
            data.Dispose();
            gpio.Dispose();
            Open();
        }

        private void Open()
        {
            Configuration.SetPinFunction(_pins.I2cData, DeviceFunction.I2C1_DATA);
            Configuration.SetPinFunction(_pins.I2cClock, DeviceFunction.I2C1_CLOCK);
            _device = I2cDevice.Create(new I2cConnectionSettings(Bus, _address, I2cBusSpeed.FastMode));
        }

        private static int ResultOf(I2cTransferStatus status)
        {
            if (status == I2cTransferStatus.FullTransfer)
                return BusResult.Ok;
            return status == I2cTransferStatus.SlaveAddressNotAcknowledged || status == I2cTransferStatus.PartialTransfer
                ? BusResult.NotAcknowledged
                : BusResult.Stuck;
        }
    }
}

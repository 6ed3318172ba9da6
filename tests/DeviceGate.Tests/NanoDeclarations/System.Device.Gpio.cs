// Declarations only, see README.md.
namespace System.Device.Gpio
{
    public enum PinMode
    {
        Input,
        InputPullDown,
        InputPullUp,
        Output,
        OutputOpenDrain,
    }

    public struct PinValue
    {
        public static PinValue Low => default;
        public static PinValue High => default;
        public static bool operator ==(PinValue a, PinValue b) => false;
        public static bool operator !=(PinValue a, PinValue b) => false;
        public override bool Equals(object obj) => false;
        public override int GetHashCode() => 0;
    }

    public sealed class GpioPin : IDisposable
    {
        public PinValue Read() => default;
        public void Write(PinValue value) { }
        public void Dispose() { }
    }

    public sealed class GpioController : IDisposable
    {
        public GpioPin OpenPin(int pinNumber, PinMode mode) => null;
        public void Dispose() { }
    }
}

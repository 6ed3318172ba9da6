// Declarations only, see README.md.
namespace System.Device.I2c
{
    public enum I2cBusSpeed
    {
        StandardMode,
        FastMode,
    }

    public enum I2cTransferStatus
    {
        UnknownError,
        FullTransfer,
        ClockStretchTimeout,
        PartialTransfer,
        SlaveAddressNotAcknowledged,
    }

    public struct I2cTransferResult
    {
        public I2cTransferStatus Status => default;
        public uint BytesTransferred => 0;
    }

    public sealed class I2cConnectionSettings
    {
        public I2cConnectionSettings(int busId, int deviceAddress, I2cBusSpeed busSpeed) { }
    }

    public class I2cDevice : IDisposable
    {
        public static I2cDevice Create(I2cConnectionSettings settings) => null;
        public I2cTransferResult Write(SpanByte buffer) => default;
        public I2cTransferResult WriteRead(SpanByte writeBuffer, SpanByte readBuffer) => default;
        public void Dispose() { }
    }
}

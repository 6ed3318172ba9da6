// Declarations only, see README.md.
namespace System.IO.Ports
{
    public enum Parity
    {
        None,
        Odd,
        Even,
        Mark,
        Space,
    }

    public enum StopBits
    {
        None,
        One,
        Two,
        OnePointFive,
    }

    public sealed class SerialPort : IDisposable
    {
        public SerialPort(string portName, int baudRate = 9600, Parity parity = Parity.None, int dataBits = 8, StopBits stopBits = StopBits.One) { }
        public int BytesToRead => 0;
        public void Open() { }
        public int Read(byte[] buffer, int offset, int count) => 0;
        public void Write(byte[] buffer, int offset, int count) { }
        public void Dispose() { }
    }
}

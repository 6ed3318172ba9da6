// Declarations only, see README.md.
namespace System.Device.Spi
{
    public enum SpiMode
    {
        Mode0,
        Mode1,
        Mode2,
        Mode3,
    }

    public enum SpiBusConfiguration
    {
        FullDuplex,
        HalfDuplex,
        Simplex,
    }

    public sealed class SpiConnectionSettings
    {
        public SpiConnectionSettings(int busId, int chipSelectLine = -1) { }
        public SpiMode Mode { get; set; }
        public int ClockFrequency { get; set; }
        public SpiBusConfiguration Configuration { get; set; }
    }

    public class SpiDevice : IDisposable
    {
        public static SpiDevice Create(SpiConnectionSettings settings) => null;
        public void Write(SpanByte buffer) { }
        public void Dispose() { }
    }
}

namespace TinyAI.Boards
{
    /// <summary>One device on an I2C bus. Every transfer says how it went; none throws.</summary>
    public interface II2cBus
    {
        /// <summary>
        /// Reads count bytes from a register and those after it to data from 0. Returns one of the constants of
        /// <see cref="BusResult"/>; data is not to be used unless that is Ok.
        /// </summary>
        int Read(int register, byte[] data, int count);

        /// <summary>Writes one byte to a register. Returns one of the constants of <see cref="BusResult"/>.</summary>
        int Write(int register, int value);

        /// <summary>
        /// Frees a bus on which a device holds the data line: clocks it out with nine pulses and a stop, and opens the
        /// bus anew.
        /// </summary>
        void Recover();
    }
}

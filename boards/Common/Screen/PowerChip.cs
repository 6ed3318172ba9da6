namespace TinyAI.Boards
{
    /// <summary>
    /// The AXP192, which feeds the screens of M5 boards. Registers are changed bit by bit, because the same chip feeds the
    /// processor. Its successor answers at the same address with other registers, so nothing is written to a chip that does
    /// not name itself.
    /// </summary>
    public class PowerChip
    {
        /// <summary>Its address on the bus.</summary>
        public const int Address = 0x34;

        private const int Name = 0x03;
        private const int Axp192 = 0x03;

        private readonly II2cBus _bus;
        private readonly byte[] _value = new byte[1];

        /// <summary>A chip on this bus.</summary>
        public PowerChip(II2cBus bus)
        {
            _bus = bus;
        }

        /// <summary>Whether the chip answers and is an AXP192.</summary>
        public bool IsThere
        {
            get { return _bus.Read(Name, _value, 1) == BusResult.Ok && _value[0] == Axp192; }
        }

        /// <summary>Keeps some bits of a register and sets others. False where the chip does not answer.</summary>
        public bool Set(int register, int keep, int bits)
        {
            if (_bus.Read(register, _value, 1) != BusResult.Ok)
                return false;
            return _bus.Write(register, (_value[0] & keep) | bits) == BusResult.Ok;
        }
    }
}

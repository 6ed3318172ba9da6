using System.Threading;

namespace TinyAI.Boards
{
    /// <summary>Switches on the screens that the AXP192 feeds. The processor's own supply, DCDC1, is left as it is.</summary>
    public static class ScreenPower
    {
        private const int Outputs = 0x12;
        private const int Ldo3 = 0x08;
        private const int Ldo2 = 0x04;
        private const int Dcdc3 = 0x02;
        private const int Dcdc3Voltage = 0x27;
        private const int LdoVoltages = 0x28;
        private const int Pin4Mode = 0x95;
        private const int Pin4 = 0x96;
        private const int Pin4Level = 0x02;
        private const int ResetMilliseconds = 100;

        /// <summary>M5StickC Plus: LDO2 feeds the light behind the glass, LDO3 the controller, both with 3.0 V. False where the chip is another or does not answer.</summary>
        public static bool OnStick(PowerChip chip)
        {
            return chip.IsThere && chip.Set(LdoVoltages, 0x00, 0xCC) && chip.Set(Outputs, 0xFF, Ldo2 | Ldo3);
        }

        /// <summary>M5Core2: DCDC3 feeds the light with 2.8 V, LDO2 the controller with 3.3 V; pin 4 is an open drain to the controller's reset.</summary>
        public static bool OnCore2(PowerChip chip)
        {
            if (!chip.IsThere || !chip.Set(Dcdc3Voltage, 0x80, 0x54) || !chip.Set(LdoVoltages, 0x0F, 0xF0) || !chip.Set(Outputs, 0xFF, Ldo2 | Dcdc3))
                return false;
            if (!chip.Set(Pin4Mode, 0x72, 0x84) || !chip.Set(Pin4, ~Pin4Level & 0xFF, 0))
                return false;
            Thread.Sleep(ResetMilliseconds);
            bool done = chip.Set(Pin4, 0xFF, Pin4Level);
            Thread.Sleep(ResetMilliseconds);
            return done;
        }
    }
}

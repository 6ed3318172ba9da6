using System;
using TinyAI.Boards;
using TinyAI.Boards.Hardware;
using TinyAI.Boards.Screen;

namespace TinyAI.Apps
{
    /// <summary>The screen of the M5Core2: an ILI9342 with 320 by 240 pixels. Version 1.1 of the board has another power chip, and no screen here.</summary>
    internal static class Screen
    {
        /// <summary>Switches the screen on; null where that fails.</summary>
        public static TextPanel Open(BoardPins pins)
        {
            if (!ScreenPower.OnCore2(new PowerChip(new I2cBus(pins, PowerChip.Address))))
            {
                Console.WriteLine("screen: its power chip does not answer, or is another one; going on without");
                return null;
            }
            PanelShape shape = new PanelShape { Width = 320, Height = 240, Access = 0x08, IsInverted = true };
            return new TextPanel(new SpiPanel(23, 18, 5, 15, SpiPanel.None), shape);
        }
    }
}

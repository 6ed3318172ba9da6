using System;
using TinyAI.Boards;
using TinyAI.Boards.Hardware;
using TinyAI.Boards.Screen;

namespace TinyAI.Apps
{
    /// <summary>The screen of the M5StickC Plus: an ST7789 with 135 by 240 pixels, used lengthwise.</summary>
    internal static class Screen
    {
        /// <summary>Switches the screen on; null where that fails.</summary>
        public static TextPanel Open(BoardPins pins)
        {
            if (!ScreenPower.OnStick(new PowerChip(new I2cBus(pins, PowerChip.Address))))
            {
                Console.WriteLine("screen: its power chip does not answer; going on without");
                return null;
            }
            PanelShape shape = new PanelShape { Width = 240, Height = 135, Left = 40, Top = 53, Access = 0x60, IsInverted = true };
            return new TextPanel(new SpiPanel(15, 13, 5, 23, 18), shape);
        }
    }
}

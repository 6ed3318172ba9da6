namespace TinyAI.Boards
{
    /// <summary>
    /// One line of text on a colour panel whose controller knows the commands of the MIPI display command set (ST7789,
    /// ILI9342 and their like), as large as the panel allows, in its middle. There is no image in memory: a row of pixels
    /// is made in a buffer and sent as often as a pixel is high. Limit: white on black, capitals, one line.
    /// </summary>
    public class TextPanel
    {
        private const int SoftReset = 0x01;
        private const int SleepOut = 0x11;
        private const int Normal = 0x13;
        private const int Upright = 0x20;
        private const int Inverse = 0x21;
        private const int DisplayOn = 0x29;
        private const int Columns = 0x2A;
        private const int Lines = 0x2B;
        private const int Write = 0x2C;
        private const int Access = 0x36;
        private const int PixelFormat = 0x3A;

        /// <summary>Five bits of red, six of green, five of blue.</summary>
        private const int SixteenBits = 0x55;
        private const int BytesOfPixel = 2;
        private const int ResetMilliseconds = 150;
        private const int WakeMilliseconds = 120;

        private readonly IPanelBus _bus;
        private readonly PanelShape _shape;
        private readonly byte[] _line;
        private readonly byte[] _few = new byte[4];
        private readonly int _most;
        private readonly int _bandTop;

        /// <summary>Wakes the controller and clears the panel.</summary>
        public TextPanel(IPanelBus bus, PanelShape shape)
        {
            _bus = bus;
            _shape = shape;
            _line = new byte[shape.Width * BytesOfPixel];
            _most = shape.Height / (Glyphs.Height + 2);
            _bandTop = (shape.Height - _most * Glyphs.Height) / 2;
            bus.Reset();
            bus.Command(SoftReset);
            bus.Wait(ResetMilliseconds);
            bus.Command(SleepOut);
            bus.Wait(WakeMilliseconds);
            One(PixelFormat, SixteenBits);
            One(Access, shape.Access);
            bus.Command(shape.IsInverted ? Inverse : Upright);
            bus.Command(Normal);
            Area(0, shape.Height);
            Send(shape.Height);
            bus.Command(DisplayOn);
        }

        /// <summary>Shows a text in place of the one before; null or "" clears. What is too long even for the smallest letters is cut.</summary>
        public void Show(string text)
        {
            int length = text == null ? 0 : text.Length;
            int fits = (_shape.Width + 1) / (Glyphs.Width + 1);
            if (length > fits)
                length = fits;
            int size = length == 0 ? 1 : _shape.Width / (length * (Glyphs.Width + 1) - 1);
            if (size > _most)
                size = _most;
            int left = (_shape.Width - (length * (Glyphs.Width + 1) - 1) * size) / 2;
            // The band is as high as the largest letters, so that nothing is left of an earlier text.
            int band = _most * Glyphs.Height, above = (band - size * Glyphs.Height) / 2;
            Area(_bandTop, band);
            Clear();
            Send(above);
            for (int row = 0; row < Glyphs.Height; row++)
            {
                Clear();
                for (int i = 0; i < length; i++)
                    Draw(Glyphs.Row(text[i], row), left + i * (Glyphs.Width + 1) * size, size);
                Send(size);
            }
            Clear();
            Send(band - above - size * Glyphs.Height);
        }

        private void Draw(int bits, int left, int size)
        {
            for (int column = 0; column < Glyphs.Width; column++)
            {
                if ((bits >> (Glyphs.Width - 1 - column) & 1) == 0)
                    continue;
                int from = (left + column * size) * BytesOfPixel, to = from + size * BytesOfPixel;
                for (int i = from; i < to; i++)
                    _line[i] = 0xFF;
            }
        }

        private void Clear()
        {
            for (int i = 0; i < _line.Length; i++)
                _line[i] = 0;
        }

        private void Send(int rows)
        {
            for (int i = 0; i < rows; i++)
                _bus.Data(_line, _line.Length);
        }

        /// <summary>What follows goes to whole rows of the panel.</summary>
        private void Area(int top, int rows)
        {
            Range(Columns, _shape.Left, _shape.Left + _shape.Width - 1);
            Range(Lines, _shape.Top + top, _shape.Top + top + rows - 1);
            _bus.Command(Write);
        }

        private void Range(int command, int first, int last)
        {
            _few[0] = (byte)(first >> 8);
            _few[1] = (byte)first;
            _few[2] = (byte)(last >> 8);
            _few[3] = (byte)last;
            _bus.Command(command);
            _bus.Data(_few, 4);
        }

        private void One(int command, int value)
        {
            _few[0] = (byte)value;
            _bus.Command(command);
            _bus.Data(_few, 1);
        }
    }
}

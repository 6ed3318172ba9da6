namespace TinyAI.Boards
{
    /// <summary>
    /// Builds a line of ASCII text in a buffer that is made once, and sends it. Numbers become digits in place, so a line
    /// per sensor row makes no garbage. A line longer than the buffer goes out in pieces.
    /// </summary>
    public class TextLine
    {
        /// <summary>Digits after the point of a number in millionths.</summary>
        public const int MicroDigits = 6;

        private const int Capacity = 96;

        private readonly byte[] _text = new byte[Capacity];
        private readonly byte[] _digits = new byte[20];
        private readonly IByteLink _link;
        private int _length;

        /// <summary>Lines to this link.</summary>
        public TextLine(IByteLink link)
        {
            _link = link;
        }

        /// <summary>Adds text; what is not printable ASCII becomes a question mark.</summary>
        public TextLine Add(string text)
        {
            for (int i = 0; i < text.Length; i++)
            {
                char c = text[i];
                Put((byte)(c < ' ' || c > '~' ? '?' : c));
            }
            return this;
        }

        /// <summary>Adds one character, which must be ASCII.</summary>
        public TextLine Add(char character)
        {
            Put((byte)character);
            return this;
        }

        /// <summary>Adds a number in decimal.</summary>
        public TextLine Add(long number)
        {
            if (number < 0)
                Put((byte)'-');
            AddDigits(number, 1);
            return this;
        }

        /// <summary>Adds a number given in units of 10^-digits with that many digits after the point, such as 0.250000.</summary>
        public TextLine AddFixed(long number, int digits)
        {
            if (number < 0)
                Put((byte)'-');
            long unit = 1;
            for (int i = 0; i < digits; i++)
                unit *= 10;
            AddDigits(number / unit, 1);
            if (digits == 0)
                return this;
            Put((byte)'.');
            AddDigits(number % unit, digits);
            return this;
        }

        /// <summary>Adds the two hexadecimal digits of a byte.</summary>
        public TextLine AddHex(int value)
        {
            AddNibble((value >> 4) & 15);
            AddNibble(value & 15);
            return this;
        }

        /// <summary>Adds the eight hexadecimal digits of a word.</summary>
        public TextLine AddHexWord(int value)
        {
            for (int shift = 24; shift >= 0; shift -= 8)
                AddHex(value >> shift);
            return this;
        }

        /// <summary>Adds count bytes of text, as they are.</summary>
        public TextLine AddBytes(byte[] text, int at, int count)
        {
            for (int i = at; i < at + count; i++)
                Put(text[i]);
            return this;
        }

        /// <summary>Ends the line and sends it.</summary>
        public void End()
        {
            Put((byte)'\r');
            Put((byte)'\n');
            Send();
        }

        private void AddNibble(int value)
        {
            Put((byte)(value < 10 ? '0' + value : 'a' + value - 10));
        }

        /// <summary>The digits of |number|, at least least of them.</summary>
        private void AddDigits(long number, int least)
        {
            int count = 0;
            do
            {
                // Digit by digit from the signed number: the least long has no positive counterpart.
                int digit = (int)(number % 10);
                _digits[count++] = (byte)('0' + (digit < 0 ? -digit : digit));
                number /= 10;
            }
            while (number != 0 || count < least);
            while (count > 0)
                Put(_digits[--count]);
        }

        private void Put(byte character)
        {
            if (_length == Capacity)
                Send();
            _text[_length++] = character;
        }

        private void Send()
        {
            int length = _length;
            _length = 0;
            _link.Write(_text, length);
        }
    }
}

namespace TinyAI.Boards
{
    /// <summary>
    /// Collects commands that end with a percent sign in a buffer of 80 bytes, and cuts them into words. Line ends and
    /// spaces before a command are skipped. What is too long or not text is dropped up to the next percent sign, and
    /// said to be so.
    /// </summary>
    public class CommandReader
    {
        /// <summary>Characters of a command at most, the percent sign not counted.</summary>
        public const int Size = 80;
        /// <summary>The character that ends a command.</summary>
        public const char Terminator = '%';

        // What a byte brought about.

        /// <summary>The command is not complete.</summary>
        public const int Pending = 0;
        /// <summary>A command is complete.</summary>
        public const int Ready = 1;
        /// <summary>A command has ended that was longer than the buffer; it has been dropped.</summary>
        public const int TooLong = 2;
        /// <summary>A command has ended that held bytes which are not text; it has been dropped.</summary>
        public const int NotText = 3;

        private readonly byte[] _text = new byte[Size];
        private int _length;
        private int _fault;
        private int _wordAt;
        private int _wordLength;

        /// <summary>The command's characters, <see cref="Length"/> of them.</summary>
        public byte[] Text
        {
            get { return _text; }
        }

        /// <summary>Characters of the command.</summary>
        public int Length
        {
            get { return _length; }
        }

        /// <summary>Where the current word begins.</summary>
        public int WordAt
        {
            get { return _wordAt; }
        }

        /// <summary>Characters of the current word, 0 where there is none.</summary>
        public int WordLength
        {
            get { return _wordLength; }
        }

        /// <summary>
        /// Takes one byte. A command that is <see cref="Ready"/> stays until <see cref="Clear"/>, which must come before
        /// the next byte.
        /// </summary>
        public int Add(byte character)
        {
            if (character == Terminator)
            {
                int result = _fault == 0 ? Ready : _fault;
                _fault = 0;
                if (result != Ready)
                    _length = 0;
                _wordAt = 0;
                _wordLength = 0;
                return result;
            }
            bool blank = character == ' ' || character == '\r' || character == '\n' || character == '\t';
            if (blank && _length == 0 && _fault == 0)
                return Pending;
            if (!blank && (character < ' ' || character > '~'))
                _fault = NotText;
            else if (_length == Size && _fault == 0)
                _fault = TooLong;
            if (_fault == 0)
                _text[_length++] = blank ? (byte)' ' : character;
            return Pending;
        }

        /// <summary>Forgets the command, or as much of one as has come.</summary>
        public void Clear()
        {
            _length = 0;
            _fault = 0;
            _wordAt = 0;
            _wordLength = 0;
        }

        /// <summary>Goes on to the next word; false where there is none.</summary>
        public bool NextWord()
        {
            int at = _wordAt + _wordLength;
            while (at < _length && _text[at] == ' ')
                at++;
            _wordAt = at;
            while (at < _length && _text[at] != ' ')
                at++;
            _wordLength = at - _wordAt;
            return _wordLength > 0;
        }

        /// <summary>Whether the current word is this one.</summary>
        public bool Is(string word)
        {
            if (word.Length != _wordLength)
                return false;
            for (int i = 0; i < word.Length; i++)
            {
                if (_text[_wordAt + i] != word[i])
                    return false;
            }
            return true;
        }

        /// <summary>The current word as a number from 0 to 1,000,000,000, or -1 where it is none.</summary>
        public int Number()
        {
            long number = 0;
            for (int i = 0; i < _wordLength; i++)
            {
                int digit = _text[_wordAt + i] - '0';
                if (digit < 0 || digit > 9)
                    return -1;
                number = number * 10 + digit;
                if (number > 1000000000)
                    return -1;
            }
            return _wordLength == 0 ? -1 : (int)number;
        }

        /// <summary>The two hexadecimal digits at position at of the text as a byte, or -1 where they are none.</summary>
        public int HexByte(int at)
        {
            int high = Nibble(_text[at]), low = Nibble(_text[at + 1]);
            return high < 0 || low < 0 ? -1 : (high << 4) | low;
        }

        private static int Nibble(int character)
        {
            if (character >= '0' && character <= '9')
                return character - '0';
            character |= 0x20;
            return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
        }
    }
}

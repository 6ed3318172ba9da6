using System;

namespace TinyAI.Boards.Hardware
{
    /// <summary>Lines to the debugger's console, which Visual Studio shows. Nothing comes from there.</summary>
    public class ConsoleLink : IByteLink
    {
        private const int Longest = 1200;

        private readonly char[] _text = new char[Longest];
        private int _length;

        /// <inheritdoc/>
        public int Read(byte[] buffer, int count)
        {
            return 0;
        }

        /// <inheritdoc/>
        public void Write(byte[] data, int count)
        {
            for (int i = 0; i < count; i++)
            {
                char c = (char)data[i];
                if (c != '\r' && c != '\n')
                    _text[_length++] = c;
                if (c != '\n' && _length < Longest)
                    continue;
                if (_length > 0)
                    Console.WriteLine(new string(_text, 0, _length));
                _length = 0;
            }
        }
    }
}

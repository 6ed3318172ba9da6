namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// UTF-8 to string. Written out here because the class library's encoder lives in an assembly of its own, which
    /// would cost every application half a kilobyte of RAM for a model's name and labels.
    /// </summary>
    internal static class Utf8
    {
        private const char Replacement = '\uFFFD';

        /// <summary>
        /// Decodes data[at..at + count). Bytes that are not UTF-8 become U+FFFD; nothing is thrown.
        /// </summary>
        internal static string Decode(byte[] data, int at, int count)
        {
            // No byte makes more than one UTF-16 unit.
            char[] text = new char[count];
            int length = 0, end = at + count;
            while (at < end)
            {
                int first = data[at++];
                int following = first < 0x80 ? 0 : first < 0xC2 ? -1 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : -1;
                int code = following <= 0 ? first : first & (0x3F >> following);
                int left = following;
                while (left > 0 && at < end && (data[at] & 0xC0) == 0x80)
                {
                    code = (code << 6) | (data[at++] & 0x3F);
                    left--;
                }
                bool wrong = left != 0 || (following == 2 && (code < 0x800 || (code & 0xF800) == 0xD800))
                    || (following == 3 && (code < 0x10000 || code > 0x10FFFF));
                if (wrong)
                {
                    text[length++] = Replacement;
                }
                else if (code < 0x10000)
                {
                    text[length++] = (char)code;
                }
                else
                {
                    text[length++] = (char)(0xD800 + ((code - 0x10000) >> 10));
                    text[length++] = (char)(0xDC00 + (code & 0x3FF));
                }
            }
            return new string(text, 0, length);
        }
    }
}

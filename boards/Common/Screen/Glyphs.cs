namespace TinyAI.Boards
{
    /// <summary>
    /// Capital letters, digits and a few signs in 5 columns by 7 rows. A character is seven digits to the base of 32, one a
    /// row from the top, the leftmost pixel the highest bit; a text constant lies in flash and takes no heap.
    /// </summary>
    public static class Glyphs
    {
        /// <summary>Columns of a character.</summary>
        public const int Width = 5;
        /// <summary>Rows of a character.</summary>
        public const int Height = 7;

        private const string Known = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -._%?";
        private const string Rows = "EHHVHHHUHHUHHUFGGGGGFUHHHHHUVGGUGGVVGGUGGGFGGJHHFHHHVHHHV44444V1111HHE"
            + "HIKOKIHGGGGGGVHRLLHHHHPPLJJHEHHHHHEUHHUGGGEHHHLIDUHHUKIHFGGE11UV444444"
            + "HHHHHHEHHHHAA4HHHLLRHHAA4AAHHHA4444V1248GVEHJLPHE4CK444VEH168GVU11E11U"
            + "26AIV22VGU11HEEGGUHHEV122444EHHEHHEEHHF11E0000000000V00000000CC000000V"
            + "PQ248BJEH16404";
        private const string Unknown = "VHHHHHV";

        /// <summary>The five pixels of a row of a character; the leftmost is bit 4. Small letters look like capitals, what is not known is a box.</summary>
        public static int Row(char character, int row)
        {
            if (character >= 'a' && character <= 'z')
                character = (char)(character - 'a' + 'A');
            int at = Known.IndexOf(character);
            int digit = at < 0 ? Unknown[row] : Rows[at * Height + row];
            return digit <= '9' ? digit - '0' : digit - 'A' + 10;
        }
    }
}

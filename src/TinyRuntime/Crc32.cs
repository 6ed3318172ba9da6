namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// CRC-32 as in zip and Ethernet (reflected polynomial 0xEDB88320, start and final value inverted), four bits a
    /// step: a 16-entry table is 80 bytes of heap where the usual one takes 1,040.
    /// </summary>
    public class Crc32
    {
        private readonly int[] _table = new int[16];

        /// <summary>Builds the table.</summary>
        public Crc32()
        {
            for (int i = 0; i < 16; i++)
            {
                int c = i;
                for (int bit = 0; bit < 4; bit++)
                    c = (c & 1) != 0 ? (int)((uint)c >> 1) ^ unchecked((int)0xEDB88320) : (int)((uint)c >> 1);
                _table[i] = c;
            }
        }

        /// <summary>Continues crc over count bytes of data from at. Begin with 0; the result needs no further step.</summary>
        public int Update(int crc, byte[] data, int at, int count)
        {
            int[] table = _table;
            int end = at + count;
            uint c = ~(uint)crc;
            for (int i = at; i < end; i++)
            {
                c ^= data[i];
                c = (c >> 4) ^ (uint)table[(int)(c & 15)];
                c = (c >> 4) ^ (uint)table[(int)(c & 15)];
            }
            return (int)~c;
        }
    }
}

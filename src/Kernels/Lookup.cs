namespace TinyAI.Kernels
{
    /// <summary>
    /// Any function of one 8-bit value, as a table of 256 bytes that the packer has computed: y = table[x + 128], x taken
    /// as a signed byte. In place: input and output may be the same memory.
    /// </summary>
    public static class Lookup
    {
        /// <summary>Bytes of the table.</summary>
        public const int TableBytes = 256;

        /// <summary>Index of this parameter in the parameter array: values in a row.</summary>
        public const int RowLength = 0;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 1;

        /// <summary>
        /// Computes rows rowFrom..rowTo-1. x holds all rows at xAt, y all output rows at yAt, table the 256 bytes from
        /// tableAt.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, byte[] table, int tableAt, int rowFrom, int rowTo)
        {
            int length = p[RowLength], middle = tableAt + 128;
            int o = yAt + rowFrom * length, end = xAt + rowTo * length;
            for (int i = xAt + rowFrom * length; i < end; i++)
                y[o++] = (sbyte)table[middle + x[i]];
        }
    }
}

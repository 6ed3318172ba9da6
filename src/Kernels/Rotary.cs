namespace TinyAI.Kernels
{
    /// <summary>
    /// Rotary position embedding on int8: each pair (a, b) of a row becomes (a cos - b sin, a sin + b cos), the angle
    /// depending on the row's position and the pair. Source: Su et al. 2021. Cosines and sines are Q1.14 from the pack, the sum
    /// of two products is exact and requantised once: error at most half an output step and 2^-13 of the input's
    /// magnitude. In place: input and output may be the same memory, for one row after the other.
    /// </summary>
    public static class Rotary
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values in a row.</summary>
        public const int RowLength = 0;
        /// <summary>Rows of a sequence.</summary>
        public const int Steps = 1;
        /// <summary>Positions in the table.</summary>
        public const int TableRows = 2;
        /// <summary>Values between the two of a pair: 1 where pairs are neighbours, half the turned values else.</summary>
        public const int PairStep = 3;
        /// <summary>Zero point of the input, -128..127.</summary>
        public const int InZeroPoint = 4;
        /// <summary>Zero point of the output, -128..127.</summary>
        public const int OutZeroPoint = 5;
        /// <summary>Multiplier of the sum in Q.14.</summary>
        public const int Multiplier = 6;
        /// <summary>Shift of the sum, positive is left.</summary>
        public const int Shift = 7;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 8;

        /// <summary>The table's row for a row of the input, when s at sAt is the int32 position of row 0 (or null: 0); at most the last.</summary>
        public static int Position(int[] p, sbyte[] s, int sAt, int row)
        {
            int step = row % p[Steps], position = s == null ? 0 : CausalSoftmax.Word(s, sAt), last = p[TableRows] - 1;
            if (position > last - step)
                return last;
            return position < -step ? 0 : position + step;
        }

        /// <summary>
        /// Computes one row. x holds all rows at xAt, y all output rows at yAt, table from tableAt the row of its position: cosine
        /// and sine as little-endian int16 for each pair.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, byte[] table, int tableAt, int row)
        {
            int length = p[RowLength], pairStep = p[PairStep], zero = p[InZeroPoint], outZero = p[OutZeroPoint];
            int jump = pairStep == 1 ? 2 : 1, pairs = length >> 1;
            long multiplier = p[Multiplier];
            int shift = p[Shift], left = shift > 0 ? shift : 0, right = shift < 0 ? -shift : 0;
            long half = right > 0 ? 1L << (right - 1) : 0, signMask = right > 0 ? -1L : 0L;
            int at = xAt + row * length, o = yAt + row * length;
            for (int i = 0; i < pairs; i++)
            {
                int cos = table[tableAt] | ((sbyte)table[tableAt + 1] << 8), sin = table[tableAt + 2] | ((sbyte)table[tableAt + 3] << 8);
                int a = x[at] - zero, b = x[at + pairStep] - zero;
                long v = (((a * cos - b * sin) << left) * multiplier + 0x40000000L) >> 31;
                int q = (int)((v + half + ((v >> 63) & signMask)) >> right) + outZero;
                y[o] = (sbyte)(q < -128 ? -128 : q > 127 ? 127 : q);
                v = (((a * sin + b * cos) << left) * multiplier + 0x40000000L) >> 31;
                q = (int)((v + half + ((v >> 63) & signMask)) >> right) + outZero;
                y[o + pairStep] = (sbyte)(q < -128 ? -128 : q > 127 ? 127 : q);
                tableAt += 4;
                at += jump;
                o += jump;
            }
        }
    }
}

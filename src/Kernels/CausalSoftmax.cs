namespace TinyAI.Kernels
{
    /// <summary>
    /// Softmax over a part of each int8 row: the first keys (causal attention: query row q sees keys 0 .. q + first) without
    /// those that a mask names; the others get weight 0, which is -128. Also softmax over rows longer than
    /// <see cref="Softmax"/> can sum. The visible values are computed exactly as that kernel does: exponentials in
    /// Q0.31 from its table, their sum in Q.19, here 64 bits wide, 1 / sum by its reciprocal; a row of at most 4095
    /// visible values gives the very same bytes. Error: below 0.6 output steps in its tests, rows of 70000 values among them. Where
    /// every key is masked, all weights are 0. In place: input and output may be the same memory.
    /// </summary>
    public static class CausalSoftmax
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values in a row (keys).</summary>
        public const int RowLength = 0;
        /// <summary>Rows of a matrix (queries).</summary>
        public const int Queries = 1;
        /// <summary>Keys that row 0 sees beside its own, where no tensor says it; RowLength or more: all rows see all keys.</summary>
        public const int First = 2;
        /// <summary>Exponentials in the table.</summary>
        public const int TableLength = 3;
        /// <summary>Rows that one row of the mask stands for, 0 where there is no mask.</summary>
        public const int MaskRepeat = 4;
        /// <summary>Rows of the mask, after which it begins again.</summary>
        public const int MaskRows = 5;
        /// <summary>What a byte of the mask is where the key does not count.</summary>
        public const int MaskZero = 6;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 7;

        /// <summary>
        /// Computes rows rowFrom..rowTo-1. x holds all rows at xAt, y all output rows at yAt; x2 the mask, a byte a key and
        /// not MaskZero where the key counts; s at sAt the int32 that takes the place of First, or null; table the
        /// exponentials of the differences 0, -1, -2, … as little-endian int32.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] x2, int x2At, sbyte[] y, int yAt, sbyte[] s, int sAt, byte[] table, int tableAt,
            int rowFrom, int rowTo)
        {
            int length = p[RowLength], queries = p[Queries], tableLength = p[TableLength], repeat = p[MaskRepeat], zero = p[MaskZero];
            int first = s == null ? p[First] : Word(s, sAt);
            if (first > length)
                first = length;
            for (int row = rowFrom; row < rowTo; row++)
            {
                int from = xAt + row * length, seen = first + row % queries + 1, o = yAt + row * length;
                if (seen > length)
                    seen = length;
                if (seen < 0)
                    seen = 0;
                int end = from + seen, max = -129, mask = repeat == 0 ? 0 : x2At - from + row / repeat % p[MaskRows] * length;
                for (int i = from; i < end; i++)
                {
                    if (x[i] > max && (repeat == 0 || x2[mask + i] != zero))
                        max = x[i];
                }
                long sum = 0;
                for (int i = from; i < end; i++)
                {
                    int k = max - x[i];
                    if (k >= 0 && k < tableLength && (repeat == 0 || x2[mask + i] != zero))
                    {
                        k = tableAt + 4 * k;
                        int e = table[k] | (table[k + 1] << 8) | (table[k + 2] << 16) | (table[k + 3] << 24);
                        sum += ((e >> 11) + 1) >> 1;
                    }
                }

                // Half of all keys may need more than 31 bits: then the sum is brought down, else up, to 31 bits and a one.
                int exponent = 35;
                for (; sum >= 1L << 32; sum >>= 1)
                    exponent++;
                for (; sum > 0 && sum < 1L << 31; sum <<= 1)
                    exponent--;
                long scale = FixedPoint.OneOverOnePlus((int)(sum & 0x7FFFFFFF)), half = 1L << (exponent - 1);
                for (int i = from; i < end; i++)
                {
                    int k = max - x[i], share = 0;
                    if (k >= 0 && k < tableLength && (repeat == 0 || x2[mask + i] != zero))
                    {
                        k = tableAt + 4 * k;
                        int e = table[k] | (table[k + 1] << 8) | (table[k + 2] << 16) | (table[k + 3] << 24);
                        share = (int)((((scale * e + 0x40000000L) >> 31) + half) >> exponent);
                    }
                    y[o++] = (sbyte)(share > 255 ? 127 : share - 128);
                }
                for (int to = yAt + row * length + length; o < to; o++)
                    y[o] = -128;
            }
        }

        /// <summary>The int32 at s[at].</summary>
        public static int Word(sbyte[] s, int at)
        {
            return (s[at] & 0xFF) | ((s[at + 1] & 0xFF) << 8) | ((s[at + 2] & 0xFF) << 16) | (s[at + 3] << 24);
        }
    }
}

namespace TinyAI.Kernels
{
    /// <summary>
    /// Softmax over rows of int8 values, to int8 (scale 1/256, zero point -128) or little-endian int16 (scale 1/65536,
    /// zero point -32768).
    /// <para>
    /// Per row: e = exp(beta * scale * (x - max)) in Q0.31, sum in Q12.19, out = round(e / sum). Source: TFLite reference
    /// softmax.h. <see cref="Run"/> computes the exponentials, <see cref="RunTable"/> reads them from a table that the
    /// packer has filled with the very same numbers. Limit: at most 4095 values in a row, so that the sum fits.
    /// In place, for int8 output: input and output may be the same memory.
    /// </para>
    /// </summary>
    public static class Softmax
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values in a row.</summary>
        public const int RowLength = 0;
        /// <summary>Multiplier of the difference to the row's maximum, Q0.31.</summary>
        public const int Multiplier = 1;
        /// <summary>Left shift of the difference, 0..31.</summary>
        public const int LeftShift = 2;
        /// <summary>Smallest difference (negative or 0) whose exponential counts.</summary>
        public const int DifferenceMin = 3;
        /// <summary>Bytes of an output element: 1 or 2.</summary>
        public const int OutBytes = 4;
        /// <summary>Exponentials in the table, 0 where there is none.</summary>
        public const int TableLength = 5;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 6;

        /// <summary>e^(scaled difference) in Q0.31 for a difference of 0 or less.</summary>
        public static int Exponential(int[] p, int difference)
        {
            if (difference < p[DifferenceMin])
                return 0;
            return FixedPoint.ExpOnNegative(FixedPoint.HighMultiply(difference << p[LeftShift], p[Multiplier]), 5);
        }

        /// <summary>Computes rows rowFrom..rowTo-1. x holds all input rows at xAt, y all output rows at yAt.</summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int length = p[RowLength], outBytes = p[OutBytes], least = p[DifferenceMin];
            long multiplier = (long)p[Multiplier] << p[LeftShift];
            for (int row = rowFrom; row < rowTo; row++)
            {
                int from = xAt + row * length, end = from + length, max = Largest(x, from, end), sum = 0;
                for (int i = from; i < end; i++)
                {
                    int difference = x[i] - max;
                    if (difference >= least)
                        sum += ((FixedPoint.ExpOnNegative((int)((difference * multiplier + 0x40000000L) >> 31), 5) >> 11) + 1) >> 1;
                }
                int headroom = LeadingZeros(sum), exponent = 43 - headroom - 8 * outBytes;
                long scale = FixedPoint.OneOverOnePlus((sum << headroom) & 0x7FFFFFFF), half = 1L << (exponent - 1);
                int o = yAt + row * length * outBytes;
                for (int i = from; i < end; i++)
                {
                    int difference = x[i] - max;
                    long share = difference < least ? 0 : FixedPoint.ExpOnNegative((int)((difference * multiplier + 0x40000000L) >> 31), 5);
                    share = (((scale * share + 0x40000000L) >> 31) + half) >> exponent;
                    if (outBytes == 1)
                        y[o++] = (sbyte)(share > 255 ? 127 : share - 128);
                    else
                        o = Store(y, o, (int)share, 2);
                }
            }
        }

        /// <summary>
        /// The same with the exponentials of the differences 0, -1, -2, … as little-endian int32 at table[tableAt];
        /// those beyond TableLength are 0.
        /// </summary>
        public static void RunTable(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, byte[] table, int tableAt, int rowFrom, int rowTo)
        {
            int length = p[RowLength], outBytes = p[OutBytes], tableLength = p[TableLength];
            for (int row = rowFrom; row < rowTo; row++)
            {
                int from = xAt + row * length, end = from + length, max = Largest(x, from, end), sum = 0;
                for (int i = from; i < end; i++)
                {
                    int k = max - x[i];
                    if (k < tableLength)
                    {
                        k = tableAt + 4 * k;
                        int e = table[k] | (table[k + 1] << 8) | (table[k + 2] << 16) | (table[k + 3] << 24);
                        // A rounding shift by 12 in two steps: the largest exponential leaves no room to add half.
                        sum += ((e >> 11) + 1) >> 1;
                    }
                }
                int headroom = LeadingZeros(sum), exponent = 43 - headroom - 8 * outBytes;
                long scale = FixedPoint.OneOverOnePlus((sum << headroom) & 0x7FFFFFFF), half = 1L << (exponent - 1);
                int o = yAt + row * length * outBytes;
                for (int i = from; i < end; i++)
                {
                    int k = max - x[i], share = 0;
                    if (k < tableLength)
                    {
                        k = tableAt + 4 * k;
                        int e = table[k] | (table[k + 1] << 8) | (table[k + 2] << 16) | (table[k + 3] << 24);
                        share = (int)((((scale * e + 0x40000000L) >> 31) + half) >> exponent);
                    }
                    if (outBytes == 1)
                        y[o++] = (sbyte)(share > 255 ? 127 : share - 128);
                    else
                        o = Store(y, o, share, 2);
                }
            }
        }

        private static int Largest(sbyte[] x, int from, int end)
        {
            int max = -128;
            for (int i = from; i < end; i++)
            {
                if (x[i] > max)
                    max = x[i];
            }
            return max;
        }

        /// <summary>Leading zero bits of a positive number; 0 for others.</summary>
        private static int LeadingZeros(int value)
        {
            if (value <= 0)
                return 0;
            int count = 1;
            if (value < 1 << 15)
            {
                value <<= 16;
                count += 16;
            }
            if (value < 1 << 23)
            {
                value <<= 8;
                count += 8;
            }
            if (value < 1 << 27)
            {
                value <<= 4;
                count += 4;
            }
            if (value < 1 << 29)
            {
                value <<= 2;
                count += 2;
            }
            return value < 1 << 30 ? count + 1 : count;
        }

        /// <summary>Stores a share of 0..2^bits (saturated) with the type's smallest value added, returns where the next goes.</summary>
        private static int Store(sbyte[] y, int at, int share, int bytes)
        {
            if (bytes == 1)
            {
                y[at] = (sbyte)(share > 255 ? 127 : share - 128);
                return at + 1;
            }
            int q = share > 65535 ? 32767 : share - 32768;
            y[at] = (sbyte)q;
            y[at + 1] = (sbyte)(q >> 8);
            return at + 2;
        }
    }
}

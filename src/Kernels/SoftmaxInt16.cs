namespace TinyAI.Kernels
{
    /// <summary>
    /// Softmax over rows of 16-bit values, little-endian, by two tables of 513 int16 (e^x for x from -10 to 0, 1 / (1 + x)
    /// for x from 0 to 1) with linear interpolation; the output's scale is 2^-15. Source: TFLite reference softmax.h,
    /// SoftmaxInt16, and the LUTLookup of common.h.
    /// <para>
    /// Tables lie in the pack and only two neighbours are needed at a time. So the kernel is in parts: the caller asks
    /// for an argument, fetches the bytes at <see cref="TableOffset"/>, interpolates, and goes on.
    /// </para>
    /// </summary>
    public static class SoftmaxInt16
    {
        /// <summary>Entries of a table.</summary>
        public const int TableCount = 513;

        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values in a row.</summary>
        public const int Size = 0;
        /// <summary>Multiplier that turns a difference of inputs into 65535ths of 10.</summary>
        public const int Multiplier = 1;
        /// <summary>Shift that goes with it, positive is left.</summary>
        public const int Shift = 2;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 3;

        /// <summary>Largest of count values from byte at.</summary>
        public static int Max(sbyte[] x, int at, int count)
        {
            int max = -32768;
            for (int end = at + 2 * count; at < end; at += 2)
            {
                int value = (x[at] & 0xFF) | (x[at + 1] << 8);
                if (value > max)
                    max = value;
            }
            return max;
        }

        /// <summary>Argument of the table of e^x, -32768..32767, for the value at byte at of a row whose largest is max.</summary>
        public static int ExpArgument(int[] p, sbyte[] x, int at, int max)
        {
            int value = (x[at] & 0xFF) | (x[at + 1] << 8);
            int argument = FixedPoint.Requantise(value - max, p[Multiplier], p[Shift]);
            return argument < -65535 ? -32768 : argument + 32767;
        }

        /// <summary>Argument of the table of 1 / (1 + x), -32768..32767, for the sum of a row's powers.</summary>
        public static int ReciprocalArgument(int sum)
        {
            long normal = (long)sum << (30 - TopBit(sum));
            int argument = (int)((normal + (1 << 13)) >> 14) - (1 << 16) - (1 << 15);
            return argument < -32768 ? -32768 : argument > 32767 ? 32767 : argument;
        }

        /// <summary>Byte offset in a table of the two entries around an argument.</summary>
        public static int TableOffset(int argument)
        {
            return 2 * (256 + (argument >> 7));
        }

        /// <summary>Value for an argument between the two entries at w[at].</summary>
        public static int Interpolate(byte[] w, int at, int argument)
        {
            int first = w[at] | ((sbyte)w[at + 1] << 8), second = w[at + 2] | ((sbyte)w[at + 3] << 8);
            return (short)(first + (((short)(second - first) * (argument & 0x7F) + 64) >> 7));
        }

        /// <summary>Turns count powers from byte at into shares: power * reciprocal, where sum is the sum of the powers.</summary>
        public static void Divide(sbyte[] y, int at, int count, int sum, int reciprocal)
        {
            int right = TopBit(sum);
            long half = 1L << (right - 1);
            for (int end = at + 2 * count; at < end; at += 2)
            {
                int power = (y[at] & 0xFF) | (y[at + 1] << 8);
                int share = (int)(((long)power * reciprocal + half) >> right);
                share = share < 0 ? 0 : share > 32767 ? 32767 : share;
                y[at] = (sbyte)share;
                y[at + 1] = (sbyte)(share >> 8);
            }
        }

        /// <summary>Number of the highest set bit of a positive number.</summary>
        private static int TopBit(int value)
        {
            int bit = 0;
            for (; value > 1; value >>= 1)
                bit++;
            return bit;
        }
    }
}

namespace TinyAI.Kernels
{
    /// <summary>
    /// LayerNorm, RMSNorm, GroupNorm and InstanceNorm on int8: out = clamp8(d / sqrt(v + epsilon) * scale + bias), where d
    /// is the distance from the mean of a group of values (RMSNorm: from zero) and v the mean of d * d. A row is a group:
    /// Positions pieces of Channels neighbouring values. Sources: Ba et al. 2016, Zhang and Sennrich 2019, Wu and He 2018; the
    /// integer form is this project's own.
    /// <para>
    /// With n values in a group, D = n * d and V = n * sum(x * x) - sum(x) * sum(x) are exact integers (RMSNorm: V = n *
    /// sum((x - inZero)^2)) and d / sqrt(v + epsilon) = D / sqrt(V + n * n * epsilon). V and the second term are added with
    /// VarianceShift fraction bits, the reciprocal root comes from four Newton steps in Q2.30 (relative error under 2^-27),
    /// the quotient is kept in Q.20, scale and bias are int32 with FactorShift - 4 and 16 fraction bits. The sum before the
    /// last rounding differs from the real number by less than 2^-14 + f * 2^-20 output steps, f being the largest |scale| /
    /// output scale: an output differs from the exactly rounded one only that close to a tie.
    /// </para>
    /// <para>
    /// Constants, where scale or bias differ from channel to channel: two int32 per channel of the tensor, factor and
    /// offset. Limit: at most 65536 values in a group. In place: input and output may be the same memory.
    /// </para>
    /// </summary>
    public static class GroupNorm
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Channels of a group.</summary>
        public const int Channels = 0;
        /// <summary>Positions over which a group extends; 1 for LayerNorm and RMSNorm.</summary>
        public const int Positions = 1;
        /// <summary>Bytes from one position to the next.</summary>
        public const int PositionStep = 2;
        /// <summary>Groups of a batch.</summary>
        public const int Groups = 3;
        /// <summary>Bytes from one batch to the next.</summary>
        public const int BatchStep = 4;
        /// <summary>1 where the distance is from zero (RMSNorm), 0 where it is from the mean.</summary>
        public const int FromZero = 5;
        /// <summary>Zero point of the input, -128..127.</summary>
        public const int InZeroPoint = 6;
        /// <summary>n * n * epsilon / (input scale)^2 with VarianceShift fraction bits, low word, then high word.</summary>
        public const int Epsilon = 7;
        /// <summary>Fraction bits of the variance, an even number.</summary>
        public const int VarianceShift = 9;
        /// <summary>Fraction bits of a factor, plus 4.</summary>
        public const int FactorShift = 10;
        /// <summary>scale / output scale for all channels, where there are no constants.</summary>
        public const int Factor = 11;
        /// <summary>bias / output scale + output zero point in Q15.16 for all channels, where there are no constants.</summary>
        public const int Offset = 12;
        /// <summary>1 where the constants give factor and offset of each channel.</summary>
        public const int PerChannel = 13;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 14;

        /// <summary>
        /// Computes groups rowFrom..rowTo-1. x holds the whole input at xAt, y the whole output at yAt, table the constants
        /// from tableAt.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, byte[] table, int tableAt, int rowFrom, int rowTo)
        {
            int channels = p[Channels], step = p[PositionStep], span = p[Positions] * step, n = channels * p[Positions];
            int fractionBits = p[VarianceShift], factorShift = p[FactorShift];
            int factor = p[Factor], offset = p[Offset], zero = p[InZeroPoint];
            long epsilon = ((long)p[Epsilon + 1] << 32) | ((long)p[Epsilon] & 0xFFFFFFFFL);
            bool perChannel = p[PerChannel] != 0;
            for (int row = rowFrom; row < rowTo; row++)
            {
                int group = row % p[Groups], from = row / p[Groups] * p[BatchStep] + group * channels;
                int sum = 0, squares = 0;
                for (int at = xAt + from, end = at + span; at < end; at += step)
                {
                    for (int i = at, to = at + channels; i < to; i++)
                    {
                        int value = x[i];
                        sum += value;
                        squares += value * value;
                    }
                }
                long variance = (long)n * squares - (long)sum * sum;
                if (p[FromZero] != 0)
                {
                    variance = n * (squares - 2L * zero * sum + (long)n * zero * zero);
                    sum = n * zero;
                }
                variance = (variance << fractionBits) + epsilon;

                // The root of the even power of two that brings the variance to 2^60..2^62 goes into the shift.
                int right = 41 - fractionBits / 2;
                long root = 0;
                if (variance > 0)
                {
                    for (; variance < 1L << 60; variance <<= 2)
                        right--;
                    root = InverseRoot(variance >> 30);
                }
                if (right < 1)
                    right = 1;
                long half = 1L << (right - 1);
                int entry = tableAt + 8 * group * channels;
                for (int c = 0; c < channels; c++)
                {
                    if (perChannel)
                    {
                        factor = table[entry] | (table[entry + 1] << 8) | (table[entry + 2] << 16) | (table[entry + 3] << 24);
                        offset = table[entry + 4] | (table[entry + 5] << 8) | (table[entry + 6] << 16) | (table[entry + 7] << 24);
                        entry += 8;
                    }
                    long last = offset + 0x8000L;
                    for (int at = from + c, end = at + span; at < end; at += step)
                    {
                        long quotient = ((n * x[xAt + at] - sum) * root + half) >> right;
                        long value = (((quotient * factor) >> factorShift) + last) >> 16;
                        y[yAt + at] = (sbyte)(value < -128 ? -128 : value > 127 ? 127 : value);
                    }
                }
            }
        }

        /// <summary>
        /// 2^46 / sqrt(value), that is 1 / sqrt(m) in Q2.30 for m = value / 2^32 in [1/4, 1): a straight line, then Newton's
        /// x * (3 - m * x * x) / 2 four times. The line is wrong by at most an eighth, each step squares the error and
        /// multiplies it by 3/2.
        /// </summary>
        public static long InverseRoot(long value)
        {
            long x = 2362232013L - ((value * 5) >> 4);
            for (int step = 0; step < 4; step++)
                x = (x * ((3L << 30) - ((value * ((x * x) >> 30)) >> 32))) >> 31;
            return x;
        }
    }
}

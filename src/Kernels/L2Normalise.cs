namespace TinyAI.Kernels
{
    /// <summary>
    /// Divides each int8 row by its Euclidean length: out = clamp8(x / sqrt(sum of x * x) * 128) with x = in - inZero,
    /// the output's scale being 1/128 and its zero point 0. Source: TFLite reference integer_ops/l2normalization.h.
    /// Limit: rows of at most 32768 values, whose sum of squares fits 32 bits.
    /// </summary>
    public static class L2Normalise
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values in a row.</summary>
        public const int Size = 0;
        /// <summary>Zero point of the input, -128..127.</summary>
        public const int InZeroPoint = 1;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 2;

        /// <summary>
        /// Computes rows rowFrom..rowTo-1. x holds all rows at xAt, y all rows of the output at yAt; both may be the
        /// same memory.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int size = p[Size], zero = p[InZeroPoint];
            for (int row = rowFrom; row < rowTo; row++)
            {
                int from = xAt + row * size, to = from + size, outAt = yAt + row * size;
                int sum = 0;
                for (int i = from; i < to; i++)
                {
                    int value = x[i] - zero;
                    sum += value * value;
                }

                int rootShift = InverseRootShift(sum), shift = 7 - (rootShift < 0 ? 0 : rootShift);
                long multiplier = InverseRoot(sum, rootShift);
                int left = shift > 0 ? shift : 0, right = shift < 0 ? -shift : 0;
                long half = right > 0 ? 1L << (right - 1) : 0, signMask = right > 0 ? -1L : 0L;
                for (int i = from; i < to; i++)
                {
                    long v = (((x[i] - zero) << left) * multiplier + 0x40000000L) >> 31;
                    int q = (int)((v + half + ((v >> 63) & signMask)) >> right);
                    y[outAt++] = (sbyte)(q < -128 ? -128 : q > 127 ? 127 : q);
                }
            }
        }

        /// <summary>
        /// Right shift that belongs to <see cref="InverseRoot"/>; where it is negative, InverseRoot has it applied
        /// already and 0 stands for it. Value 0 counts as 1.
        /// </summary>
        public static int InverseRootShift(int value)
        {
            if (value <= 1)
                return 0;
            int shift = 11;
            for (; value >= 1 << 29; value /= 4)
                shift++;
            for (; value < 1 << 27; value <<= 2)
                shift--;
            return shift;
        }

        /// <summary>
        /// 1 / sqrt(value) in Q0.31 times 2^shift, for value 0..2^31-1 and the shift of <see cref="InverseRootShift"/>:
        /// five Newton steps from 1 on the value scaled to [1/2, 2). TFLite kernels/internal/common.h,
        /// GetInvSqrtQuantizedMultiplierExp.
        /// </summary>
        public static int InverseRoot(int value, int shift)
        {
            if (value <= 1)
                return int.MaxValue;
            for (; value >= 1 << 29; value /= 4)
            {
            }
            for (; value < 1 << 27; value <<= 2)
            {
            }
            // Three integer bits: 1 is 2^28.
            int halfValue = FixedPoint.RoundingShift(value >> 1, 1);
            int x = 1 << 28;
            for (int step = 0; step < 5; step++)
            {
                int cube = FixedPoint.ShiftLeftSaturating(FixedPoint.HighMultiply(FixedPoint.HighMultiply(x, x), x), 6);
                x = FixedPoint.ShiftLeftSaturating(
                    FixedPoint.HighMultiply(3 << 27, x) - FixedPoint.HighMultiply(halfValue, cube), 3);
            }
            x = FixedPoint.HighMultiply(x, 1518500250);
            return shift < 0 ? x << -shift : x;
        }
    }
}

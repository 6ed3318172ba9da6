namespace TinyAI.Kernels
{
    /// <summary>
    /// Element-wise quotient of two int8 tensors, the smaller one repeated (broadcast), with a fused clamp.
    /// <para>
    /// out = clamp(scale(v1 / v2) + outZero) with v = x - zero. The quotient is v1, moved up as far as 32 bits allow,
    /// times 1 / v2 from three Newton steps. Source: TFLite reference div.h. A divisor of 0, for which the reference has
    /// no answer, gives the largest or smallest output after the sign of v1, and outZero where both are 0.
    /// </para>
    /// </summary>
    public static class Div
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Zero point of the first input.</summary>
        public const int ZeroPoint1 = Broadcast.ParameterCount;
        /// <summary>Zero point of the second input.</summary>
        public const int ZeroPoint2 = ZeroPoint1 + 1;
        /// <summary>Multiplier of the quotient, Q0.31.</summary>
        public const int Multiplier = ZeroPoint1 + 2;
        /// <summary>Shift of the quotient, positive is left, at most 23.</summary>
        public const int Shift = ZeroPoint1 + 3;
        /// <summary>Zero point of the output.</summary>
        public const int OutZeroPoint = ZeroPoint1 + 4;
        /// <summary>Smallest output, from the fused activation.</summary>
        public const int OutMin = ZeroPoint1 + 5;
        /// <summary>Largest output, from the fused activation.</summary>
        public const int OutMax = ZeroPoint1 + 6;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = ZeroPoint1 + 7;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (see <see cref="Broadcast"/>). x1 and x2 hold the whole inputs from
        /// x1At and x2At, y the whole output from yAt.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x1, int x1At, sbyte[] x2, int x2At, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int inner = p[Broadcast.Inner], step1 = p[Broadcast.InnerStride1], step2 = p[Broadcast.InnerStride2];
            for (int row = rowFrom; row < rowTo; row++)
            {
                int a = x1At + Broadcast.Offset(p, Broadcast.Strides1, step1, row);
                int b = x2At + Broadcast.Offset(p, Broadcast.Strides2, step2, row);
                int o = yAt + row * inner, end = o + inner;
                for (; o < end; o++)
                {
                    y[o] = Quotient(p, x1[a] - p[ZeroPoint1], x2[b] - p[ZeroPoint2]);
                    a += step1;
                    b += step2;
                }
            }
        }

        private static sbyte Quotient(int[] p, int v1, int v2)
        {
            if (v2 < 0)
            {
                v1 = -v1;
                v2 = -v2;
            }
            int q = p[OutZeroPoint];
            if (v2 == 0)
            {
                q = v1 > 0 ? p[OutMax] : v1 < 0 ? p[OutMin] : q;
            }
            else if (v1 != 0)
            {
                int headroom = 31 - Bits(v1 < 0 ? ~v1 : v1), bits = Bits(v2);
                int inverse = FixedPoint.OneOverOnePlus((v2 << (32 - bits)) & int.MaxValue);
                int quotient = FixedPoint.HighMultiply(v1 << headroom, inverse);
                int right = headroom + bits - 1 - p[Shift];
                if (right <= 31)
                    q += FixedPoint.RoundingShift(FixedPoint.HighMultiply(quotient, p[Multiplier]), right);
            }
            return (sbyte)(q < p[OutMin] ? p[OutMin] : q > p[OutMax] ? p[OutMax] : q);
        }

        /// <summary>Binary digits of a number that is not negative.</summary>
        private static int Bits(int value)
        {
            int bits = 0;
            for (; value > 0; value >>= 1)
                bits++;
            return bits;
        }
    }
}

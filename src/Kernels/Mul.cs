namespace TinyAI.Kernels
{
    /// <summary>
    /// Element-wise product of two int8 tensors, the smaller one repeated (broadcast), with a fused clamp.
    /// <para>
    /// out = clamp(requantise((x1 - zero1) * (x2 - zero2)) + zeroOut). Source: TFLite reference integer_ops/mul.h.
    /// In place: an input that has the output's shape may be the output's memory.
    /// </para>
    /// </summary>
    public static class Mul
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Zero point of the first input.</summary>
        public const int ZeroPoint1 = Broadcast.ParameterCount;
        /// <summary>Zero point of the second input.</summary>
        public const int ZeroPoint2 = ZeroPoint1 + 1;
        /// <summary>Multiplier of the product, Q0.31.</summary>
        public const int Multiplier = ZeroPoint1 + 2;
        /// <summary>Shift of the product, positive is left.</summary>
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
            int zero1 = p[ZeroPoint1], zero2 = p[ZeroPoint2];
            long multiplier = p[Multiplier];
            int shift = p[Shift], left = shift > 0 ? shift : 0, right = shift < 0 ? -shift & 63 : 0;
            long half = right > 0 && shift > FixedPoint.Down ? 1L << (right - 1) : 0, signMask = right > 0 && shift > FixedPoint.Once ? -1L : 0;
            long nudge = shift > FixedPoint.Once ? 0x40000000L : FixedPoint.Fraction(multiplier, shift);
            int outZero = p[OutZeroPoint], outMin = p[OutMin], outMax = p[OutMax];
            int count = inner, rows = rowTo;
            if (p[Broadcast.OuterRank] == 0 && rowTo > rowFrom)
            {
                count = (rowTo - rowFrom) * inner;
                rows = rowFrom + 1;
            }

            for (int row = rowFrom; row < rows; row++)
            {
                int a = x1At + Broadcast.Offset(p, Broadcast.Strides1, step1, row);
                int b = x2At + Broadcast.Offset(p, Broadcast.Strides2, step2, row);
                int o = yAt + row * inner, end = o + count;
                for (; o < end; o++)
                {
                    long v = ((((x1[a] - zero1) * (x2[b] - zero2)) << left) * multiplier + nudge) >> 31;
                    int q = (int)((v + half + ((v >> 63) & signMask)) >> right) + outZero;
                    y[o] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                    a += step1;
                    b += step2;
                }
            }
        }
    }
}

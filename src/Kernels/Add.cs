namespace TinyAI.Kernels
{
    /// <summary>
    /// Element-wise sum or difference of two int8 tensors, the smaller one repeated (broadcast), with a fused clamp.
    /// <para>
    /// a = scale((x - zero1) * 2^20, multiplier1), b likewise, out = clamp(scale(a + sign * b, multiplierOut) + zeroOut),
    /// where scale is a high multiplication and a rounding right shift. Source: TFLite reference integer_ops/add.h and
    /// sub.h; the packer computes the multipliers of ADD in double and those of SUB in float, as TFLM does.
    /// In place: an input that has the output's shape may be the output's memory.
    /// </para>
    /// </summary>
    public static class Add
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Zero point of the first input.</summary>
        public const int ZeroPoint1 = Broadcast.ParameterCount;
        /// <summary>Multiplier of the first input, Q0.31.</summary>
        public const int Multiplier1 = ZeroPoint1 + 1;
        /// <summary>Right shift of the first input, 0..31.</summary>
        public const int Right1 = ZeroPoint1 + 2;
        /// <summary>Zero point of the second input.</summary>
        public const int ZeroPoint2 = ZeroPoint1 + 3;
        /// <summary>Multiplier of the second input, Q0.31.</summary>
        public const int Multiplier2 = ZeroPoint1 + 4;
        /// <summary>Right shift of the second input, 0..31.</summary>
        public const int Right2 = ZeroPoint1 + 5;
        /// <summary>1 to add the second input, -1 to subtract it.</summary>
        public const int Sign = ZeroPoint1 + 6;
        /// <summary>Multiplier of the sum, Q0.31.</summary>
        public const int OutMultiplier = ZeroPoint1 + 7;
        /// <summary>Right shift of the sum, 0..31.</summary>
        public const int OutRight = ZeroPoint1 + 8;
        /// <summary>Zero point of the output.</summary>
        public const int OutZeroPoint = ZeroPoint1 + 9;
        /// <summary>Smallest output, from the fused activation.</summary>
        public const int OutMin = ZeroPoint1 + 10;
        /// <summary>Largest output, from the fused activation.</summary>
        public const int OutMax = ZeroPoint1 + 11;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = ZeroPoint1 + 12;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (see <see cref="Broadcast"/>). x1 and x2 hold the whole inputs from
        /// x1At and x2At, y the whole output from yAt.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x1, int x1At, sbyte[] x2, int x2At, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int inner = p[Broadcast.Inner], step1 = p[Broadcast.InnerStride1], step2 = p[Broadcast.InnerStride2];
            // The high multiplication of (x - zero) * 2^20 is (x * scale + offset) >> 31.
            long scale1 = (long)p[Multiplier1] << 20, offset1 = 0x40000000L - p[ZeroPoint1] * scale1;
            long scale2 = (long)p[Multiplier2] << 20, offset2 = 0x40000000L - p[ZeroPoint2] * scale2;
            int right1 = p[Right1], right2 = p[Right2], right = p[OutRight];
            long half1 = right1 > 0 ? 1L << (right1 - 1) : 0, sign1 = right1 > 0 ? -1L : 0;
            long half2 = right2 > 0 ? 1L << (right2 - 1) : 0, sign2 = right2 > 0 ? -1L : 0;
            long half = right > 0 ? 1L << (right - 1) : 0, signOut = right > 0 ? -1L : 0;
            long multiplier = p[OutMultiplier];
            int outZero = p[OutZeroPoint], outMin = p[OutMin], outMax = p[OutMax];
            bool subtract = p[Sign] < 0;
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
                    long v1 = (x1[a] * scale1 + offset1) >> 31;
                    v1 = (v1 + half1 + ((v1 >> 63) & sign1)) >> right1;
                    long v2 = (x2[b] * scale2 + offset2) >> 31;
                    v2 = (v2 + half2 + ((v2 >> 63) & sign2)) >> right2;
                    long v = ((subtract ? v1 - v2 : v1 + v2) * multiplier + 0x40000000L) >> 31;
                    int q = (int)((v + half + ((v >> 63) & signOut)) >> right) + outZero;
                    y[o] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                    a += step1;
                    b += step2;
                }
            }
        }
    }
}

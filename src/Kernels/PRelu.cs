namespace TinyAI.Kernels
{
    /// <summary>
    /// Parametric RELU: int8 values below zero are multiplied by an int8 slope, which is repeated (broadcast) where it
    /// is smaller than the input, usually one slope per channel.
    /// <para>
    /// v = x - zeroIn; out = clamp(requantise(v, multiplier) + zeroOut) where v >= 0, else clamp(requantise(v * (slope -
    /// zeroSlope), slopeMultiplier) + zeroOut). Source: TFLite reference prelu.h. In place: input and output may be the
    /// same memory.
    /// </para>
    /// </summary>
    public static class PRelu
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Zero point of the input.</summary>
        public const int ZeroPoint1 = Broadcast.ParameterCount;
        /// <summary>Zero point of the slopes.</summary>
        public const int ZeroPoint2 = ZeroPoint1 + 1;
        /// <summary>Multiplier for values that are not negative, Q0.31.</summary>
        public const int Multiplier = ZeroPoint1 + 2;
        /// <summary>Shift for values that are not negative, positive is left.</summary>
        public const int Shift = ZeroPoint1 + 3;
        /// <summary>Multiplier for negative values, Q0.31.</summary>
        public const int SlopeMultiplier = ZeroPoint1 + 4;
        /// <summary>Shift for negative values, positive is left.</summary>
        public const int SlopeShift = ZeroPoint1 + 5;
        /// <summary>Zero point of the output.</summary>
        public const int OutZeroPoint = ZeroPoint1 + 6;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = ZeroPoint1 + 7;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (see <see cref="Broadcast"/>). x holds the whole input from xAt, slopes
        /// all slopes from slopesAt, y the whole output from yAt.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] slopes, int slopesAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int inner = p[Broadcast.Inner], step1 = p[Broadcast.InnerStride1], step2 = p[Broadcast.InnerStride2];
            int zero1 = p[ZeroPoint1], zero2 = p[ZeroPoint2], outZero = p[OutZeroPoint];
            long multiplier1 = p[Multiplier], multiplier2 = p[SlopeMultiplier];
            int shift1 = p[Shift], left1 = shift1 > 0 ? shift1 : 0, right1 = shift1 < 0 ? -shift1 : 0;
            int shift2 = p[SlopeShift], left2 = shift2 > 0 ? shift2 : 0, right2 = shift2 < 0 ? -shift2 : 0;
            long half1 = right1 > 0 ? 1L << (right1 - 1) : 0, sign1 = right1 > 0 ? -1L : 0;
            long half2 = right2 > 0 ? 1L << (right2 - 1) : 0, sign2 = right2 > 0 ? -1L : 0;
            int count = inner, rows = rowTo;
            if (p[Broadcast.OuterRank] == 0 && rowTo > rowFrom)
            {
                count = (rowTo - rowFrom) * inner;
                rows = rowFrom + 1;
            }

            for (int row = rowFrom; row < rows; row++)
            {
                int a = xAt + Broadcast.Offset(p, Broadcast.Strides1, step1, row);
                int b = slopesAt + Broadcast.Offset(p, Broadcast.Strides2, step2, row);
                int o = yAt + row * inner, end = o + count;
                for (; o < end; o++)
                {
                    int value = x[a] - zero1;
                    int q;
                    if (value >= 0)
                    {
                        long v = ((value << left1) * multiplier1 + 0x40000000L) >> 31;
                        q = (int)((v + half1 + ((v >> 63) & sign1)) >> right1) + outZero;
                    }
                    else
                    {
                        long v = (((value * (slopes[b] - zero2)) << left2) * multiplier2 + 0x40000000L) >> 31;
                        q = (int)((v + half2 + ((v >> 63) & sign2)) >> right2) + outZero;
                    }
                    y[o] = (sbyte)(q < -128 ? -128 : q > 127 ? 127 : q);
                    a += step1;
                    b += step2;
                }
            }
        }
    }
}

namespace TinyAI.Kernels
{
    /// <summary>
    /// Conversion of integers of 1, 2 or 4 bytes (little-endian) into each other: with another scale and zero point, or
    /// as a plain cast.
    /// <para>
    /// out = clamp(requantise(x - zeroIn) + zeroOut), source TFLite reference requantize.h; a cast keeps the low bytes.
    /// </para>
    /// </summary>
    public static class Convert
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values in a row.</summary>
        public const int RowLength = 0;
        /// <summary>Bytes of an input element: 1, 2 or 4.</summary>
        public const int InBytes = 1;
        /// <summary>1 where a one-byte input is unsigned, else 0.</summary>
        public const int InUnsigned = 2;
        /// <summary>Bytes of an output element: 1, 2 or 4.</summary>
        public const int OutBytes = 3;
        /// <summary>1 to requantise, 0 for a cast.</summary>
        public const int Rescale = 4;
        /// <summary>Zero point of the input.</summary>
        public const int InZeroPoint = 5;
        /// <summary>Multiplier, Q0.31.</summary>
        public const int Multiplier = 6;
        /// <summary>Shift, positive is left.</summary>
        public const int Shift = 7;
        /// <summary>Zero point of the output.</summary>
        public const int OutZeroPoint = 8;
        /// <summary>Smallest output.</summary>
        public const int OutMin = 9;
        /// <summary>Largest output.</summary>
        public const int OutMax = 10;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 11;

        /// <summary>
        /// Computes rows rowFrom..rowTo-1. x holds all rows at xAt, y all output rows at yAt. With elements of the same
        /// size input and output may be the same memory.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int length = p[RowLength], inBytes = p[InBytes], outBytes = p[OutBytes];
            bool rescale = p[Rescale] != 0, unsigned = p[InUnsigned] != 0;
            int inZero = p[InZeroPoint], outZero = p[OutZeroPoint], outMin = p[OutMin], outMax = p[OutMax];
            long multiplier = p[Multiplier];
            int shift = p[Shift], left = shift > 0 ? shift : 0, right = shift < 0 ? -shift : 0;
            long half = right > 0 ? 1L << (right - 1) : 0, signMask = right > 0 ? -1L : 0L;
            int o = yAt + rowFrom * length * outBytes, end = xAt + rowTo * length * inBytes;
            for (int i = xAt + rowFrom * length * inBytes; i < end; i += inBytes)
            {
                int v;
                if (inBytes == 1)
                    v = unsigned ? x[i] & 0xFF : x[i];
                else if (inBytes == 2)
                    v = (x[i] & 0xFF) | (x[i + 1] << 8);
                else
                    v = (x[i] & 0xFF) | ((x[i + 1] & 0xFF) << 8) | ((x[i + 2] & 0xFF) << 16) | (x[i + 3] << 24);
                if (rescale)
                {
                    long product = (((v - inZero) << left) * multiplier + 0x40000000L) >> 31;
                    v = (int)((product + half + ((product >> 63) & signMask)) >> right) + outZero;
                    v = v < outMin ? outMin : v > outMax ? outMax : v;
                }
                y[o] = (sbyte)v;
                if (outBytes > 1)
                    y[o + 1] = (sbyte)(v >> 8);
                if (outBytes > 2)
                {
                    y[o + 2] = (sbyte)(v >> 16);
                    y[o + 3] = (sbyte)(v >> 24);
                }
                o += outBytes;
            }
        }
    }
}

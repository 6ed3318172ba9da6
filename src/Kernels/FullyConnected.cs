namespace TinyAI.Kernels
{
    /// <summary>
    /// Fully connected layer: int8 rows of InSize values times an int8 matrix [OutSize, InSize], int32 bias, one
    /// multiplier and shift per output.
    /// <para>
    /// out[r,o] = clamp(requantise(bias[o] + sum of w[o,i] * (in[r,i] - inZero), multiplier[o], shift[o]) + outZero).
    /// Source: TFLite reference integer_ops/fully_connected.h. Weights come as blocks per output, laid out as in
    /// <see cref="Conv2D"/>. A block longer than the paging window is read in pieces: <see cref="Accumulate"/> and
    /// <see cref="Store"/> are the halves of <see cref="Run"/> for that case.
    /// </para>
    /// </summary>
    public static class FullyConnected
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values in an input row.</summary>
        public const int InSize = 0;
        /// <summary>Values in an output row.</summary>
        public const int OutSize = 1;
        /// <summary>Zero point of the output, -128..127.</summary>
        public const int OutZeroPoint = 2;
        /// <summary>Smallest output, from the fused activation.</summary>
        public const int OutMin = 3;
        /// <summary>Largest output, from the fused activation.</summary>
        public const int OutMax = 4;
        /// <summary>Bytes from one output's block to the next.</summary>
        public const int BlockBytes = 5;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 6;

        /// <summary>
        /// Computes outputs outFrom..outTo-1 of rows rowFrom..rowTo-1. x holds all input rows at xAt, y all output rows
        /// at yAt, w the block of outFrom at wAt. x and y must not overlap.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, byte[] w, int wAt,
            int outFrom, int outTo, int rowFrom, int rowTo)
        {
            int inSize = p[InSize], outSize = p[OutSize];
            int outZero = p[OutZeroPoint], outMin = p[OutMin], outMax = p[OutMax];

            for (int output = outFrom; output < outTo; output++)
            {
                int folded = w[wAt] | (w[wAt + 1] << 8) | (w[wAt + 2] << 16) | (w[wAt + 3] << 24);
                long multiplier = w[wAt + 8] | (w[wAt + 9] << 8) | (w[wAt + 10] << 16) | (w[wAt + 11] << 24);
                int shift = w[wAt + 12] | (w[wAt + 13] << 8) | (w[wAt + 14] << 16) | (w[wAt + 15] << 24);
                int left = shift > 0 ? shift : 0, right = shift < 0 ? -shift & 63 : 0;
                long half = right > 0 && shift > FixedPoint.Down ? 1L << (right - 1) : 0;
                long signMask = right > 0 && shift > FixedPoint.Once ? -1L : 0L;
                long nudge = shift > FixedPoint.Once ? 0x40000000L : FixedPoint.Fraction(multiplier, shift);
                int taps = wAt + Conv2D.BlockHeader;

                for (int row = rowFrom; row < rowTo; row++)
                {
                    int acc = folded;
                    int i = xAt + row * inSize, end = i + inSize;
                    for (int d = taps - i, d1 = d + 1, d2 = d + 2, d3 = d + 3; i < end - 3; i += 4)
                    {
                        acc += x[i] * (sbyte)w[i + d] + x[i + 1] * (sbyte)w[i + d1]
                            + x[i + 2] * (sbyte)w[i + d2] + x[i + 3] * (sbyte)w[i + d3];
                    }
                    for (int d = taps + inSize - end; i < end; i++)
                        acc += x[i] * (sbyte)w[i + d];

                    long v = ((acc << left) * multiplier + nudge) >> 31;
                    int q = (int)((v + half + ((v >> 63) & signMask)) >> right) + outZero;
                    y[yAt + row * outSize + output] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                }
                wAt += p[BlockBytes];
            }
        }

        /// <summary>acc + sum of x[xAt + i] * w[wAt + i] for i in 0..count-1.</summary>
        public static int Accumulate(int acc, sbyte[] x, int xAt, byte[] w, int wAt, int count)
        {
            int i = xAt, end = xAt + count, d = wAt - xAt;
            for (int d1 = d + 1, d2 = d + 2, d3 = d + 3; i < end - 3; i += 4)
            {
                acc += x[i] * (sbyte)w[i + d] + x[i + 1] * (sbyte)w[i + d1]
                    + x[i + 2] * (sbyte)w[i + d2] + x[i + 3] * (sbyte)w[i + d3];
            }
            for (; i < end; i++)
                acc += x[i] * (sbyte)w[i + d];
            return acc;
        }

        /// <summary>Requantises one accumulator and stores it at y[at].</summary>
        public static void Store(int[] p, int acc, int multiplier, int shift, sbyte[] y, int at)
        {
            int q = FixedPoint.Requantise(acc, multiplier, shift) + p[OutZeroPoint];
            y[at] = (sbyte)(q < p[OutMin] ? p[OutMin] : q > p[OutMax] ? p[OutMax] : q);
        }
    }
}

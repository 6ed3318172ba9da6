namespace TinyAI.Kernels
{
    /// <summary>
    /// Products of int8 matrices: out[b] = first[b] * second[b], [rows, depth] * [depth, columns], for every batch
    /// index b of up to four dimensions, over which each operand may be broadcast. Either operand may be stored
    /// transposed; steps say how far neighbours in a row or column lie apart.
    /// <para>
    /// out = clamp(requantise(sum of (first - zero) * (second - zero2)) + outZero). Source: TFLite reference
    /// batch_matmul.h. The sum is taken as (first - zero) * second with zero2 * sum(first - zero) taken off once per
    /// row, which is the same number in 32-bit arithmetic.
    /// </para>
    /// </summary>
    public static class BatchMatMul
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Rows of an output matrix.</summary>
        public const int Rows = 0;
        /// <summary>Columns of an output matrix.</summary>
        public const int Columns = 1;
        /// <summary>Length of the sums.</summary>
        public const int Depth = 2;
        /// <summary>Bytes from one row of the first operand to the next.</summary>
        public const int RowStep = 3;
        /// <summary>Bytes from one value of a row of the first operand to the next.</summary>
        public const int DepthStep = 4;
        /// <summary>Bytes from one column of the second operand to the next.</summary>
        public const int ColumnStep = 5;
        /// <summary>Bytes from one value of a column of the second operand to the next.</summary>
        public const int DepthStep2 = 6;
        /// <summary>Zero point of the first operand, -128..127.</summary>
        public const int ZeroPoint = 7;
        /// <summary>Zero point of the second operand, -128..127.</summary>
        public const int ZeroPoint2 = 8;
        /// <summary>Zero point of the output, -128..127.</summary>
        public const int OutZeroPoint = 9;
        /// <summary>Multiplier of the sum.</summary>
        public const int Multiplier = 10;
        /// <summary>Shift of the sum, positive is left.</summary>
        public const int Shift = 11;
        /// <summary>Smallest output.</summary>
        public const int OutMin = 12;
        /// <summary>Largest output.</summary>
        public const int OutMax = 13;
        /// <summary>Number of batch dimensions.</summary>
        public const int BatchDimensions = 4;
        /// <summary>BatchDimensions words: sizes of the batch dimensions, outermost first, 1 where there are fewer.</summary>
        public const int BatchSizes = 14;
        /// <summary>BatchDimensions words: bytes between batches of the first operand, 0 where it is broadcast.</summary>
        public const int BatchSteps = 18;
        /// <summary>BatchDimensions words: bytes between batches of the second operand, 0 where it is broadcast.</summary>
        public const int BatchSteps2 = 22;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 26;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is batch * Rows + row of the matrix). x holds the first operand
        /// at xAt, x2 the second at x2At, y the whole output at yAt. y must not overlap an operand.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] x2, int x2At, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int columns = p[Columns], depth = p[Depth];
            int depthStep = p[DepthStep], depthStep2 = p[DepthStep2], columnStep = p[ColumnStep];
            int zero = p[ZeroPoint], outZero = p[OutZeroPoint], outMin = p[OutMin], outMax = p[OutMax];
            long multiplier = p[Multiplier];
            int shift = p[Shift];
            int left = shift > 0 ? shift : 0, right = shift < 0 ? -shift & 63 : 0;
            long half = right > 0 && shift > FixedPoint.Down ? 1L << (right - 1) : 0;
            long signMask = right > 0 && shift > FixedPoint.Once ? -1L : 0L;
            long nudge = shift > FixedPoint.Once ? 0x40000000L : FixedPoint.Fraction(multiplier, shift);
            int outAt = yAt + rowFrom * columns;

            for (int row = rowFrom; row < rowTo; row++)
            {
                int batch = row / p[Rows];
                int from = xAt + (row - batch * p[Rows]) * p[RowStep], column = x2At;
                for (int d = BatchDimensions - 1; d >= 0; d--)
                {
                    int size = p[BatchSizes + d];
                    int index = batch % size;
                    batch /= size;
                    from += index * p[BatchSteps + d];
                    column += index * p[BatchSteps2 + d];
                }

                int start = 0;
                if (p[ZeroPoint2] != 0)
                {
                    for (int i = 0, at = from; i < depth; i++, at += depthStep)
                        start += x[at] - zero;
                    start *= -p[ZeroPoint2];
                }

                for (int c = 0; c < columns; c++)
                {
                    int acc = start, at = from, at2 = column;
                    int end = column + depth * depthStep2;
                    if (zero == 0)
                    {
                        for (; at2 < end; at2 += depthStep2)
                        {
                            acc += x[at] * x2[at2];
                            at += depthStep;
                        }
                    }
                    else
                    {
                        for (; at2 < end; at2 += depthStep2)
                        {
                            acc += (x[at] - zero) * x2[at2];
                            at += depthStep;
                        }
                    }
                    column += columnStep;

                    long v = ((acc << left) * multiplier + nudge) >> 31;
                    int q = (int)((v + half + ((v >> 63) & signMask)) >> right) + outZero;
                    y[outAt++] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                }
            }
        }
    }
}

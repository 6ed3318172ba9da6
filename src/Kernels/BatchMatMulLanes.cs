namespace TinyAI.Kernels
{
    /// <summary>
    /// The lane form of <see cref="BatchMatMul"/>: the second operand's columns are packed at run time as output channels
    /// are packed at pack time, three to a 64-bit element, and <see cref="Conv2DLanes"/> with a window of one pixel does the
    /// rest: every packed element serves four rows of the first operand. Packing costs a few operations per value, so it
    /// pays from two or three rows on.
    /// <para>
    /// Both zero points are dealt with while packing: the second is taken off each element, and the first times each
    /// column's sum off the column's start value. Rows of the first operand are runs of Depth bytes, one after the other.
    /// </para>
    /// <para>Parameters 0 to 29 are those of <see cref="Conv2DLanes"/>: rows are output rows, columns output channels.</para>
    /// </summary>
    public static class BatchMatMulLanes
    {
        /// <summary>Zero point of the second operand, -128..127.</summary>
        public const int ZeroPoint2 = Conv2DLanes.ParameterCount;
        /// <summary>Bytes from one column of the second operand to the next.</summary>
        public const int ColumnStep = Conv2DLanes.ParameterCount + 1;
        /// <summary>Bytes from one value of a column of the second operand to the next.</summary>
        public const int DepthStep2 = Conv2DLanes.ParameterCount + 2;
        /// <summary>What a lane begins with so that it is not negative at the end.</summary>
        public const int Offset = Conv2DLanes.ParameterCount + 3;
        /// <summary>Two words, low and high: the multiplier of q = (sum * multiplier + addend) >> shift.</summary>
        public const int Multiplier = Conv2DLanes.ParameterCount + 4;
        /// <summary>Two words: the addend.</summary>
        public const int Addend = Conv2DLanes.ParameterCount + 6;
        /// <summary>Two words: what is added below the output's zero point.</summary>
        public const int Bend = Conv2DLanes.ParameterCount + 8;
        /// <summary>BatchDimensions words of <see cref="BatchMatMul"/>: sizes of the batch dimensions.</summary>
        public const int BatchSizes = Conv2DLanes.ParameterCount + 10;
        /// <summary>As many: bytes between batches of the first operand, 0 where it is broadcast.</summary>
        public const int BatchSteps = Conv2DLanes.ParameterCount + 14;
        /// <summary>As many: bytes between batches of the second operand, 0 where it is broadcast.</summary>
        public const int BatchSteps2 = Conv2DLanes.ParameterCount + 18;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = Conv2DLanes.ParameterCount + 22;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is batch * rows + row of the matrix). x holds the first operand
        /// at xAt, x2 the second at x2At, y the whole output at yAt. y must not overlap an operand. layer.Taps holds the
        /// distances of the taps already.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] x2, int x2At, sbyte[] y, int yAt, LayerLanes layer, ScratchLanes scratch, int rowFrom, int rowTo)
        {
            int rows = p[Conv2D.OutHeight], columns = p[Conv2D.OutChannels], packed = -1;
            Constants(p, layer, columns);
            for (int row = rowFrom; row < rowTo;)
            {
                int matrix = row / rows, first = row - matrix * rows, batch = matrix, from = xAt, second = x2At;
                int last = rows < first + rowTo - row ? rows : first + rowTo - row;
                for (int d = BatchMatMul.BatchDimensions - 1; d >= 0; d--)
                {
                    int index = batch % p[BatchSizes + d];
                    batch /= p[BatchSizes + d];
                    from += index * p[BatchSteps + d];
                    second += index * p[BatchSteps2 + d];
                }
                if (second != packed)
                    Pack(p, x2, second, layer, columns);
                packed = second;
                Conv2DLanes.Run(p, x, from, y, yAt + matrix * rows * columns, layer, scratch, first, last);
                row += last - first;
            }
        }

        /// <summary>One requantisation serves all columns.</summary>
        private static void Constants(int[] p, LayerLanes layer, int columns)
        {
            long multiplier = Long(p, Multiplier), addend = Long(p, Addend), bend = Long(p, Bend);
            layer.FirstChannel = 0;
            layer.Channels = columns;
            for (int c = 0; c < columns; c++)
            {
                layer.Multiplier[c] = multiplier;
                layer.Addend[c] = addend;
                layer.Bend[c] = bend;
            }
        }

        /// <summary>
        /// Packs the matrix at x2[at]. Lanes that the last group has too many repeat the last column, whose bounds hold.
        /// </summary>
        private static void Pack(int[] p, sbyte[] x2, int at, LayerLanes layer, int columns)
        {
            int depth = p[Conv2D.InChannels], depthStep = p[DepthStep2], columnStep = p[ColumnStep], padded = LayerLanes.PaddedTaps(depth);
            int groups = (columns + 2) / 3, single = LayerLanes.Ones(depth) > 0 ? padded - 1 : padded;
            long[][] weights = layer.Weights;
            long lanes = 1L + (1L << LayerLanes.LaneBits) + (1L << (2 * LayerLanes.LaneBits));
            long zero = p[ZeroPoint2] * lanes, offset = p[Offset] * lanes;
            for (int g = 0; g < groups; g++)
            {
                int rest = columns - 3 * g - 1, a = at;
                int d1 = rest > 0 ? columnStep : 0, d2 = rest > 1 ? 2 * columnStep : d1;
                long sum = 0;
                for (int tap = 0; tap < depth; tap++)
                {
                    long v = x2[a] + ((long)x2[a + d1] << 21) + ((long)x2[a + d2] << 42) - zero;
                    // A single tap behind a chunk of four is a chunk of its own.
                    if (tap < single)
                        weights[tap & 7][(tap >> 3) * groups + g] = v;
                    else
                        weights[0][((tap >> 3) + ((tap & 7) >> 2)) * groups + g] = v;
                    sum += v;
                    a += depthStep;
                }
                // Taps that the last chunk has too many.
                for (int tap = depth; tap < padded; tap++)
                    weights[tap & 7][(tap >> 3) * groups + g] = 0;
                layer.Start[g] = offset - p[Conv2D.InZeroPoint] * sum;
                at += 3 * columnStep;
            }
        }

        private static long Long(int[] p, int at)
        {
            return ((long)p[at + 1] << 32) | (uint)p[at];
        }
    }
}

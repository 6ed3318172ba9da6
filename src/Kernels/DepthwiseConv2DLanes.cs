namespace TinyAI.Kernels
{
    /// <summary>
    /// The lane form of <see cref="DepthwiseConv2D"/>: three output rows, a third of the image apart, share a 64-bit
    /// multiplication. A channel's activations are packed row by row, x[r] + x[r + third] * 2^21 + x[r + 2 thirds] * 2^42,
    /// into a ring that holds as many rows as the kernel is high; each packed row then serves every kernel row.
    /// <para>
    /// Weights stay in the pack, one block per channel as <see cref="LayerLanes.BlockHeader"/> describes. Padding is
    /// packed as the zero point. Bounds, offset and requantisation are those of <see cref="Conv2DLanes"/>; all lanes
    /// belong to one channel.
    /// </para>
    /// </summary>
    public static class DepthwiseConv2DLanes
    {
        /// <summary>Shift after the multiplication. Parameters 0 to 20 are those of <see cref="Conv2D"/>.</summary>
        public const int Shift = Conv2D.ParameterCount;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = Conv2D.ParameterCount + 1;

        /// <summary>Columns of a packed row: those that windows cover, padding included.</summary>
        public static int PackedWidth(int[] p)
        {
            return (p[Conv2D.OutWidth] - 1) * p[Conv2D.StrideWidth] + (p[Conv2D.KernelWidth] - 1) * p[Conv2D.DilationWidth] + 1;
        }

        /// <summary>Rows of the ring: those that a window covers.</summary>
        public static int PackedRows(int[] p)
        {
            return (p[Conv2D.KernelHeight] - 1) * p[Conv2D.DilationHeight] + 1;
        }

        /// <summary>Elements of the ring.</summary>
        public static int PackedLength(int[] p)
        {
            return PackedWidth(p) * PackedRows(p);
        }

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y) of channels channelFrom..channelTo-1.
        /// x holds the whole input at xAt, y the whole output at yAt, w the block of channelFrom at wAt. x and y must
        /// not overlap.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, byte[] w, int wAt, ScratchLanes scratch,
            int channelFrom, int channelTo, int rowFrom, int rowTo)
        {
            int outHeight = p[Conv2D.OutHeight], inChannels = p[Conv2D.InChannels], outChannels = p[Conv2D.OutChannels];
            int inImage = p[Conv2D.InHeight] * p[Conv2D.InWidth] * inChannels, outRow = p[Conv2D.OutWidth] * outChannels;
            for (int channel = channelFrom; channel < channelTo; channel++)
            {
                int channelAt = xAt + channel / p[Conv2D.GroupOutChannels];
                for (int row = rowFrom; row < rowTo;)
                {
                    int image = row / outHeight;
                    int first = row - image * outHeight;
                    int rows = outHeight - first;
                    if (rows > rowTo - row)
                        rows = rowTo - row;
                    RunChannel(
                        p, x, channelAt + image * inImage, y, yAt + row * outRow + channel, w, wAt, scratch.Packed, first, rows);
                    row += rows;
                }
                wAt += p[Conv2D.BlockBytes];
            }
        }

        /// <summary>Rows first..first+rows-1 of one channel of one image, the first of them at y[outAt].</summary>
        private static void RunChannel(
            int[] p, sbyte[] x, int at, sbyte[] y, int outAt, byte[] w, int wAt, long[] packed, int first, int rows)
        {
            int stride = p[Conv2D.StrideHeight], dilation = p[Conv2D.DilationHeight];
            int outRow = p[Conv2D.OutWidth] * p[Conv2D.OutChannels];
            int ring = PackedRows(p), width = PackedWidth(p);
            int third = (rows + 2) / 3, inY = first * stride - p[Conv2D.PadTop], done = 0;
            long multiplier = Long(w, wAt), addend = Long(w, wAt + 8), bend = Long(w, wAt + 16);
            long offset = Long(w, wAt + 24) & LayerLanes.LaneMask, start = offset + (offset << 21) + (offset << 42);
            int taps = wAt + LayerLanes.BlockHeader;
            bool isSquare3 = p[Conv2D.KernelHeight] == 3 && p[Conv2D.KernelWidth] == 3 && p[Conv2D.DilationWidth] == 1;

            for (int i = 0; i < third; i++)
            {
                int from = i * stride;
                if (done < from)
                    done = from;
                for (; done < from + ring; done++)
                    PackRow(p, x, at, inY + done, third * stride, packed, done % ring * width, width);
                // A row that is not there takes the place of an earlier one, which is stored after it.
                int d1 = third + i < rows ? third * outRow : 0, d2 = 2 * third + i < rows ? 2 * third * outRow : 0;
                if (isSquare3)
                {
                    int k0 = from % ring * width, k1 = (from + dilation) % ring * width, k2 = (from + 2 * dilation) % ring * width;
                    RunRow3(p, packed, k0, k1, k2, w, taps, start, multiplier, addend, bend, y, outAt, d1, d2);
                }
                else
                    RunRow(p, packed, from, ring, width, w, taps, start, multiplier, addend, bend, y, outAt, d1, d2);
                outAt += outRow;
            }
        }

        /// <summary>Packs input row inY with those one and two distances below it into packed[k..k+width-1].</summary>
        private static void PackRow(int[] p, sbyte[] x, int at, int inY, int distance, long[] packed, int k, int width)
        {
            int inHeight = p[Conv2D.InHeight], inWidth = p[Conv2D.InWidth], channels = p[Conv2D.InChannels];
            int inRow = inWidth * channels, left = p[Conv2D.PadLeft];
            long zero = p[Conv2D.InZeroPoint];
            long padding = zero + (zero << LayerLanes.LaneBits) + (zero << (2 * LayerLanes.LaneBits));
            int end = k + width, inside = inWidth < width - left ? inWidth : width - left;
            for (int stop = k + left; k < stop; k++)
                packed[k] = padding;
            int a = at + inY * inRow, d1 = distance * inRow, d2 = 2 * d1, insideEnd = k + inside;
            if (inY >= 0 && inY + 2 * distance < inHeight)
            {
                int step = 2 * channels;
                for (; k < insideEnd - 1; k += 2)
                {
                    int b = a + channels;
                    packed[k] = x[a] + ((long)x[a + d1] << 21) + ((long)x[a + d2] << 42);
                    packed[k + 1] = x[b] + ((long)x[b + d1] << 21) + ((long)x[b + d2] << 42);
                    a += step;
                }
                if (k < insideEnd)
                    packed[k++] = x[a] + ((long)x[a + d1] << 21) + ((long)x[a + d2] << 42);
            }
            else
            {
                bool has0 = inY >= 0 && inY < inHeight;
                bool has1 = inY + distance >= 0 && inY + distance < inHeight;
                bool has2 = inY + 2 * distance >= 0 && inY + 2 * distance < inHeight;
                while (k < insideEnd)
                {
                    long v0 = zero, v1 = zero, v2 = zero;
                    if (has0)
                        v0 = x[a];
                    if (has1)
                        v1 = x[a + d1];
                    if (has2)
                        v2 = x[a + d2];
                    packed[k++] = v0 + (v1 << 21) + (v2 << 42);
                    a += channels;
                }
            }
            while (k < end)
                packed[k++] = padding;
        }

        /// <summary>One output row, and those a third and two thirds below it, of a kernel of 3 x 3 taps.</summary>
        private static void RunRow3(
            int[] p, long[] packed, int k0, int k1, int k2, byte[] w, int t,
            long start, long multiplier, long addend, long bend, sbyte[] y, int outAt, int d1, int d2)
        {
            long w0 = (sbyte)w[t], w1 = (sbyte)w[t + 1], w2 = (sbyte)w[t + 2];
            long w3 = (sbyte)w[t + 3], w4 = (sbyte)w[t + 4], w5 = (sbyte)w[t + 5];
            long w6 = (sbyte)w[t + 6], w7 = (sbyte)w[t + 7], w8 = (sbyte)w[t + 8];
            long mask = LayerLanes.LaneMask;
            int shift = p[Shift], outMin = p[Conv2D.OutMin], outMax = p[Conv2D.OutMax];
            int step = p[Conv2D.StrideWidth], outStep = p[Conv2D.OutChannels];
            int value;

            if (bend == 0)
            {
                for (int n = p[Conv2D.OutWidth]; n > 0; n--)
                {
                    long v = start + packed[k0] * w0 + packed[k0 + 1] * w1 + packed[k0 + 2] * w2
                        + packed[k1] * w3 + packed[k1 + 1] * w4 + packed[k1 + 2] * w5
                        + packed[k2] * w6 + packed[k2 + 1] * w7 + packed[k2 + 2] * w8;
                    k0 += step;
                    k1 += step;
                    k2 += step;
                    value = (int)(((v >> 42) * multiplier + addend) >> shift);
                    y[outAt + d2] = (sbyte)(value < outMin ? outMin : value > outMax ? outMax : value);
                    value = (int)((((v >> 21) & mask) * multiplier + addend) >> shift);
                    y[outAt + d1] = (sbyte)(value < outMin ? outMin : value > outMax ? outMax : value);
                    value = (int)(((v & mask) * multiplier + addend) >> shift);
                    y[outAt] = (sbyte)(value < outMin ? outMin : value > outMax ? outMax : value);
                    outAt += outStep;
                }
                return;
            }
            long zero = StoreLanes.ZeroLine(p[Conv2D.OutZeroPoint], shift), q;
            for (int n = p[Conv2D.OutWidth]; n > 0; n--)
            {
                long v = start + packed[k0] * w0 + packed[k0 + 1] * w1 + packed[k0 + 2] * w2
                    + packed[k1] * w3 + packed[k1 + 1] * w4 + packed[k1 + 2] * w5
                    + packed[k2] * w6 + packed[k2 + 1] * w7 + packed[k2 + 2] * w8;
                k0 += step;
                k1 += step;
                k2 += step;
                q = (v >> 42) * multiplier + addend;
                if (q < zero)
                    q += bend;
                value = (int)(q >> shift);
                y[outAt + d2] = (sbyte)(value < outMin ? outMin : value > outMax ? outMax : value);
                q = ((v >> 21) & mask) * multiplier + addend;
                if (q < zero)
                    q += bend;
                value = (int)(q >> shift);
                y[outAt + d1] = (sbyte)(value < outMin ? outMin : value > outMax ? outMax : value);
                q = (v & mask) * multiplier + addend;
                if (q < zero)
                    q += bend;
                value = (int)(q >> shift);
                y[outAt] = (sbyte)(value < outMin ? outMin : value > outMax ? outMax : value);
                outAt += outStep;
            }
        }

        /// <summary>The same for a kernel of any size; the window begins in row from of the ring.</summary>
        private static void RunRow(
            int[] p, long[] packed, int from, int ring, int width, byte[] w, int taps,
            long start, long multiplier, long addend, long bend, sbyte[] y, int outAt, int d1, int d2)
        {
            int kernelHeight = p[Conv2D.KernelHeight], kernelWidth = p[Conv2D.KernelWidth];
            int dilationHeight = p[Conv2D.DilationHeight], dilationWidth = p[Conv2D.DilationWidth];
            long mask = LayerLanes.LaneMask;
            int shift = p[Shift], outMin = p[Conv2D.OutMin], outMax = p[Conv2D.OutMax];
            int step = p[Conv2D.StrideWidth], outStep = p[Conv2D.OutChannels], column = 0;
            long zero = StoreLanes.ZeroLine(p[Conv2D.OutZeroPoint], shift), q;
            int value;

            for (int n = p[Conv2D.OutWidth]; n > 0; n--)
            {
                int t = taps, row = from;
                long v = start;
                for (int ky = 0; ky < kernelHeight; ky++)
                {
                    int k = row % ring * width + column, end = t + kernelWidth;
                    for (; t < end - 1; t += 2)
                    {
                        v += packed[k] * (sbyte)w[t] + packed[k + dilationWidth] * (sbyte)w[t + 1];
                        k += 2 * dilationWidth;
                    }
                    if (t < end)
                        v += packed[k] * (sbyte)w[t++];
                    row += dilationHeight;
                }
                column += step;
                q = (v >> 42) * multiplier + addend;
                if (q < zero)
                    q += bend;
                value = (int)(q >> shift);
                y[outAt + d2] = (sbyte)(value < outMin ? outMin : value > outMax ? outMax : value);
                q = ((v >> 21) & mask) * multiplier + addend;
                if (q < zero)
                    q += bend;
                value = (int)(q >> shift);
                y[outAt + d1] = (sbyte)(value < outMin ? outMin : value > outMax ? outMax : value);
                q = (v & mask) * multiplier + addend;
                if (q < zero)
                    q += bend;
                value = (int)(q >> shift);
                y[outAt] = (sbyte)(value < outMin ? outMin : value > outMax ? outMax : value);
                outAt += outStep;
            }
        }

        private static long Long(byte[] data, int at)
        {
            uint low = (uint)(data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24));
            int high = data[at + 4] | (data[at + 5] << 8) | (data[at + 6] << 16) | (data[at + 7] << 24);
            return ((long)high << 32) | low;
        }
    }
}

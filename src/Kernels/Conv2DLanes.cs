using System;

namespace TinyAI.Kernels
{
    /// <summary>
    /// The lane form of <see cref="Conv2D"/>, ungrouped: the same bytes, about ten times fewer interpreter operations.
    /// Three output channels share a 64-bit multiplication (<see cref="LayerLanes"/>), and every weight that is
    /// fetched serves four output positions, whose activations wait in locals.
    /// <para>
    /// Windows never reach over the border: a layer with padding copies a band of input rows, with the padding written
    /// out as the zero point, and reads from there. Requantisation is q = (sum * multiplier + addend) >> shift, which
    /// the packer has proved equal to TFLite's two roundings for every sum that can occur. It never falls, so the largest of
    /// several sums gives the largest of their outputs: a maximum pool costs a comparison instead of a requantisation.
    /// </para>
    /// <para>Parameters 0 to 20 are those of <see cref="Conv2D"/>; depthwise layers with one input channel fit too.</para>
    /// </summary>
    public static class Conv2DLanes
    {
        /// <summary>Shift after the multiplication, the same for all channels.</summary>
        public const int Shift = Conv2D.ParameterCount;
        /// <summary>1 where outputs below the zero point need their bend, else 0.</summary>
        public const int Bent = Conv2D.ParameterCount + 1;
        /// <summary>Chunks of eight taps after which lanes are unpacked into sums; more than there are: never.</summary>
        public const int SegmentChunks = Conv2D.ParameterCount + 2;
        /// <summary>1 where sums are split, else 0.</summary>
        public const int Split = Conv2D.ParameterCount + 3;
        /// <summary>Output rows that are computed from one band, or from the input at once.</summary>
        public const int TileRows = Conv2D.ParameterCount + 4;
        /// <summary>Bytes of a band's row, or 0 where the input is read in place.</summary>
        public const int BandRow = Conv2D.ParameterCount + 5;
        /// <summary>Rows of a band.</summary>
        public const int BandRows = Conv2D.ParameterCount + 6;
        /// <summary>Channels whose lanes are in memory at once, a multiple of three or all.</summary>
        public const int PageChannels = Conv2D.ParameterCount + 7;
        /// <summary>
        /// 1, or 2 or 4 where the largest of so many positions, one below the other, is all that is stored: a maximum pool that
        /// the packer has drawn into the layer. Then OutWidth is 1 and OutHeight, before pooling, a multiple.
        /// </summary>
        public const int Pool = Conv2D.ParameterCount + 8;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = Conv2D.ParameterCount + 9;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y) of the channels that
        /// layer holds. x holds the whole input at xAt, y the whole output at yAt. x and y must not overlap.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, LayerLanes layer, ScratchLanes scratch, int rowFrom, int rowTo)
        {
            int outHeight = p[Conv2D.OutHeight], outWidth = p[Conv2D.OutWidth], outChannels = p[Conv2D.OutChannels];
            int inRow = p[Conv2D.InWidth] * p[Conv2D.InChannels], bandRow = p[BandRow], bandRows = p[BandRows], tileRows = p[TileRows];
            int lineStep = p[Conv2D.StrideHeight] * (bandRow > 0 ? bandRow : inRow);

            for (int row = rowFrom; row < rowTo;)
            {
                int image = row / outHeight;
                int first = row - image * outHeight;
                int rows = outHeight - first;
                if (rows > tileRows)
                    rows = tileRows;
                if (rows > rowTo - row)
                    rows = rowTo - row;
                int outAt = yAt + row / p[Pool] * outWidth * outChannels + layer.FirstChannel;
                int imageAt = xAt + image * p[Conv2D.InHeight] * inRow;
                int inY = first * p[Conv2D.StrideHeight] - p[Conv2D.PadTop];
                if (bandRow > 0)
                {
                    FillBand(p, x, imageAt, inY, scratch.Band, inRow, bandRows - (tileRows - rows) * p[Conv2D.StrideHeight]);
                    RunTile(p, scratch.Band, 0, lineStep, y, outAt, layer, scratch, rows * outWidth);
                }
                else
                    RunTile(p, x, imageAt + inY * inRow, lineStep, y, outAt, layer, scratch, rows * outWidth);
                row += rows;
            }
        }

        /// <summary>
        /// Copies the input rows inY..inY+bandRows-1 into the band; rows and columns outside the image become the zero
        /// point. No row is touched that the outputs do not need: a stream may not hold it.
        /// </summary>
        private static void FillBand(int[] p, sbyte[] x, int imageAt, int inY, sbyte[] band, int inRow, int bandRows)
        {
            int bandRow = p[BandRow], inHeight = p[Conv2D.InHeight];
            int left = p[Conv2D.PadLeft] * p[Conv2D.InChannels];
            int count = bandRow - left < inRow ? bandRow - left : inRow;
            sbyte zero = (sbyte)p[Conv2D.InZeroPoint];
            if (left == 0 && count == bandRow && count == inRow)
            {
                // Without padding at the sides the rows are one piece.
                int above = inY < 0 ? -inY : 0;
                if (above > bandRows)
                    above = bandRows;
                int inside = inHeight - inY - above;
                if (inside > bandRows - above)
                    inside = bandRows - above;
                if (inside < 0)
                    inside = 0;
                if (inside > 0)
                    Array.Copy(x, imageAt + (inY + above) * inRow, band, above * bandRow, inside * bandRow);
                Fill(band, 0, above * bandRow, zero);
                Fill(band, (above + inside) * bandRow, bandRows * bandRow, zero);
                return;
            }
            for (int r = 0; r < bandRows; r++)
            {
                int at = r * bandRow, end = at + bandRow;
                if (inY + r >= 0 && inY + r < inHeight)
                {
                    Fill(band, at, at + left, zero);
                    Array.Copy(x, imageAt + (inY + r) * inRow, band, at + left, count);
                    at += left + count;
                }
                Fill(band, at, end, zero);
            }
        }

        /// <summary>Sets band[at..end-1].</summary>
        private static void Fill(sbyte[] band, int at, int end, sbyte value)
        {
            for (; at < end; at++)
                band[at] = value;
        }

        /// <summary>
        /// Computes count output positions, row after row of OutWidth, from windows that lie wholly in the source. The
        /// first window of a row lies lineStep bytes after that of the row before.
        /// </summary>
        private static void RunTile(
            int[] p, sbyte[] from, int line, int lineStep, sbyte[] y, int outAt, LayerLanes layer, ScratchLanes scratch, int count)
        {
            int outWidth = p[Conv2D.OutWidth], outChannels = p[Conv2D.OutChannels];
            int step = p[Conv2D.StrideWidth] * p[Conv2D.InChannels];
            int tapCount = p[Conv2D.KernelHeight] * p[Conv2D.KernelWidth] * p[Conv2D.InChannels];
            int eights = LayerLanes.Eights(tapCount), fours = LayerLanes.Fours(tapCount), ones = LayerLanes.Ones(tapCount);
            int groups = (layer.Channels + 2) / 3;
            int[] taps = layer.Taps;
            long[][] w = layer.Weights;
            long[] w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3], w4 = w[4], w5 = w[5], w6 = w[6], w7 = w[7];
            long[] start = layer.Start, a0 = scratch.A0, a1 = scratch.A1, a2 = scratch.A2, a3 = scratch.A3;
            int segment = p[SegmentChunks], pool = p[Pool], pooledAt = outAt;
            int at = line, column = 0;

            while (count > 0)
            {
                // Four positions; where fewer are left, the last one is computed again.
                int at0 = at, y0 = outAt;
                if (count > 1)
                {
                    at += step;
                    outAt += outChannels;
                    if (++column == outWidth)
                    {
                        column = 0;
                        line += lineStep;
                        at = line;
                    }
                }
                int at1 = at, y1 = outAt;
                if (count > 2)
                {
                    at += step;
                    outAt += outChannels;
                    if (++column == outWidth)
                    {
                        column = 0;
                        line += lineStep;
                        at = line;
                    }
                }
                int at2 = at, y2 = outAt;
                if (count > 3)
                {
                    at += step;
                    outAt += outChannels;
                    if (++column == outWidth)
                    {
                        column = 0;
                        line += lineStep;
                        at = line;
                    }
                }
                int at3 = at, y3 = outAt;
                at += step;
                outAt += outChannels;
                if (++column == outWidth)
                {
                    column = 0;
                    line += lineStep;
                    at = line;
                }
                count -= 4;

                for (int g = 0; g < groups; g++)
                {
                    long s = start[g];
                    a0[g] = s;
                    a1[g] = s;
                    a2[g] = s;
                    a3[g] = s;
                }

                int k = 0, t = 0, o, untilSpill = segment;
                for (int chunk = 0; chunk < eights; chunk++)
                {
                    if (untilSpill-- == 0)
                    {
                        StoreLanes.Spill(scratch, start, groups, chunk == segment);
                        untilSpill = segment - 1;
                    }
                    o = taps[t];
                    long x00 = from[at0 + o], x10 = from[at1 + o], x20 = from[at2 + o], x30 = from[at3 + o];
                    o = taps[t + 1];
                    long x01 = from[at0 + o], x11 = from[at1 + o], x21 = from[at2 + o], x31 = from[at3 + o];
                    o = taps[t + 2];
                    long x02 = from[at0 + o], x12 = from[at1 + o], x22 = from[at2 + o], x32 = from[at3 + o];
                    o = taps[t + 3];
                    long x03 = from[at0 + o], x13 = from[at1 + o], x23 = from[at2 + o], x33 = from[at3 + o];
                    o = taps[t + 4];
                    long x04 = from[at0 + o], x14 = from[at1 + o], x24 = from[at2 + o], x34 = from[at3 + o];
                    o = taps[t + 5];
                    long x05 = from[at0 + o], x15 = from[at1 + o], x25 = from[at2 + o], x35 = from[at3 + o];
                    o = taps[t + 6];
                    long x06 = from[at0 + o], x16 = from[at1 + o], x26 = from[at2 + o], x36 = from[at3 + o];
                    o = taps[t + 7];
                    long x07 = from[at0 + o], x17 = from[at1 + o], x27 = from[at2 + o], x37 = from[at3 + o];
                    for (int g = 0; g < groups; g++)
                    {
                        long v0 = w0[k], v1 = w1[k], v2 = w2[k], v3 = w3[k], v4 = w4[k], v5 = w5[k], v6 = w6[k], v7 = w7[k];
                        a0[g] += x00 * v0 + x01 * v1 + x02 * v2 + x03 * v3 + x04 * v4 + x05 * v5 + x06 * v6 + x07 * v7;
                        a1[g] += x10 * v0 + x11 * v1 + x12 * v2 + x13 * v3 + x14 * v4 + x15 * v5 + x16 * v6 + x17 * v7;
                        a2[g] += x20 * v0 + x21 * v1 + x22 * v2 + x23 * v3 + x24 * v4 + x25 * v5 + x26 * v6 + x27 * v7;
                        a3[g] += x30 * v0 + x31 * v1 + x32 * v2 + x33 * v3 + x34 * v4 + x35 * v5 + x36 * v6 + x37 * v7;
                        k++;
                    }
                    t += 8;
                }
                if (fours > 0)
                {
                    o = taps[t];
                    long x00 = from[at0 + o], x10 = from[at1 + o], x20 = from[at2 + o], x30 = from[at3 + o];
                    o = taps[t + 1];
                    long x01 = from[at0 + o], x11 = from[at1 + o], x21 = from[at2 + o], x31 = from[at3 + o];
                    o = taps[t + 2];
                    long x02 = from[at0 + o], x12 = from[at1 + o], x22 = from[at2 + o], x32 = from[at3 + o];
                    o = taps[t + 3];
                    long x03 = from[at0 + o], x13 = from[at1 + o], x23 = from[at2 + o], x33 = from[at3 + o];
                    for (int g = 0; g < groups; g++)
                    {
                        long v0 = w0[k], v1 = w1[k], v2 = w2[k], v3 = w3[k];
                        a0[g] += x00 * v0 + x01 * v1 + x02 * v2 + x03 * v3;
                        a1[g] += x10 * v0 + x11 * v1 + x12 * v2 + x13 * v3;
                        a2[g] += x20 * v0 + x21 * v1 + x22 * v2 + x23 * v3;
                        a3[g] += x30 * v0 + x31 * v1 + x32 * v2 + x33 * v3;
                        k++;
                    }
                    t += 4;
                }
                if (ones > 0)
                {
                    o = taps[t];
                    long x00 = from[at0 + o], x10 = from[at1 + o], x20 = from[at2 + o], x30 = from[at3 + o];
                    for (int g = 0; g < groups; g++)
                    {
                        long v0 = w0[k];
                        a0[g] += x00 * v0;
                        a1[g] += x10 * v0;
                        a2[g] += x20 * v0;
                        a3[g] += x30 * v0;
                        k++;
                    }
                }

                if (pool > 1)
                {
                    StoreLanes.StorePooled(p, layer, scratch, y, pooledAt, count > -2 ? pooledAt + outChannels : pooledAt);
                    pooledAt += 4 / pool * outChannels;
                }
                else if (p[Split] != 0)
                {
                    StoreLanes.Spill(scratch, start, groups, false);
                    StoreLanes.StoreSums(p, layer, scratch.Sums, y, y0, y1, y2, y3);
                }
                else if (p[Bent] != 0)
                    StoreLanes.StoreBent(p, layer, scratch, y, y0, y1, y2, y3);
                else
                    StoreLanes.StoreStraight(p, layer, scratch, y, y0, y1, y2, y3);
            }
        }
    }
}

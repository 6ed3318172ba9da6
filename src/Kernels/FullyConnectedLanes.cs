namespace TinyAI.Kernels
{
    /// <summary>
    /// The lane form of <see cref="FullyConnected"/> for few input rows: three outputs share a 64-bit multiplication
    /// (<see cref="LayerLanes"/>), and eight activations wait in locals while all groups of outputs use them. For four
    /// rows and more <see cref="Conv2DLanes"/> with a window of one pixel shares the weights too.
    /// <para>
    /// Taps that are missing in the last chunk count as zero: neither their weights nor activations behind the row are
    /// read.
    /// </para>
    /// </summary>
    public static class FullyConnectedLanes
    {
        /// <summary>Shift after the multiplication. Parameters 0 to 5 are those of <see cref="FullyConnected"/>.</summary>
        public const int Shift = FullyConnected.ParameterCount;
        /// <summary>Chunks of eight taps after which lanes are unpacked into sums; more than there are: never.</summary>
        public const int SegmentChunks = FullyConnected.ParameterCount + 1;
        /// <summary>1 where sums are split, else 0.</summary>
        public const int Split = FullyConnected.ParameterCount + 2;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = FullyConnected.ParameterCount + 3;

        /// <summary>
        /// Computes all outputs of rows rowFrom..rowTo-1. x holds all input rows at xAt, y all output rows at yAt. x and
        /// y must not overlap.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, LayerLanes layer, ScratchLanes scratch, int rowFrom, int rowTo)
        {
            int inSize = p[FullyConnected.InSize], outSize = p[FullyConnected.OutSize], segment = p[SegmentChunks];
            int eights = inSize >> 3, rest = inSize & 7;
            int groups = (outSize + 2) / 3;
            long[][] w = layer.Weights;
            long[] w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3], w4 = w[4], w5 = w[5], w6 = w[6], w7 = w[7];
            long[] start = layer.Start, a = scratch.A0;
            bool split = p[Split] != 0;

            for (int row = rowFrom; row < rowTo; row++)
            {
                int i = xAt + row * inSize, k = 0, untilSpill = segment;
                for (int g = 0; g < groups; g++)
                    a[g] = start[g];

                for (int chunk = 0; chunk < eights; chunk++)
                {
                    if (untilSpill-- == 0)
                    {
                        Spill(scratch.Sums, a, start, groups, chunk == segment);
                        untilSpill = segment - 1;
                    }
                    long x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];
                    long x4 = x[i + 4], x5 = x[i + 5], x6 = x[i + 6], x7 = x[i + 7];
                    for (int g = 0; g < groups; g++)
                    {
                        a[g] += x0 * w0[k] + x1 * w1[k] + x2 * w2[k] + x3 * w3[k]
                            + x4 * w4[k] + x5 * w5[k] + x6 * w6[k] + x7 * w7[k];
                        k++;
                    }
                    i += 8;
                }
                // Six or seven taps left over lie in eight arrays, two to five in four, the fifth and a single one in array 0.
                if (rest > 5)
                {
                    long x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3], x4 = x[i + 4], x5 = x[i + 5];
                    long x6 = rest > 6 ? x[i + 6] : 0L;
                    for (int g = 0; g < groups; g++)
                    {
                        a[g] += x0 * w0[k] + x1 * w1[k] + x2 * w2[k] + x3 * w3[k] + x4 * w4[k] + x5 * w5[k] + x6 * w6[k];
                        k++;
                    }
                }
                else if (rest > 1)
                {
                    long x0 = x[i], x1 = x[i + 1];
                    long x2 = rest > 2 ? x[i + 2] : 0L, x3 = rest > 3 ? x[i + 3] : 0L;
                    for (int g = 0; g < groups; g++)
                    {
                        a[g] += x0 * w0[k] + x1 * w1[k] + x2 * w2[k] + x3 * w3[k];
                        k++;
                    }
                }
                if (rest == 1 || rest == 5)
                {
                    long x0 = x[i + rest - 1];
                    for (int g = 0; g < groups; g++)
                        a[g] += x0 * w0[k++];
                }

                int at = yAt + row * outSize;
                if (split)
                {
                    Spill(scratch.Sums, a, start, groups, false);
                    StoreSums(p, layer, scratch.Sums, y, at);
                }
                else
                    Store(p, layer, a, y, at);
            }
        }

        /// <summary>Stores one row of outputs at y[at..].</summary>
        private static void Store(int[] p, LayerLanes layer, long[] a, sbyte[] y, int at)
        {
            int outMin = p[FullyConnected.OutMin], outMax = p[FullyConnected.OutMax], shift = p[Shift];
            int end = at + p[FullyConnected.OutSize], channel = 0;
            long[] multiplier = layer.Multiplier, addend = layer.Addend, bend = layer.Bend;
            long zero = StoreLanes.ZeroLine(p[FullyConnected.OutZeroPoint], shift);
            int g = 0, q;
            long t, v;
            while (at < end - 2)
            {
                v = a[g++];
                t = (v & LayerLanes.LaneMask) * multiplier[channel] + addend[channel];
                if (t < zero)
                    t += bend[channel];
                q = (int)(t >> shift);
                y[at] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                channel++;
                t = ((v >> 21) & LayerLanes.LaneMask) * multiplier[channel] + addend[channel];
                if (t < zero)
                    t += bend[channel];
                q = (int)(t >> shift);
                y[at + 1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                channel++;
                t = (v >> 42) * multiplier[channel] + addend[channel];
                if (t < zero)
                    t += bend[channel];
                q = (int)(t >> shift);
                y[at + 2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                channel++;
                at += 3;
            }
            for (int lane = 0; at < end; lane += LayerLanes.LaneBits)
            {
                t = ((a[g] >> lane) & LayerLanes.LaneMask) * multiplier[channel] + addend[channel];
                if (t < zero)
                    t += bend[channel];
                q = (int)(t >> shift);
                y[at++] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                channel++;
            }
        }

        /// <summary>Unpacks the accumulators into the sums and begins new ones.</summary>
        private static void Spill(int[] sums, long[] a, long[] start, int groups, bool first)
        {
            int k = 0;
            for (int g = 0; g < groups; g++)
            {
                long v = a[g];
                a[g] = start[g];
                for (int lane = 0; lane < LayerLanes.Lanes; lane++)
                {
                    int sum = (int)(v & LayerLanes.LaneMask);
                    sums[k] = first ? sum : sums[k] + sum;
                    v >>= LayerLanes.LaneBits;
                    k++;
                }
            }
        }

        /// <summary>Stores one row of outputs whose sums were split at y[at..].</summary>
        private static void StoreSums(int[] p, LayerLanes layer, int[] sums, sbyte[] y, int at)
        {
            int outMin = p[FullyConnected.OutMin], outMax = p[FullyConnected.OutMax], shift = p[Shift];
            int outputs = p[FullyConnected.OutSize];
            long[] multiplier = layer.Multiplier, addend = layer.Addend, bend = layer.Bend;
            long zero = StoreLanes.ZeroLine(p[FullyConnected.OutZeroPoint], shift);
            for (int output = 0; output < outputs; output++)
            {
                long t = sums[output] * multiplier[output] + addend[output];
                if (t < zero)
                    t += bend[output];
                int q = (int)(t >> shift);
                y[at + output] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
            }
        }
    }
}

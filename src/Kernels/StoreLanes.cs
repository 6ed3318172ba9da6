namespace TinyAI.Kernels
{
    /// <summary>
    /// What the lane kernels do with finished accumulators: take the lanes apart, requantise, clamp, store. A lane is
    /// not negative, because accumulators begin with an offset; the offset is taken back by the addend.
    /// </summary>
    public static class StoreLanes
    {
        /// <summary>
        /// The product above which outputs are not bent: the middle of the zero point's own step, which no threshold
        /// touches.
        /// </summary>
        public static long ZeroLine(int outZero, int shift)
        {
            return ((long)outZero << shift) + (1L << (shift - 1));
        }

        /// <summary>
        /// Stores four positions of a layer that needs no bend, at y0..y3; twelve outputs per group of channels.
        /// </summary>
        public static void StoreStraight(
            int[] p, LayerLanes layer, ScratchLanes scratch, sbyte[] y, int y0, int y1, int y2, int y3)
        {
            int outMin = p[Conv2D.OutMin], outMax = p[Conv2D.OutMax], shift = p[Conv2DLanes.Shift];
            int channels = layer.Channels, whole = channels / 3, channel = 0, q;
            long[] a0 = scratch.A0, a1 = scratch.A1, a2 = scratch.A2, a3 = scratch.A3;
            long[] multiplier = layer.Multiplier, addend = layer.Addend;
            long v, mask = LayerLanes.LaneMask;
            for (int g = 0; g < whole; g++)
            {
                long m0 = multiplier[channel], m1 = multiplier[channel + 1], m2 = multiplier[channel + 2];
                long c0 = addend[channel], c1 = addend[channel + 1], c2 = addend[channel + 2];
                channel += 3;
                v = a0[g];
                q = (int)(((v & mask) * m0 + c0) >> shift);
                y[y0] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                q = (int)((((v >> 21) & mask) * m1 + c1) >> shift);
                y[y0 + 1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                q = (int)(((v >> 42) * m2 + c2) >> shift);
                y[y0 + 2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                y0 += 3;
                v = a1[g];
                q = (int)(((v & mask) * m0 + c0) >> shift);
                y[y1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                q = (int)((((v >> 21) & mask) * m1 + c1) >> shift);
                y[y1 + 1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                q = (int)(((v >> 42) * m2 + c2) >> shift);
                y[y1 + 2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                y1 += 3;
                v = a2[g];
                q = (int)(((v & mask) * m0 + c0) >> shift);
                y[y2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                q = (int)((((v >> 21) & mask) * m1 + c1) >> shift);
                y[y2 + 1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                q = (int)(((v >> 42) * m2 + c2) >> shift);
                y[y2 + 2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                y2 += 3;
                v = a3[g];
                q = (int)(((v & mask) * m0 + c0) >> shift);
                y[y3] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                q = (int)((((v >> 21) & mask) * m1 + c1) >> shift);
                y[y3 + 1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                q = (int)(((v >> 42) * m2 + c2) >> shift);
                y[y3 + 2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                y3 += 3;
            }
            if (channel < channels)
                StoreRest(p, layer, scratch, y, y0, y1, y2, y3, whole, channel);
        }

        /// <summary>
        /// Stores four positions of a layer whose outputs below the zero point are bent, at y0..y3.
        /// </summary>
        public static void StoreBent(
            int[] p, LayerLanes layer, ScratchLanes scratch, sbyte[] y, int y0, int y1, int y2, int y3)
        {
            int outMin = p[Conv2D.OutMin], outMax = p[Conv2D.OutMax], shift = p[Conv2DLanes.Shift];
            int channels = layer.Channels, whole = channels / 3, channel = 0, q;
            long[] a0 = scratch.A0, a1 = scratch.A1, a2 = scratch.A2, a3 = scratch.A3;
            long[] multiplier = layer.Multiplier, addend = layer.Addend;
            long[] bend = layer.Bend;
            long zero = ZeroLine(p[Conv2D.OutZeroPoint], shift), t;
            long v, mask = LayerLanes.LaneMask;
            for (int g = 0; g < whole; g++)
            {
                long m0 = multiplier[channel], m1 = multiplier[channel + 1], m2 = multiplier[channel + 2];
                long c0 = addend[channel], c1 = addend[channel + 1], c2 = addend[channel + 2];
                long d0 = bend[channel], d1 = bend[channel + 1], d2 = bend[channel + 2];
                channel += 3;
                v = a0[g];
                t = (v & mask) * m0 + c0;
                if (t < zero)
                    t += d0;
                q = (int)(t >> shift);
                y[y0] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = ((v >> 21) & mask) * m1 + c1;
                if (t < zero)
                    t += d1;
                q = (int)(t >> shift);
                y[y0 + 1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = (v >> 42) * m2 + c2;
                if (t < zero)
                    t += d2;
                q = (int)(t >> shift);
                y[y0 + 2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                y0 += 3;
                v = a1[g];
                t = (v & mask) * m0 + c0;
                if (t < zero)
                    t += d0;
                q = (int)(t >> shift);
                y[y1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = ((v >> 21) & mask) * m1 + c1;
                if (t < zero)
                    t += d1;
                q = (int)(t >> shift);
                y[y1 + 1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = (v >> 42) * m2 + c2;
                if (t < zero)
                    t += d2;
                q = (int)(t >> shift);
                y[y1 + 2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                y1 += 3;
                v = a2[g];
                t = (v & mask) * m0 + c0;
                if (t < zero)
                    t += d0;
                q = (int)(t >> shift);
                y[y2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = ((v >> 21) & mask) * m1 + c1;
                if (t < zero)
                    t += d1;
                q = (int)(t >> shift);
                y[y2 + 1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = (v >> 42) * m2 + c2;
                if (t < zero)
                    t += d2;
                q = (int)(t >> shift);
                y[y2 + 2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                y2 += 3;
                v = a3[g];
                t = (v & mask) * m0 + c0;
                if (t < zero)
                    t += d0;
                q = (int)(t >> shift);
                y[y3] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = ((v >> 21) & mask) * m1 + c1;
                if (t < zero)
                    t += d1;
                q = (int)(t >> shift);
                y[y3 + 1] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = (v >> 42) * m2 + c2;
                if (t < zero)
                    t += d2;
                q = (int)(t >> shift);
                y[y3 + 2] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                y3 += 3;
            }
            if (channel < channels)
                StoreRest(p, layer, scratch, y, y0, y1, y2, y3, whole, channel);
        }

        /// <summary>
        /// Stores the larger of positions 0 and 1 at y0 and that of positions 2 and 3 at y2, which may be y0 where there are no
        /// such positions; or the largest of all four at y0. Straight layers have bends of 0.
        /// </summary>
        public static void StorePooled(int[] p, LayerLanes layer, ScratchLanes scratch, sbyte[] y, int y0, int y2)
        {
            int outMin = p[Conv2D.OutMin], outMax = p[Conv2D.OutMax], shift = p[Conv2DLanes.Shift];
            int channels = layer.Channels, channel = 0, q;
            bool pairs = p[Conv2DLanes.Pool] == 2;
            long[] a0 = scratch.A0, a1 = scratch.A1, a2 = scratch.A2, a3 = scratch.A3;
            long[] multiplier = layer.Multiplier, addend = layer.Addend, bend = layer.Bend;
            long zero = ZeroLine(p[Conv2D.OutZeroPoint], shift), mask = LayerLanes.LaneMask, t;
            for (int g = 0; channel < channels; g++)
            {
                long v0 = a0[g], v1 = a1[g], v2 = a2[g], v3 = a3[g];
                int end = channel + 3 < channels ? channel + 3 : channels;
                while (channel < end)
                {
                    long m = multiplier[channel], c = addend[channel], d = bend[channel];
                    long s0 = v0 & mask, s1 = v1 & mask, s2 = v2 & mask, s3 = v3 & mask;
                    v0 >>= 21;
                    v1 >>= 21;
                    v2 >>= 21;
                    v3 >>= 21;
                    if (s1 > s0)
                        s0 = s1;
                    if (s3 > s2)
                        s2 = s3;
                    if (pairs)
                    {
                        t = s2 * m + c;
                        if (t < zero)
                            t += d;
                        q = (int)(t >> shift);
                        y[y2 + channel] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                    }
                    else if (s2 > s0)
                        s0 = s2;
                    t = s0 * m + c;
                    if (t < zero)
                        t += d;
                    q = (int)(t >> shift);
                    y[y0 + channel] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                    channel++;
                }
            }
        }

        /// <summary>The one or two channels after the last whole group, in either form: straight layers have bends of 0.</summary>
        private static void StoreRest(
            int[] p, LayerLanes layer, ScratchLanes scratch, sbyte[] y, int y0, int y1, int y2, int y3, int g, int channel)
        {
            int outMin = p[Conv2D.OutMin], outMax = p[Conv2D.OutMax], shift = p[Conv2DLanes.Shift];
            int channels = layer.Channels, lane = 0, q;
            long[] multiplier = layer.Multiplier, addend = layer.Addend, bend = layer.Bend;
            long v0 = scratch.A0[g], v1 = scratch.A1[g], v2 = scratch.A2[g], v3 = scratch.A3[g];
            long zero = ZeroLine(p[Conv2D.OutZeroPoint], shift), t;
            for (; channel < channels; channel++)
            {
                long m = multiplier[channel], c = addend[channel], d = bend[channel];
                t = ((v0 >> lane) & LayerLanes.LaneMask) * m + c;
                if (t < zero)
                    t += d;
                q = (int)(t >> shift);
                y[y0++] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = ((v1 >> lane) & LayerLanes.LaneMask) * m + c;
                if (t < zero)
                    t += d;
                q = (int)(t >> shift);
                y[y1++] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = ((v2 >> lane) & LayerLanes.LaneMask) * m + c;
                if (t < zero)
                    t += d;
                q = (int)(t >> shift);
                y[y2++] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = ((v3 >> lane) & LayerLanes.LaneMask) * m + c;
                if (t < zero)
                    t += d;
                q = (int)(t >> shift);
                y[y3++] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                lane += LayerLanes.LaneBits;
            }
        }

        /// <summary>
        /// Unpacks the accumulators of four positions into the sums (set them where first, else add) and begins new
        /// ones.
        /// </summary>
        public static void Spill(ScratchLanes scratch, long[] start, int groups, bool first)
        {
            long[] a0 = scratch.A0, a1 = scratch.A1, a2 = scratch.A2, a3 = scratch.A3;
            int[] sums = scratch.Sums;
            int k = 0;
            for (int g = 0; g < groups; g++)
            {
                long s = start[g];
                for (int position = 0; position < 4; position++)
                {
                    long v = position == 0 ? a0[g] : position == 1 ? a1[g] : position == 2 ? a2[g] : a3[g];
                    int l0 = (int)(v & LayerLanes.LaneMask), l1 = (int)((v >> 21) & LayerLanes.LaneMask), l2 = (int)(v >> 42);
                    if (first)
                    {
                        sums[k] = l0;
                        sums[k + 1] = l1;
                        sums[k + 2] = l2;
                    }
                    else
                    {
                        sums[k] += l0;
                        sums[k + 1] += l1;
                        sums[k + 2] += l2;
                    }
                    k += 3;
                }
                a0[g] = s;
                a1[g] = s;
                a2[g] = s;
                a3[g] = s;
            }
        }

        /// <summary>Stores four positions whose sums were split; straight layers have bends of 0.</summary>
        public static void StoreSums(int[] p, LayerLanes layer, int[] sums, sbyte[] y, int y0, int y1, int y2, int y3)
        {
            int outMin = p[Conv2D.OutMin], outMax = p[Conv2D.OutMax], shift = p[Conv2DLanes.Shift];
            int channels = layer.Channels;
            long[] multiplier = layer.Multiplier, addend = layer.Addend, bend = layer.Bend;
            long zero = ZeroLine(p[Conv2D.OutZeroPoint], shift);
            int k = 0, lane = 0;
            for (int channel = 0; channel < channels; channel++)
            {
                long m = multiplier[channel], c = addend[channel], d = bend[channel];
                long t = sums[k] * m + c;
                if (t < zero)
                    t += d;
                int q = (int)(t >> shift);
                y[y0 + channel] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = sums[k + 3] * m + c;
                if (t < zero)
                    t += d;
                q = (int)(t >> shift);
                y[y1 + channel] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = sums[k + 6] * m + c;
                if (t < zero)
                    t += d;
                q = (int)(t >> shift);
                y[y2 + channel] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                t = sums[k + 9] * m + c;
                if (t < zero)
                    t += d;
                q = (int)(t >> shift);
                y[y3 + channel] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                k++;
                if (++lane == 3)
                {
                    lane = 0;
                    k += 9;
                }
            }
        }
    }
}

namespace TinyAI.Kernels
{
    /// <summary>
    /// The lane form of <see cref="DepthwiseConv2D"/> for few output positions, as streaming models have them: three taps
    /// of one channel share a 64-bit multiplication. With x0 + x1 * 2^21 + x2 * 2^42 for the activations and
    /// w2 + w1 * 2^21 + w0 * 2^42 for the weights, bits 42 to 62 of the product are x0 * w0 + x1 * w1 + x2 * w2.
    /// <para>
    /// The two lanes below hold products that nobody asks for. They must not borrow from the third, so each of the three
    /// begins with an offset that keeps its sum in 0..2^21-1, which the packer has proved; what is above falls off.
    /// </para>
    /// <para>
    /// Windows lie wholly in the input and their taps at even distances. LayerLanes.Weights[0] holds the triples of channel
    /// 0, then of channel 1; a last one or two taps are w0 * 2^42 and w0 * 2^42 + w1 * 2^21. LayerLanes.Start has an element
    /// per channel.
    /// </para>
    /// </summary>
    public static class DepthwiseTapsLanes
    {
        /// <summary>Shift after the multiplication. Parameters 0 to 20 are those of <see cref="Conv2D"/>.</summary>
        public const int Shift = Conv2D.ParameterCount;
        /// <summary>Bytes from a tap to the next.</summary>
        public const int TapStep = Conv2D.ParameterCount + 1;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = Conv2D.ParameterCount + 2;

        /// <summary>Elements that hold a channel's taps.</summary>
        public static int Triples(int taps)
        {
            return (taps + 2) / 3;
        }

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y). x holds the whole input at xAt, y the
        /// whole output at yAt. x and y must not overlap.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, LayerLanes layer, int rowFrom, int rowTo)
        {
            int channels = p[Conv2D.OutChannels], outWidth = p[Conv2D.OutWidth], outHeight = p[Conv2D.OutHeight];
            int depthMultiplier = p[Conv2D.GroupOutChannels];
            int inRow = p[Conv2D.InWidth] * p[Conv2D.InChannels], inImage = p[Conv2D.InHeight] * inRow;
            int rowStep = p[Conv2D.StrideHeight] * inRow, columnStep = p[Conv2D.StrideWidth] * p[Conv2D.InChannels];
            int outMin = p[Conv2D.OutMin], outMax = p[Conv2D.OutMax], shift = p[Shift];
            int taps = p[Conv2D.KernelHeight] * p[Conv2D.KernelWidth], whole = taps / 3, rest = taps - 3 * whole, triples = Triples(taps);
            int d1 = p[TapStep], d2 = 2 * d1, d3 = 3 * d1, d4 = 4 * d1, d5 = 5 * d1, d6 = 6 * d1;
            long[] w = layer.Weights[0], start = layer.Start, multiplier = layer.Multiplier, addend = layer.Addend, bend = layer.Bend;
            long zero = StoreLanes.ZeroLine(p[Conv2D.OutZeroPoint], shift);

            for (int row = rowFrom; row < rowTo; row++)
            {
                int image = row / outHeight, outAt = yAt + row * outWidth * channels;
                int at = xAt + image * inImage + (row - image * outHeight) * rowStep;
                for (int column = 0; column < outWidth; column++)
                {
                    int first = 0;
                    for (int channel = 0; channel < channels; channel++)
                    {
                        int a = at + channel / depthMultiplier, k = first, end = first + whole;
                        long v = start[channel];
                        while (k < end - 1)
                        {
                            v += (x[a] + ((long)x[a + d1] << 21) + ((long)x[a + d2] << 42)) * w[k]
                                + (x[a + d3] + ((long)x[a + d4] << 21) + ((long)x[a + d5] << 42)) * w[k + 1];
                            a += d6;
                            k += 2;
                        }
                        if (k < end)
                        {
                            v += (x[a] + ((long)x[a + d1] << 21) + ((long)x[a + d2] << 42)) * w[k++];
                            a += d3;
                        }
                        if (rest == 1)
                            v += x[a] * w[k];
                        else if (rest == 2)
                            v += (x[a] + ((long)x[a + d1] << 21)) * w[k];
                        first += triples;

                        long q = ((v >> 42) & LayerLanes.LaneMask) * multiplier[channel] + addend[channel];
                        if (q < zero)
                            q += bend[channel];
                        int value = (int)(q >> shift);
                        y[outAt++] = (sbyte)(value < outMin ? outMin : value > outMax ? outMax : value);
                    }
                    at += columnStep;
                }
            }
        }
    }
}

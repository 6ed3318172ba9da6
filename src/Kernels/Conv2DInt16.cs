namespace TinyAI.Kernels
{
    /// <summary>
    /// 2-D convolution with 16-bit activations [batch, height, width, channels] and 8-bit weights: plain, grouped,
    /// depthwise (one input channel per group) and, with a 1x1 kernel over one row per position, fully connected.
    /// <para>
    /// out[n,y,x,c] = clamp(requantise(bias[c] + sum of w * in)); all zero points are 0. With a 64-bit bias the
    /// accumulator has 64 bits and is multiplied by a 16-bit multiplier with one rounding; with a 32-bit bias both are
    /// as in <see cref="Conv2D"/>. Source: TFLite reference integer_ops/conv.h, depthwise_conv.h, fully_connected.h and
    /// common.cc (MultiplyByQuantizedMultiplier of a 64-bit number).
    /// </para>
    /// <para>
    /// Parameters are those of <see cref="Conv2D"/> (zero points unused) and <see cref="Wide"/>. Weights come as one
    /// block per output channel: int64 bias, int32 multiplier, int32 shift, then the taps. Activations are int16,
    /// little-endian.
    /// </para>
    /// </summary>
    public static class Conv2DInt16
    {
        /// <summary>Index of this parameter: 1 where the accumulator has 64 bits, 0 where it has 32.</summary>
        public const int Wide = Conv2D.ParameterCount;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = Wide + 1;

        /// <summary>Taps whose products are summed up in 32 bits: 2^22 each, so that 256 cannot overflow.</summary>
        private const int RunTaps = 256;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y) of channels channelFrom..channelTo-1.
        /// x holds the whole input from byte xAt, y the whole output from byte yAt, w the block of channelFrom at wAt.
        /// x and y must not overlap.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, byte[] w, int wAt,
            int channelFrom, int channelTo, int rowFrom, int rowTo)
        {
            int inHeight = p[Conv2D.InHeight], inWidth = p[Conv2D.InWidth], inChannels = p[Conv2D.InChannels];
            int outHeight = p[Conv2D.OutHeight], outWidth = p[Conv2D.OutWidth], outChannels = p[Conv2D.OutChannels];
            int kernelHeight = p[Conv2D.KernelHeight], kernelWidth = p[Conv2D.KernelWidth];
            int dilationHeight = p[Conv2D.DilationHeight], dilationWidth = p[Conv2D.DilationWidth];
            int outMin = p[Conv2D.OutMin], outMax = p[Conv2D.OutMax], groupInChannels = p[Conv2D.GroupInChannels];
            bool wide = p[Wide] != 0;
            int inRow = inWidth * inChannels, kernelRow = kernelWidth * groupInChannels;
            bool oneRun = groupInChannels == inChannels && dilationWidth == 1;

            for (int channel = channelFrom; channel < channelTo; channel++)
            {
                uint low = (uint)(w[wAt] | (w[wAt + 1] << 8) | (w[wAt + 2] << 16) | (w[wAt + 3] << 24));
                long bias = low | ((long)(w[wAt + 4] | (w[wAt + 5] << 8) | (w[wAt + 6] << 16) | (w[wAt + 7] << 24)) << 32);
                int multiplier = w[wAt + 8] | (w[wAt + 9] << 8) | (w[wAt + 10] << 16) | (w[wAt + 11] << 24);
                int shift = w[wAt + 12] | (w[wAt + 13] << 8) | (w[wAt + 14] << 16) | (w[wAt + 15] << 24);
                int wideShift = 15 - shift;
                long wideHalf = wide ? 1L << (wideShift - 1) : 0;
                int taps = wAt + Conv2D.BlockHeader;
                int groupAt = channel / p[Conv2D.GroupOutChannels] * groupInChannels;

                for (int row = rowFrom; row < rowTo; row++)
                {
                    int image = row / outHeight;
                    int inY = (row - image * outHeight) * p[Conv2D.StrideHeight] - p[Conv2D.PadTop];
                    int kyFrom = inY < 0 ? (dilationHeight - 1 - inY) / dilationHeight : 0;
                    int kyTo = (inHeight - inY + dilationHeight - 1) / dilationHeight;
                    if (kyTo > kernelHeight)
                        kyTo = kernelHeight;
                    int imageAt = groupAt + image * inHeight * inRow;
                    int outAt = yAt + 2 * (row * outWidth * outChannels + channel);
                    int inX = -p[Conv2D.PadLeft];

                    for (int outX = 0; outX < outWidth; outX++)
                    {
                        int kxFrom = inX < 0 ? (dilationWidth - 1 - inX) / dilationWidth : 0;
                        int kxTo = (inWidth - inX + dilationWidth - 1) / dilationWidth;
                        if (kxTo > kernelWidth)
                            kxTo = kernelWidth;
                        long acc = bias;
                        int runs = oneRun ? 1 : kxTo - kxFrom;
                        int run = oneRun ? (kxTo - kxFrom) * inChannels : groupInChannels;

                        for (int ky = kyFrom; ky < kyTo; ky++)
                        {
                            int a = imageAt + (inY + ky * dilationHeight) * inRow + (inX + kxFrom * dilationWidth) * inChannels;
                            int k = taps + ky * kernelRow + kxFrom * groupInChannels;
                            for (int r = 0; r < runs; r++)
                            {
                                int i = xAt + 2 * a, end = i + 2 * run;
                                while (i < end)
                                {
                                    int stop = end - i > 2 * RunTaps ? i + 2 * RunTaps : end;
                                    int sum = 0;
                                    for (; i < stop; i += 2)
                                        sum += ((x[i] & 0xFF) | (x[i + 1] << 8)) * (sbyte)w[k++];
                                    acc += sum;
                                }
                                a += dilationWidth * inChannels;
                            }
                        }

                        int q = wide
                            ? (int)((acc * multiplier + wideHalf) >> wideShift)
                            : FixedPoint.Requantise((int)acc, multiplier, shift);
                        q = q < outMin ? outMin : q > outMax ? outMax : q;
                        y[outAt] = (sbyte)q;
                        y[outAt + 1] = (sbyte)(q >> 8);
                        outAt += 2 * outChannels;
                        inX += p[Conv2D.StrideWidth];
                    }
                }
                wAt += p[Conv2D.BlockBytes];
            }
        }
    }
}

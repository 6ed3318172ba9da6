namespace TinyAI.Kernels
{
    /// <summary>
    /// Depthwise 2-D convolution: each input channel is convolved with its own depthMultiplier kernels. int8
    /// activations [batch, height, width, channels], weights re-laid by the packer as one block per output channel.
    /// <para>
    /// out[n,y,x,c * m + j] = clamp(requantise(bias + sum of w[c * m + j] * (in[..., c] - inZero)) + outZero).
    /// Source: TFLite reference integer_ops/depthwise_conv.h. Parameters and blocks are those of
    /// <see cref="Conv2D"/>, with GroupOutChannels holding the depth multiplier and GroupInChannels 1.
    /// </para>
    /// </summary>
    public static class DepthwiseConv2D
    {
        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y) of channels channelFrom..channelTo-1.
        /// x holds the whole input at xAt, y the whole output at yAt, w the block of channelFrom at wAt.
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
            int inZero = p[Conv2D.InZeroPoint], outZero = p[Conv2D.OutZeroPoint];
            int outMin = p[Conv2D.OutMin], outMax = p[Conv2D.OutMax];
            int inRow = inWidth * inChannels, tapStep = dilationWidth * inChannels;

            for (int channel = channelFrom; channel < channelTo; channel++)
            {
                int folded = w[wAt] | (w[wAt + 1] << 8) | (w[wAt + 2] << 16) | (w[wAt + 3] << 24);
                int bias = folded + (w[wAt + 4] | (w[wAt + 5] << 8) | (w[wAt + 6] << 16) | (w[wAt + 7] << 24));
                long multiplier = w[wAt + 8] | (w[wAt + 9] << 8) | (w[wAt + 10] << 16) | (w[wAt + 11] << 24);
                int shift = w[wAt + 12] | (w[wAt + 13] << 8) | (w[wAt + 14] << 16) | (w[wAt + 15] << 24);
                int left = shift > 0 ? shift : 0, right = shift < 0 ? -shift & 63 : 0;
                long half = right > 0 && shift > FixedPoint.Down ? 1L << (right - 1) : 0;
                long signMask = right > 0 && shift > FixedPoint.Once ? -1L : 0L;
                long nudge = shift > FixedPoint.Once ? 0x40000000L : FixedPoint.Fraction(multiplier, shift);
                int taps = wAt + Conv2D.BlockHeader;
                int channelAt = xAt + channel / p[Conv2D.GroupOutChannels];

                for (int row = rowFrom; row < rowTo; row++)
                {
                    int image = row / outHeight;
                    int inY = (row - image * outHeight) * p[Conv2D.StrideHeight] - p[Conv2D.PadTop];
                    int kyFrom = inY < 0 ? (dilationHeight - 1 - inY) / dilationHeight : 0;
                    int kyTo = (inHeight - inY + dilationHeight - 1) / dilationHeight;
                    if (kyTo > kernelHeight)
                        kyTo = kernelHeight;
                    int imageAt = channelAt + image * inHeight * inRow;
                    int outAt = yAt + row * outWidth * outChannels + channel;
                    int inX = -p[Conv2D.PadLeft];

                    for (int outX = 0; outX < outWidth; outX++)
                    {
                        int kxFrom = inX < 0 ? (dilationWidth - 1 - inX) / dilationWidth : 0;
                        int kxTo = (inWidth - inX + dilationWidth - 1) / dilationWidth;
                        if (kxTo > kernelWidth)
                            kxTo = kernelWidth;
                        bool inside = kxTo - kxFrom == kernelWidth && kyTo - kyFrom == kernelHeight;
                        int zero = inside ? 0 : inZero;
                        int acc = inside ? folded : bias;

                        for (int ky = kyFrom; ky < kyTo; ky++)
                        {
                            int a = imageAt + (inY + ky * dilationHeight) * inRow + (inX + kxFrom * dilationWidth) * inChannels;
                            int k = taps + ky * kernelWidth + kxFrom;
                            int end = taps + ky * kernelWidth + kxTo;
                            for (; k < end; k++)
                            {
                                acc += (x[a] - zero) * (sbyte)w[k];
                                a += tapStep;
                            }
                        }

                        long v = ((acc << left) * multiplier + nudge) >> 31;
                        int q = (int)((v + half + ((v >> 63) & signMask)) >> right) + outZero;
                        y[outAt] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                        outAt += outChannels;
                        inX += p[Conv2D.StrideWidth];
                    }
                }
                wAt += p[Conv2D.BlockBytes];
            }
        }
    }
}

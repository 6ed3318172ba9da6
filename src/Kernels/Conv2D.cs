namespace TinyAI.Kernels
{
    /// <summary>
    /// 2-D convolution, plain or grouped, with dilation and padding: int8 activations [batch, height, width, channels],
    /// int8 weights [outChannel, kernelHeight, kernelWidth, inChannel of the group], int32 bias, one multiplier and
    /// shift per output channel.
    /// <para>
    /// out[n,y,x,c] = clamp(requantise(bias[c] + sum of w * (in - inZero), multiplier[c], shift[c]) + outZero)
    /// over the taps inside the image; taps outside count as inZero. Source: TFLite reference
    /// integer_ops/conv.h. 1-D convolution is the case height = 1.
    /// </para>
    /// <para>
    /// Weights come as one block per output channel, so that a page can hold any whole number of them:
    /// int32 bias - inZero * sum(w), int32 inZero * sum(w), int32 multiplier, int32 shift (positive is left), then the
    /// taps. Where a window lies wholly inside the image the first number makes subtracting inZero from each tap
    /// unnecessary; at the border the second restores the plain bias. Limit: the accumulator is 32 bits and wraps.
    /// </para>
    /// </summary>
    public static class Conv2D
    {
        /// <summary>Bytes before the taps in a channel's block: folded bias, zero-point term, multiplier, shift.</summary>
        public const int BlockHeader = 16;

        /// <summary>Index of this parameter in the parameter array, as for all constants below. Input height in rows, of one image of the batch.</summary>
        public const int InHeight = 0;
        /// <summary>Input width in pixels.</summary>
        public const int InWidth = 1;
        /// <summary>Input channels.</summary>
        public const int InChannels = 2;
        /// <summary>Output height in rows, of one image of the batch.</summary>
        public const int OutHeight = 3;
        /// <summary>Output width in pixels.</summary>
        public const int OutWidth = 4;
        /// <summary>Output channels.</summary>
        public const int OutChannels = 5;
        /// <summary>Kernel height in taps.</summary>
        public const int KernelHeight = 6;
        /// <summary>Kernel width in taps.</summary>
        public const int KernelWidth = 7;
        /// <summary>Vertical stride.</summary>
        public const int StrideHeight = 8;
        /// <summary>Horizontal stride.</summary>
        public const int StrideWidth = 9;
        /// <summary>Vertical distance between taps.</summary>
        public const int DilationHeight = 10;
        /// <summary>Horizontal distance between taps.</summary>
        public const int DilationWidth = 11;
        /// <summary>Rows of padding above the image.</summary>
        public const int PadTop = 12;
        /// <summary>Columns of padding left of the image.</summary>
        public const int PadLeft = 13;
        /// <summary>Zero point of the input, -128..127.</summary>
        public const int InZeroPoint = 14;
        /// <summary>Zero point of the output, -128..127.</summary>
        public const int OutZeroPoint = 15;
        /// <summary>Smallest output, from the fused activation.</summary>
        public const int OutMin = 16;
        /// <summary>Largest output, from the fused activation.</summary>
        public const int OutMax = 17;
        /// <summary>Input channels that one output channel sees (InChannels / groups).</summary>
        public const int GroupInChannels = 18;
        /// <summary>Output channels per group (OutChannels / groups).</summary>
        public const int GroupOutChannels = 19;
        /// <summary>Bytes from one channel's block to the next.</summary>
        public const int BlockBytes = 20;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 21;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y) of channels channelFrom..channelTo-1.
        /// x holds the whole input at xAt, y the whole output at yAt, w the block of channelFrom at wAt.
        /// x and y must not overlap.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, byte[] w, int wAt,
            int channelFrom, int channelTo, int rowFrom, int rowTo)
        {
            int inHeight = p[InHeight], inWidth = p[InWidth], inChannels = p[InChannels];
            int outHeight = p[OutHeight], outWidth = p[OutWidth], outChannels = p[OutChannels];
            int kernelHeight = p[KernelHeight], kernelWidth = p[KernelWidth];
            int dilationHeight = p[DilationHeight], dilationWidth = p[DilationWidth];
            int inZero = p[InZeroPoint], outZero = p[OutZeroPoint], outMin = p[OutMin], outMax = p[OutMax];
            int groupInChannels = p[GroupInChannels];
            int inRow = inWidth * inChannels, kernelRow = kernelWidth * groupInChannels;
            // Where the taps of one kernel row are neighbours in memory, they are one run.
            bool oneRun = groupInChannels == inChannels && dilationWidth == 1;

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
                int taps = wAt + BlockHeader;
                int groupAt = xAt + channel / p[GroupOutChannels] * groupInChannels;

                for (int row = rowFrom; row < rowTo; row++)
                {
                    int image = row / outHeight;
                    int inY = (row - image * outHeight) * p[StrideHeight] - p[PadTop];
                    int kyFrom = inY < 0 ? (dilationHeight - 1 - inY) / dilationHeight : 0;
                    int kyTo = (inHeight - inY + dilationHeight - 1) / dilationHeight;
                    if (kyTo > kernelHeight)
                        kyTo = kernelHeight;
                    int imageAt = groupAt + image * inHeight * inRow;
                    int outAt = yAt + row * outWidth * outChannels + channel;
                    int inX = -p[PadLeft];

                    for (int outX = 0; outX < outWidth; outX++)
                    {
                        int kxFrom = inX < 0 ? (dilationWidth - 1 - inX) / dilationWidth : 0;
                        int kxTo = (inWidth - inX + dilationWidth - 1) / dilationWidth;
                        if (kxTo > kernelWidth)
                            kxTo = kernelWidth;
                        bool inside = kxTo - kxFrom == kernelWidth && kyTo - kyFrom == kernelHeight;
                        int zero = inside ? 0 : inZero;
                        int acc = inside ? folded : bias;
                        int runs = oneRun ? 1 : kxTo - kxFrom;
                        int run = oneRun ? (kxTo - kxFrom) * inChannels : groupInChannels;

                        for (int ky = kyFrom; ky < kyTo; ky++)
                        {
                            int a = imageAt + (inY + ky * dilationHeight) * inRow + (inX + kxFrom * dilationWidth) * inChannels;
                            int k = taps + ky * kernelRow + kxFrom * groupInChannels;
                            for (int r = 0; r < runs; r++)
                            {
                                int end = a + run;
                                if (zero == 0)
                                {
                                    for (int i = a; i < end; i++)
                                        acc += x[i] * (sbyte)w[k++];
                                }
                                else
                                {
                                    for (int i = a; i < end; i++)
                                        acc += (x[i] - zero) * (sbyte)w[k++];
                                }
                                a += dilationWidth * inChannels;
                            }
                        }

                        long v = ((acc << left) * multiplier + nudge) >> 31;
                        int q = (int)((v + half + ((v >> 63) & signMask)) >> right) + outZero;
                        y[outAt] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                        outAt += outChannels;
                        inX += p[StrideWidth];
                    }
                }
                wAt += p[BlockBytes];
            }
        }
    }
}

namespace TinyAI.Kernels
{
    /// <summary>
    /// Transposed 2-D convolution: int8 activations [batch, height, width, channels], int8 weights [outChannel,
    /// kernelHeight, kernelWidth, inChannel], int32 bias, one multiplier and shift per output channel.
    /// <para>
    /// Input pixel (i, j) adds w[c, ky, kx] * (in - inZero) to output pixel (i * stride - padTop + ky, j * stride -
    /// padLeft + kx); bias and requantisation follow. Source: TFLite reference integer_ops/transpose_conv.h. Here each
    /// output pixel collects its taps instead, so that rows can be computed one by one and no wide buffer is needed:
    /// only every stride-th tap meets an input pixel. Weight blocks are laid out as in <see cref="Conv2D"/>.
    /// </para>
    /// </summary>
    public static class TransposeConv2D
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Input height in rows.</summary>
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
        /// <summary>Vertical stride: output rows per input row.</summary>
        public const int StrideHeight = 8;
        /// <summary>Horizontal stride.</summary>
        public const int StrideWidth = 9;
        /// <summary>Rows that are cut off above.</summary>
        public const int PadTop = 10;
        /// <summary>Columns that are cut off on the left.</summary>
        public const int PadLeft = 11;
        /// <summary>Zero point of the input, -128..127.</summary>
        public const int InZeroPoint = 12;
        /// <summary>Zero point of the output, -128..127.</summary>
        public const int OutZeroPoint = 13;
        /// <summary>Smallest output, from the fused activation.</summary>
        public const int OutMin = 14;
        /// <summary>Largest output, from the fused activation.</summary>
        public const int OutMax = 15;
        /// <summary>Bytes from one channel's block to the next.</summary>
        public const int BlockBytes = 16;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 17;

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
            int strideHeight = p[StrideHeight], strideWidth = p[StrideWidth];
            int inZero = p[InZeroPoint], outZero = p[OutZeroPoint], outMin = p[OutMin], outMax = p[OutMax];

            for (int channel = channelFrom; channel < channelTo; channel++)
            {
                int bias = w[wAt] | (w[wAt + 1] << 8) | (w[wAt + 2] << 16) | (w[wAt + 3] << 24);
                bias += w[wAt + 4] | (w[wAt + 5] << 8) | (w[wAt + 6] << 16) | (w[wAt + 7] << 24);
                long multiplier = w[wAt + 8] | (w[wAt + 9] << 8) | (w[wAt + 10] << 16) | (w[wAt + 11] << 24);
                int shift = w[wAt + 12] | (w[wAt + 13] << 8) | (w[wAt + 14] << 16) | (w[wAt + 15] << 24);
                int left = shift > 0 ? shift : 0, right = shift < 0 ? -shift & 63 : 0;
                long half = right > 0 && shift > FixedPoint.Down ? 1L << (right - 1) : 0;
                long signMask = right > 0 && shift > FixedPoint.Once ? -1L : 0L;
                long nudge = shift > FixedPoint.Once ? 0x40000000L : FixedPoint.Fraction(multiplier, shift);
                int taps = wAt + Conv2D.BlockHeader;

                for (int row = rowFrom; row < rowTo; row++)
                {
                    int image = row / outHeight;
                    int paddedY = row - image * outHeight + p[PadTop];
                    int firstInY = paddedY / strideHeight, firstTapY = paddedY - firstInY * strideHeight;
                    int outAt = yAt + row * outWidth * outChannels + channel;

                    for (int outX = 0; outX < outWidth; outX++)
                    {
                        int paddedX = outX + p[PadLeft];
                        int firstInX = paddedX / strideWidth, firstTapX = paddedX - firstInX * strideWidth;
                        int acc = bias;
                        for (int ky = firstTapY, inY = firstInY; ky < kernelHeight && inY >= 0; ky += strideHeight, inY--)
                        {
                            if (inY >= inHeight)
                                continue;
                            int rowAt = xAt + (image * inHeight + inY) * inWidth * inChannels;
                            for (int kx = firstTapX, inX = firstInX; kx < kernelWidth && inX >= 0; kx += strideWidth, inX--)
                            {
                                if (inX >= inWidth)
                                    continue;
                                int a = rowAt + inX * inChannels, end = a + inChannels;
                                int k = taps + (ky * kernelWidth + kx) * inChannels;
                                for (; a < end; a++)
                                    acc += (x[a] - inZero) * (sbyte)w[k++];
                            }
                        }

                        long v = ((acc << left) * multiplier + nudge) >> 31;
                        int q = (int)((v + half + ((v >> 63) & signMask)) >> right) + outZero;
                        y[outAt] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                        outAt += outChannels;
                    }
                }
                wAt += p[BlockBytes];
            }
        }
    }
}

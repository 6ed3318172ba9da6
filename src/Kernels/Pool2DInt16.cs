namespace TinyAI.Kernels
{
    /// <summary>
    /// Largest or mean value of a window that moves over 16-bit activations [batch, height, width, channels], stored
    /// little-endian. Only values inside the image count; the mean is rounded half away from zero.
    /// Source: TFLite reference integer_ops/pooling.h.
    /// </summary>
    public static class Pool2DInt16
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Input height in rows.</summary>
        public const int InHeight = 0;
        /// <summary>Input width in pixels.</summary>
        public const int InWidth = 1;
        /// <summary>Channels.</summary>
        public const int Channels = 2;
        /// <summary>Output height in rows, of one image of the batch.</summary>
        public const int OutHeight = 3;
        /// <summary>Output width in pixels.</summary>
        public const int OutWidth = 4;
        /// <summary>Window height.</summary>
        public const int KernelHeight = 5;
        /// <summary>Window width.</summary>
        public const int KernelWidth = 6;
        /// <summary>Vertical stride.</summary>
        public const int StrideHeight = 7;
        /// <summary>Horizontal stride.</summary>
        public const int StrideWidth = 8;
        /// <summary>Rows of padding above the image.</summary>
        public const int PadTop = 9;
        /// <summary>Columns of padding left of the image.</summary>
        public const int PadLeft = 10;
        /// <summary>Smallest output, from the fused activation.</summary>
        public const int OutMin = 11;
        /// <summary>Largest output, from the fused activation.</summary>
        public const int OutMax = 12;
        /// <summary>1 for the mean, 0 for the largest value.</summary>
        public const int Average = 13;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 14;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y). x holds the whole input from byte xAt,
        /// y the whole output from byte yAt. x and y must not overlap.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int inHeight = p[InHeight], inWidth = p[InWidth], channels = p[Channels];
            int outHeight = p[OutHeight], outWidth = p[OutWidth];
            int outMin = p[OutMin], outMax = p[OutMax];
            bool average = p[Average] != 0;
            int outAt = yAt + 2 * rowFrom * outWidth * channels;

            for (int row = rowFrom; row < rowTo; row++)
            {
                int image = row / outHeight;
                int top = (row - image * outHeight) * p[StrideHeight] - p[PadTop];
                int yTo = top + p[KernelHeight] < inHeight ? top + p[KernelHeight] : inHeight;
                int yFrom = top < 0 ? 0 : top;
                int left = -p[PadLeft];
                for (int outX = 0; outX < outWidth; outX++)
                {
                    int xTo = left + p[KernelWidth] < inWidth ? left + p[KernelWidth] : inWidth;
                    int xFrom = left < 0 ? 0 : left;
                    int count = (yTo - yFrom) * (xTo - xFrom);
                    for (int channel = 0; channel < channels; channel++)
                    {
                        int q = average ? 0 : -32768;
                        for (int inY = yFrom; inY < yTo; inY++)
                        {
                            int i = xAt + 2 * (((image * inHeight + inY) * inWidth + xFrom) * channels + channel);
                            for (int inX = xFrom; inX < xTo; inX++)
                            {
                                int value = (x[i] & 0xFF) | (x[i + 1] << 8);
                                if (average)
                                    q += value;
                                else if (value > q)
                                    q = value;
                                i += 2 * channels;
                            }
                        }
                        if (average)
                            q = q > 0 ? (q + count / 2) / count : (q - count / 2) / count;
                        q = q < outMin ? outMin : q > outMax ? outMax : q;
                        y[outAt++] = (sbyte)q;
                        y[outAt++] = (sbyte)(q >> 8);
                    }
                    left += p[StrideWidth];
                }
            }
        }
    }
}

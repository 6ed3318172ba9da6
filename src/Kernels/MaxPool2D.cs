namespace TinyAI.Kernels
{
    /// <summary>
    /// 2-D maximum pooling over int8 [batch, height, width, channels]: the largest stored value of the taps inside the
    /// image, clamped. Source: TFLite reference integer_ops/pooling.h; input and output have the same scale and zero
    /// point. <see cref="AveragePool2D"/> has the same parameters.
    /// </summary>
    public static class MaxPool2D
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Input height in pixels.</summary>
        public const int InHeight = 0;
        /// <summary>Input width in pixels.</summary>
        public const int InWidth = 1;
        /// <summary>Channels of input and output.</summary>
        public const int Channels = 2;
        /// <summary>Output height in rows, of one image of the batch.</summary>
        public const int OutHeight = 3;
        /// <summary>Output width in pixels.</summary>
        public const int OutWidth = 4;
        /// <summary>Window height in pixels.</summary>
        public const int KernelHeight = 5;
        /// <summary>Window width in pixels.</summary>
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
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 13;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y). x holds the whole input at xAt, y the
        /// whole output at yAt. Where there is no padding above and to the left, y may begin where x begins.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int inHeight = p[InHeight], inWidth = p[InWidth], channels = p[Channels];
            int outHeight = p[OutHeight], outWidth = p[OutWidth];
            int outMin = p[OutMin], outMax = p[OutMax], inRow = inWidth * channels;

            for (int row = rowFrom; row < rowTo; row++)
            {
                int image = row / outHeight;
                int inY = (row - image * outHeight) * p[StrideHeight] - p[PadTop];
                int yFrom = inY < 0 ? 0 : inY;
                int yTo = inY + p[KernelHeight] < inHeight ? inY + p[KernelHeight] : inHeight;
                int rowAt = xAt + (image * inHeight + yFrom) * inRow;
                int o = yAt + row * outWidth * channels, inX = -p[PadLeft];
                for (int outX = 0; outX < outWidth; outX++)
                {
                    int xFrom = inX < 0 ? 0 : inX;
                    int xTo = inX + p[KernelWidth] < inWidth ? inX + p[KernelWidth] : inWidth;
                    int columns = xTo - xFrom, taps = columns * (yTo - yFrom);
                    int first = rowAt + xFrom * channels, end = first + channels;
                    if (taps <= 4)
                    {
                        // Small windows: distances of up to three further taps; repeating the first tap changes nothing.
                        int d1 = taps < 2 ? 0 : 1 / columns * inRow + 1 % columns * channels;
                        int d2 = taps < 3 ? 0 : 2 / columns * inRow + 2 % columns * channels;
                        int d3 = taps < 4 ? 0 : 3 / columns * inRow + 3 % columns * channels;
                        for (int a = first; a < end; a++)
                        {
                            int max = x[a], v = x[a + d1];
                            if (v > max)
                                max = v;
                            if (taps > 2)
                            {
                                v = x[a + d2];
                                if (v > max)
                                    max = v;
                                v = x[a + d3];
                                if (v > max)
                                    max = v;
                            }
                            y[o++] = (sbyte)(max < outMin ? outMin : max > outMax ? outMax : max);
                        }
                    }
                    else
                    {
                        int run = columns * channels;
                        for (int channel = first; channel < end; channel++)
                        {
                            int max = outMin, line = channel;
                            for (int ky = yFrom; ky < yTo; ky++)
                            {
                                int lineEnd = line + run;
                                for (int a = line; a < lineEnd; a += channels)
                                {
                                    int v = x[a];
                                    if (v > max)
                                        max = v;
                                }
                                line += inRow;
                            }
                            y[o++] = (sbyte)(max > outMax ? outMax : max);
                        }
                    }
                    inX += p[StrideWidth];
                }
            }
        }
    }
}

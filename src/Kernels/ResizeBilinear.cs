namespace TinyAI.Kernels
{
    /// <summary>
    /// Bilinear resizing of int8 [batch, height, width, channels] in integers: positions have ten fraction bits, the
    /// four neighbours are weighted with twenty, and the sum is rounded half away from zero. Source: TFLite
    /// reference/resize_bilinear.h, ResizeBilinearInteger. Where rounding of the step carries a position past the last
    /// pixel, the reference reads outside the image; here the last pixel is taken.
    /// </summary>
    public static class ResizeBilinear
    {
        /// <summary>Input height in pixels; an index in the parameter array, as all constants below.</summary>
        public const int InHeight = 0;
        /// <summary>Input width in pixels.</summary>
        public const int InWidth = 1;
        /// <summary>Channels.</summary>
        public const int Channels = 2;
        /// <summary>Output height in pixels, of one image of the batch.</summary>
        public const int OutHeight = 3;
        /// <summary>Output width in pixels.</summary>
        public const int OutWidth = 4;
        /// <summary>Input rows per output row, ten fraction bits.</summary>
        public const int StepY = 5;
        /// <summary>Input columns per output column, ten fraction bits.</summary>
        public const int StepX = 6;
        /// <summary>Position of output row 0, ten fraction bits: 0, or StepY / 2 - 512 with half-pixel centres.</summary>
        public const int FirstY = 7;
        /// <summary>Position of output column 0, likewise.</summary>
        public const int FirstX = 8;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 9;

        /// <summary>
        /// Makes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y) from the whole input x at xAt; y is the
        /// whole output at yAt. x and y must not overlap.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int inHeight = p[InHeight], inWidth = p[InWidth], channels = p[Channels];
            int outHeight = p[OutHeight], outWidth = p[OutWidth], stepX = p[StepX];
            int to = yAt + rowFrom * outWidth * channels;
            for (int row = rowFrom; row < rowTo; row++)
            {
                int image = row / outHeight;
                int positionY = (row - image * outHeight) * p[StepY] + p[FirstY];
                int y0 = positionY / 1024, y1 = (positionY + 1023) / 1024;
                y0 = y0 < 0 ? 0 : y0 < inHeight ? y0 : inHeight - 1;
                y1 = y1 < inHeight ? y1 : inHeight - 1;
                int lower = positionY - 1024 * y0, upper = 1024 - lower;
                int row0 = xAt + (image * inHeight + y0) * inWidth * channels;
                int row1 = xAt + (image * inHeight + y1) * inWidth * channels;
                int positionX = p[FirstX];
                for (int outX = 0; outX < outWidth; outX++)
                {
                    int x0 = positionX / 1024, x1 = (positionX + 1023) / 1024;
                    x0 = x0 < 0 ? 0 : x0 < inWidth ? x0 : inWidth - 1;
                    x1 = x1 < inWidth ? x1 : inWidth - 1;
                    int right = positionX - 1024 * x0, left = 1024 - right;
                    int w00 = upper * left, w10 = lower * left, w01 = upper * right, w11 = lower * right;
                    int a = row0 + x0 * channels, b = row1 + x0 * channels, c = row0 + x1 * channels, d = row1 + x1 * channels;
                    for (int end = to + channels; to < end; to++)
                    {
                        int sum = x[a++] * w00 + x[b++] * w10 + x[c++] * w01 + x[d++] * w11;
                        y[to] = (sbyte)((sum > 0 ? sum + 0x80000 : sum - 0x80000) / 0x100000);
                    }
                    positionX += stepX;
                }
            }
        }
    }
}

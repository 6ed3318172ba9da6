namespace TinyAI.Kernels
{
    /// <summary>
    /// 2-D average pooling over int8 [batch, height, width, channels]: the mean of the stored values of the taps inside
    /// the image, rounded half away from zero, clamped. Source: TFLite reference integer_ops/pooling.h; input and output
    /// have the same scale and zero point. The parameters are those of <see cref="MaxPool2D"/>.
    /// </summary>
    public static class AveragePool2D
    {
        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y). x holds the whole input at xAt, y the
        /// whole output at yAt. Where there is no padding above and to the left, y may begin where x begins.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int inHeight = p[MaxPool2D.InHeight], inWidth = p[MaxPool2D.InWidth], channels = p[MaxPool2D.Channels];
            int outHeight = p[MaxPool2D.OutHeight], outWidth = p[MaxPool2D.OutWidth];
            int kernelHeight = p[MaxPool2D.KernelHeight], kernelWidth = p[MaxPool2D.KernelWidth];
            int outMin = p[MaxPool2D.OutMin], outMax = p[MaxPool2D.OutMax], inRow = inWidth * channels;

            for (int row = rowFrom; row < rowTo; row++)
            {
                int image = row / outHeight;
                int inY = (row - image * outHeight) * p[MaxPool2D.StrideHeight] - p[MaxPool2D.PadTop];
                int yFrom = inY < 0 ? 0 : inY;
                int yTo = inY + kernelHeight < inHeight ? inY + kernelHeight : inHeight;
                int rowAt = xAt + (image * inHeight + yFrom) * inRow;
                int o = yAt + row * outWidth * channels, inX = -p[MaxPool2D.PadLeft];
                for (int outX = 0; outX < outWidth; outX++)
                {
                    int xFrom = inX < 0 ? 0 : inX;
                    int xTo = inX + kernelWidth < inWidth ? inX + kernelWidth : inWidth;
                    int taps = (xTo - xFrom) * (yTo - yFrom), half = taps / 2;
                    int run = (xTo - xFrom) * channels;
                    int first = rowAt + xFrom * channels, end = first + channels;
                    for (int channel = first; channel < end; channel++)
                    {
                        int sum = 0, line = channel;
                        for (int ky = yFrom; ky < yTo; ky++)
                        {
                            int lineEnd = line + run;
                            for (int a = line; a < lineEnd; a += channels)
                                sum += x[a];
                            line += inRow;
                        }
                        int q = (sum > 0 ? sum + half : sum - half) / taps;
                        y[o++] = (sbyte)(q < outMin ? outMin : q > outMax ? outMax : q);
                    }
                    inX += p[MaxPool2D.StrideWidth];
                }
            }
        }
    }
}

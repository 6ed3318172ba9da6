using System;

namespace TinyAI.Kernels
{
    /// <summary>
    /// Nearest-neighbour resizing of [batch, height, width, channels]: each output pixel is a copy of one input pixel.
    /// Which one, the packer finds with TFLite's float formula (reference/resize_nearest_neighbor.h) and leaves in a
    /// table: one 16-bit row index per output row of an image, then one 16-bit column index per output column.
    /// </summary>
    public static class ResizeNearest
    {
        /// <summary>Input height in pixels; an index in the parameter array, as all constants below.</summary>
        public const int InHeight = 0;
        /// <summary>Input bytes from row to row.</summary>
        public const int InRowBytes = 1;
        /// <summary>Output height in pixels, of one image of the batch.</summary>
        public const int OutHeight = 2;
        /// <summary>Output width in pixels.</summary>
        public const int OutWidth = 3;
        /// <summary>Bytes of a pixel: channels times bytes of an element.</summary>
        public const int PixelBytes = 4;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 5;

        /// <summary>
        /// Makes output rows rowFrom..rowTo-1 (a row is image * OutHeight + y) from the whole input x at xAt; y is the
        /// whole output at yAt, table the index table at tableAt. x and y must not overlap.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, byte[] table, int tableAt, int rowFrom, int rowTo)
        {
            int outHeight = p[OutHeight], outWidth = p[OutWidth], pixel = p[PixelBytes], inRow = p[InRowBytes];
            int to = yAt + rowFrom * outWidth * pixel;
            int columnsAt = tableAt + 2 * outHeight;
            for (int row = rowFrom; row < rowTo; row++)
            {
                int image = row / outHeight;
                int t = tableAt + 2 * (row - image * outHeight);
                int rowAt = xAt + (image * p[InHeight] + (table[t] | (table[t + 1] << 8))) * inRow;
                t = columnsAt;
                for (int outX = 0; outX < outWidth; outX++)
                {
                    int from = rowAt + (table[t] | (table[t + 1] << 8)) * pixel;
                    t += 2;
                    if (pixel >= StridedCopy.LongRun)
                    {
                        Array.Copy(x, from, y, to, pixel);
                        to += pixel;
                    }
                    else
                    {
                        for (int end = to + pixel; to < end; to++)
                            y[to] = x[from++];
                    }
                }
            }
        }
    }
}

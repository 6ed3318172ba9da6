namespace TinyAI.Bench.Plain
{
    /// <summary>MAX_POOL_2D and AVERAGE_POOL_2D on NHWC tensors.</summary>
    public static class Pooling
    {
        /// <summary>The largest value under the filter.</summary>
        public static void Max(
            sbyte[] input, int batches, int inHeight, int inWidth, int depth, sbyte[] output, int outHeight, int outWidth,
            int filterHeight, int filterWidth, int strideHeight, int strideWidth, int padTop, int padLeft, int activationMin, int activationMax)
        {
            for (int batch = 0; batch < batches; batch++)
            {
                for (int outY = 0; outY < outHeight; outY++)
                {
                    for (int outX = 0; outX < outWidth; outX++)
                    {
                        for (int channel = 0; channel < depth; channel++)
                        {
                            int originX = outX * strideWidth - padLeft;
                            int originY = outY * strideHeight - padTop;
                            int startX = originX < 0 ? -originX : 0;
                            int endX = inWidth - originX < filterWidth ? inWidth - originX : filterWidth;
                            int startY = originY < 0 ? -originY : 0;
                            int endY = inHeight - originY < filterHeight ? inHeight - originY : filterHeight;
                            int max = -128;
                            for (int filterY = startY; filterY < endY; filterY++)
                            {
                                for (int filterX = startX; filterX < endX; filterX++)
                                {
                                    int value = input[((batch * inHeight + originY + filterY) * inWidth + originX + filterX) * depth + channel];
                                    if (value > max)
                                        max = value;
                                }
                            }
                            max = Fixed.Clamp(max, activationMin, activationMax);
                            output[((batch * outHeight + outY) * outWidth + outX) * depth + channel] = (sbyte)max;
                        }
                    }
                }
            }
        }

        /// <summary>The mean of the values under the filter, rounded half away from zero.</summary>
        public static void Average(
            sbyte[] input, int batches, int inHeight, int inWidth, int depth, sbyte[] output, int outHeight, int outWidth,
            int filterHeight, int filterWidth, int strideHeight, int strideWidth, int padTop, int padLeft, int activationMin, int activationMax)
        {
            for (int batch = 0; batch < batches; batch++)
            {
                for (int outY = 0; outY < outHeight; outY++)
                {
                    for (int outX = 0; outX < outWidth; outX++)
                    {
                        for (int channel = 0; channel < depth; channel++)
                        {
                            int originX = outX * strideWidth - padLeft;
                            int originY = outY * strideHeight - padTop;
                            int startX = originX < 0 ? -originX : 0;
                            int endX = inWidth - originX < filterWidth ? inWidth - originX : filterWidth;
                            int startY = originY < 0 ? -originY : 0;
                            int endY = inHeight - originY < filterHeight ? inHeight - originY : filterHeight;
                            int acc = 0;
                            int count = 0;
                            for (int filterY = startY; filterY < endY; filterY++)
                            {
                                for (int filterX = startX; filterX < endX; filterX++)
                                {
                                    acc += input[((batch * inHeight + originY + filterY) * inWidth + originX + filterX) * depth + channel];
                                    count++;
                                }
                            }
                            acc = acc > 0 ? (acc + count / 2) / count : (acc - count / 2) / count;
                            acc = Fixed.Clamp(acc, activationMin, activationMax);
                            output[((batch * outHeight + outY) * outWidth + outX) * depth + channel] = (sbyte)acc;
                        }
                    }
                }
            }
        }
    }
}

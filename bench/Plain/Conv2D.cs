namespace TinyAI.Bench.Plain
{
    /// <summary>CONV_2D on NHWC tensors with OHWI filters, one multiplier per output channel.</summary>
    public static class Conv2D
    {
        /// <summary>Computes the whole output.</summary>
        public static void Run(
            sbyte[] input, int batches, int inHeight, int inWidth, int inChannels,
            sbyte[] filter, int filterHeight, int filterWidth, int filterChannels,
            int[] bias, int[] multiplier, int[] shift,
            sbyte[] output, int outHeight, int outWidth, int outChannels,
            int strideHeight, int strideWidth, int dilationHeight, int dilationWidth, int padTop, int padLeft,
            int inputOffset, int outputOffset, int activationMin, int activationMax)
        {
            int filtersPerGroup = outChannels / (inChannels / filterChannels);
            for (int batch = 0; batch < batches; batch++)
            {
                for (int outY = 0; outY < outHeight; outY++)
                {
                    int originY = outY * strideHeight - padTop;
                    for (int outX = 0; outX < outWidth; outX++)
                    {
                        int originX = outX * strideWidth - padLeft;
                        for (int outChannel = 0; outChannel < outChannels; outChannel++)
                        {
                            int group = outChannel / filtersPerGroup;
                            int acc = 0;
                            for (int filterY = 0; filterY < filterHeight; filterY++)
                            {
                                int inY = originY + dilationHeight * filterY;
                                for (int filterX = 0; filterX < filterWidth; filterX++)
                                {
                                    int inX = originX + dilationWidth * filterX;
                                    if (inX < 0 || inX >= inWidth || inY < 0 || inY >= inHeight)
                                        continue;
                                    int inputAt = ((batch * inHeight + inY) * inWidth + inX) * inChannels + group * filterChannels;
                                    int filterAt = ((outChannel * filterHeight + filterY) * filterWidth + filterX) * filterChannels;
                                    for (int inChannel = 0; inChannel < filterChannels; inChannel++)
                                        acc += filter[filterAt + inChannel] * (input[inputAt + inChannel] + inputOffset);
                                }
                            }
                            if (bias != null)
                                acc += bias[outChannel];
                            acc = Fixed.MultiplyByQuantizedMultiplier(acc, multiplier[outChannel], shift[outChannel]);
                            acc += outputOffset;
                            acc = Fixed.Clamp(acc, activationMin, activationMax);
                            output[((batch * outHeight + outY) * outWidth + outX) * outChannels + outChannel] = (sbyte)acc;
                        }
                    }
                }
            }
        }
    }
}

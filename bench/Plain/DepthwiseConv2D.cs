namespace TinyAI.Bench.Plain
{
    /// <summary>DEPTHWISE_CONV_2D on NHWC tensors with filters [1, height, width, outChannels].</summary>
    public static class DepthwiseConv2D
    {
        /// <summary>Computes the whole output.</summary>
        public static void Run(
            sbyte[] input, int batches, int inHeight, int inWidth, int inChannels,
            sbyte[] filter, int filterHeight, int filterWidth,
            int[] bias, int[] multiplier, int[] shift,
            sbyte[] output, int outHeight, int outWidth, int outChannels,
            int strideHeight, int strideWidth, int dilationHeight, int dilationWidth, int padTop, int padLeft,
            int inputOffset, int outputOffset, int activationMin, int activationMax)
        {
            int depthMultiplier = outChannels / inChannels;
            for (int batch = 0; batch < batches; batch++)
            {
                for (int outY = 0; outY < outHeight; outY++)
                {
                    for (int outX = 0; outX < outWidth; outX++)
                    {
                        for (int inChannel = 0; inChannel < inChannels; inChannel++)
                        {
                            for (int m = 0; m < depthMultiplier; m++)
                            {
                                int outChannel = m + inChannel * depthMultiplier;
                                int originX = outX * strideWidth - padLeft;
                                int originY = outY * strideHeight - padTop;
                                int acc = 0;
                                for (int filterY = 0; filterY < filterHeight; filterY++)
                                {
                                    int inY = originY + dilationHeight * filterY;
                                    for (int filterX = 0; filterX < filterWidth; filterX++)
                                    {
                                        int inX = originX + dilationWidth * filterX;
                                        if (inX < 0 || inX >= inWidth || inY < 0 || inY >= inHeight)
                                            continue;
                                        int inputValue = input[((batch * inHeight + inY) * inWidth + inX) * inChannels + inChannel];
                                        int filterValue = filter[(filterY * filterWidth + filterX) * outChannels + outChannel];
                                        acc += filterValue * (inputValue + inputOffset);
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
}

namespace TinyAI.Bench.Plain
{
    /// <summary>FULLY_CONNECTED: rows of accumDepth values times a matrix [outputDepth, accumDepth].</summary>
    public static class FullyConnected
    {
        /// <summary>Computes the whole output.</summary>
        public static void Run(
            sbyte[] input, int batches, int accumDepth, sbyte[] filter, int[] bias, int[] multiplier, int[] shift,
            sbyte[] output, int outputDepth, int inputOffset, int outputOffset, int activationMin, int activationMax)
        {
            for (int batch = 0; batch < batches; batch++)
            {
                for (int outChannel = 0; outChannel < outputDepth; outChannel++)
                {
                    int acc = 0;
                    for (int d = 0; d < accumDepth; d++)
                    {
                        int inputValue = input[batch * accumDepth + d];
                        int filterValue = filter[outChannel * accumDepth + d];
                        acc += filterValue * (inputValue + inputOffset);
                    }
                    if (bias != null)
                        acc += bias[outChannel];
                    acc = Fixed.MultiplyByQuantizedMultiplier(acc, multiplier[outChannel], shift[outChannel]);
                    acc += outputOffset;
                    acc = Fixed.Clamp(acc, activationMin, activationMax);
                    output[batch * outputDepth + outChannel] = (sbyte)acc;
                }
            }
        }
    }
}

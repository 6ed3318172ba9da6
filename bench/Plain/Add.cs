namespace TinyAI.Bench.Plain
{
    /// <summary>ADD of two tensors of the same shape.</summary>
    public static class Add
    {
        /// <summary>Sum of both, each rescaled to a common scale first.</summary>
        public static void Run(
            sbyte[] input1, sbyte[] input2, sbyte[] output, int offset1, int offset2, int outputOffset,
            int multiplier1, int shift1, int multiplier2, int shift2, int outputMultiplier, int outputShift, int activationMin, int activationMax)
        {
            for (int i = 0; i < output.Length; i++)
            {
                int a = Fixed.MultiplyByQuantizedMultiplier((input1[i] + offset1) * (1 << 20), multiplier1, shift1);
                int b = Fixed.MultiplyByQuantizedMultiplier((input2[i] + offset2) * (1 << 20), multiplier2, shift2);
                int sum = Fixed.MultiplyByQuantizedMultiplier(a + b, outputMultiplier, outputShift) + outputOffset;
                output[i] = (sbyte)Fixed.Clamp(sum, activationMin, activationMax);
            }
        }
    }
}

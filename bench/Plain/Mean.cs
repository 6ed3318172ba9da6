namespace TinyAI.Bench.Plain
{
    /// <summary>MEAN and SUM over neighbouring axes: the tensor seen as [outer, reduced, inner].</summary>
    public static class Mean
    {
        /// <summary>Sums, then rescales each sum. count * zero points is taken off; for a mean, 1 / count is in the multiplier.</summary>
        public static void Run(
            sbyte[] input, int outer, int reduced, int inner, sbyte[] output, int inputZero, int outputZero, int multiplier, int shift)
        {
            int[] sums = new int[outer * inner];
            for (int o = 0; o < outer; o++)
            {
                for (int r = 0; r < reduced; r++)
                {
                    for (int i = 0; i < inner; i++)
                        sums[o * inner + i] += input[(o * reduced + r) * inner + i];
                }
            }
            for (int i = 0; i < sums.Length; i++)
            {
                int value = Fixed.MultiplyByQuantizedMultiplier(sums[i] - inputZero * reduced, multiplier, shift) + outputZero;
                output[i] = (sbyte)Fixed.Clamp(value, -128, 127);
            }
        }
    }
}

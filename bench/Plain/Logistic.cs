namespace TinyAI.Bench.Plain
{
    /// <summary>LOGISTIC of int8 to int8 with scale 1/256 and zero point -128, computed value by value.</summary>
    public static class Logistic
    {
        /// <summary>Computes the whole output.</summary>
        public static void Run(sbyte[] input, int inputZero, int radius, int multiplier, int left, sbyte[] output)
        {
            for (int i = 0; i < input.Length; i++)
            {
                int centred = input[i] - inputZero;
                if (centred <= -radius)
                {
                    output[i] = -128;
                }
                else if (centred >= radius)
                {
                    output[i] = 127;
                }
                else
                {
                    int scaled = Fixed.MultiplyByQuantizedMultiplier(centred, multiplier, left);
                    int value = Fixed.RoundingDivideByPowerOfTwo(Of(scaled), 23);
                    output[i] = (sbyte)Fixed.Clamp(value - 128, -128, 127);
                }
            }
        }

        private static int Of(int x)
        {
            if (x == 0)
                return 1 << 30;
            int result = Fixed.OneOverOnePlusX(Fixed.ExpOnNegativeValues(x > 0 ? -x : x, 4));
            return x > 0 ? result : int.MaxValue - result;
        }
    }
}

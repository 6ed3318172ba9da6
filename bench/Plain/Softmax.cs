namespace TinyAI.Bench.Plain
{
    /// <summary>SOFTMAX of int8 rows to int8 or int16.</summary>
    public static class Softmax
    {
        /// <summary>int8 output with scale 1/256 and zero point -128.</summary>
        public static void ToInt8(sbyte[] input, int rows, int depth, sbyte[] output, int multiplier, int left, int diffMin)
        {
            for (int row = 0; row < rows; row++)
            {
                int max = Max(input, row * depth, depth);
                int sum = Sum(input, row * depth, depth, max, multiplier, left, diffMin);
                int headroom = LeadingZeros(sum);
                int shifted = (int)(((uint)sum << headroom) - (1u << 31));
                int scale = Fixed.OneOverOnePlusX(shifted);
                int bitsOverUnit = 12 - headroom;
                for (int c = 0; c < depth; c++)
                {
                    int diff = input[row * depth + c] - max;
                    if (diff >= diffMin)
                    {
                        int exp = Fixed.ExpOnNegativeValues(Fixed.SaturatingRoundingDoublingHighMul(diff * (1 << left), multiplier), 5);
                        int value = Fixed.RoundingDivideByPowerOfTwo(
                            Fixed.SaturatingRoundingDoublingHighMul(scale, exp), bitsOverUnit + 31 - 8);
                        output[row * depth + c] = (sbyte)Fixed.Clamp(value - 128, -128, 127);
                    }
                    else
                    {
                        output[row * depth + c] = -128;
                    }
                }
            }
        }

        /// <summary>int16 output with scale 1/65536 and zero point -32768.</summary>
        public static void ToInt16(sbyte[] input, int rows, int depth, short[] output, int multiplier, int left, int diffMin)
        {
            for (int row = 0; row < rows; row++)
            {
                int max = Max(input, row * depth, depth);
                int sum = Sum(input, row * depth, depth, max, multiplier, left, diffMin);
                int headroom = LeadingZeros(sum);
                int shifted = (int)(((uint)sum << headroom) - (1u << 31));
                int scale = Fixed.OneOverOnePlusX(shifted);
                int bitsOverUnit = 12 - headroom;
                for (int c = 0; c < depth; c++)
                {
                    int diff = input[row * depth + c] - max;
                    if (diff >= diffMin)
                    {
                        int exp = Fixed.ExpOnNegativeValues(Fixed.SaturatingRoundingDoublingHighMul(diff * (1 << left), multiplier), 5);
                        int value = Fixed.RoundingDivideByPowerOfTwo(
                            Fixed.SaturatingRoundingDoublingHighMul(scale, exp), bitsOverUnit + 31 - 16);
                        output[row * depth + c] = (short)Fixed.Clamp(value - 32768, -32768, 32767);
                    }
                    else
                    {
                        output[row * depth + c] = -32768;
                    }
                }
            }
        }

        private static int Max(sbyte[] input, int from, int depth)
        {
            int max = -128;
            for (int c = 0; c < depth; c++)
            {
                if (input[from + c] > max)
                    max = input[from + c];
            }
            return max;
        }

        private static int Sum(sbyte[] input, int from, int depth, int max, int multiplier, int left, int diffMin)
        {
            int sum = 0;
            for (int c = 0; c < depth; c++)
            {
                int diff = input[from + c] - max;
                if (diff >= diffMin)
                {
                    int exp = Fixed.ExpOnNegativeValues(Fixed.SaturatingRoundingDoublingHighMul(diff * (1 << left), multiplier), 5);
                    sum += Fixed.RoundingDivideByPowerOfTwo(exp, 12);
                }
            }
            return sum;
        }

        private static int LeadingZeros(int value)
        {
            int zeros = 0;
            while (value > 0)
            {
                value <<= 1;
                zeros++;
            }
            return zeros;
        }
    }
}

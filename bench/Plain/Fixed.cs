namespace TinyAI.Bench.Plain
{
    /// <summary>Fixed-point arithmetic of the TFLite reference kernels, a method for each primitive.</summary>
    public static class Fixed
    {
        /// <summary>round(a * b / 2^31), saturating.</summary>
        public static int SaturatingRoundingDoublingHighMul(int a, int b)
        {
            if (a == b && a == int.MinValue)
                return int.MaxValue;
            long product = (long)a * b;
            long nudge = product >= 0 ? 1 << 30 : 1 - (1 << 30);
            return (int)((product + nudge) / (1L << 31));
        }

        /// <summary>x / 2^exponent, rounded half away from zero.</summary>
        public static int RoundingDivideByPowerOfTwo(int x, int exponent)
        {
            int mask = (int)((1L << exponent) - 1);
            int remainder = x & mask;
            int threshold = mask >> 1;
            if (x < 0)
                threshold++;
            int result = x >> exponent;
            if (remainder > threshold)
                result++;
            return result;
        }

        /// <summary>x * multiplier / 2^31 * 2^shift.</summary>
        public static int MultiplyByQuantizedMultiplier(int x, int multiplier, int shift)
        {
            int left = shift > 0 ? shift : 0;
            int right = shift > 0 ? 0 : -shift;
            return RoundingDivideByPowerOfTwo(SaturatingRoundingDoublingHighMul(x * (1 << left), multiplier), right);
        }

        /// <summary>value, limited to min..max.</summary>
        public static int Clamp(int value, int min, int max)
        {
            if (value < min)
                return min;
            if (value > max)
                return max;
            return value;
        }

        /// <summary>x * 2^exponent, saturated.</summary>
        public static int SaturatingShiftLeft(int x, int exponent)
        {
            int threshold = (1 << (31 - exponent)) - 1;
            if (x > threshold)
                return int.MaxValue;
            if (x < -threshold)
                return int.MinValue;
            return x << exponent;
        }

        /// <summary>e^a for a at most 0, in fixed point with integerBits before the point; the result has none.</summary>
        public static int ExpOnNegativeValues(int a, int integerBits)
        {
            int fractionBits = 31 - integerBits;
            int quarter = 1 << (fractionBits - 2);
            int aModQuarter = (a & (quarter - 1)) - quarter;
            int result = ExpOnQuarter(aModQuarter << integerBits);
            int remainder = aModQuarter - a;
            result = ExpBarrel(result, remainder, integerBits, fractionBits, -2, 1672461947);
            result = ExpBarrel(result, remainder, integerBits, fractionBits, -1, 1302514674);
            result = ExpBarrel(result, remainder, integerBits, fractionBits, 0, 790015084);
            result = ExpBarrel(result, remainder, integerBits, fractionBits, 1, 290630308);
            result = ExpBarrel(result, remainder, integerBits, fractionBits, 2, 39332535);
            result = ExpBarrel(result, remainder, integerBits, fractionBits, 3, 720401);
            result = ExpBarrel(result, remainder, integerBits, fractionBits, 4, 242);
            return a == 0 ? int.MaxValue : result;
        }

        private static int ExpBarrel(int result, int remainder, int integerBits, int fractionBits, int exponent, int factor)
        {
            if (integerBits > exponent && (remainder & (1 << (fractionBits + exponent))) != 0)
                return SaturatingRoundingDoublingHighMul(result, factor);
            return result;
        }

        private static int ExpOnQuarter(int a)
        {
            int x = a + (1 << 28);
            int x2 = SaturatingRoundingDoublingHighMul(x, x);
            int x3 = SaturatingRoundingDoublingHighMul(x2, x);
            int x4 = SaturatingRoundingDoublingHighMul(x2, x2);
            int sum = SaturatingRoundingDoublingHighMul(RoundingDivideByPowerOfTwo(x4, 2) + x3, 715827883) + x2;
            return 1895147668 + SaturatingRoundingDoublingHighMul(1895147668, x + RoundingDivideByPowerOfTwo(sum, 1));
        }

        /// <summary>1 / (1 + a) for a in 0..1.</summary>
        public static int OneOverOnePlusX(int a)
        {
            long sum = (long)a + int.MaxValue;
            long sign = sum >= 0 ? 1 : -1;
            int half = (int)((sum + sign) / 2);
            int x = 1515870810 + SaturatingRoundingDoublingHighMul(half, -1010580540);
            for (int i = 0; i < 3; i++)
            {
                int product = SaturatingRoundingDoublingHighMul(half, x);
                int error = (1 << 29) - product;
                x += SaturatingShiftLeft(SaturatingRoundingDoublingHighMul(x, error), 2);
            }
            return SaturatingShiftLeft(x, 1);
        }
    }
}

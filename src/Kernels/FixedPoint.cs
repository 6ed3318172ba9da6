namespace TinyAI.Kernels
{
    /// <summary>
    /// Fixed-point primitives with the exact rounding of TensorFlow Lite Micro's reference kernels (gemmlowp's
    /// fixedpoint.h and TFLite's kernels/internal/common.h, double rounding). All of them are total: every input has
    /// a result, nothing is thrown. Kernels write the requantisation out in place, because a call costs the
    /// interpreter as much as five additions; these methods are for code that runs once per row or per element of
    /// small tensors, and they are the reference that the in-place form is tested against.
    /// </summary>
    public static class FixedPoint
    {
        /// <summary>
        /// Rounded high half of the doubled product: round(a * b / 2^31), saturating at a = b = -2^31.
        /// gemmlowp SaturatingRoundingDoublingHighMul; adding 2^30 and shifting is the same number as its
        /// sign-dependent nudge and division.
        /// </summary>
        public static int HighMultiply(int a, int b)
        {
            if (a == int.MinValue && b == int.MinValue)
                return int.MaxValue;
            return (int)(((long)a * b + 0x40000000L) >> 31);
        }

        /// <summary>value / 2^exponent, rounded half away from zero. exponent 0..31. gemmlowp RoundingDivideByPOT.</summary>
        public static int RoundingShift(int value, int exponent)
        {
            if (exponent == 0)
                return value;
            return (int)(((long)value + (1L << (exponent - 1)) + (value >> 31)) >> exponent);
        }

        /// <summary>
        /// A shift of Once - n is one of n to the right, 1..31, with a single rounding, half up: for models that say their
        /// arithmetic in real numbers, as ONNX does, and not in TensorFlow Lite's two roundings.
        /// </summary>
        public const int Once = -64;

        /// <summary>
        /// A shift of Down - n is one of n to the right, 1..31, without any rounding: the next integer below, as exporters imitate
        /// it. A shift of Down - n - 256 * f adds f / 2^22 to the value first, f below 2^22: what a bias of whole numbers lacks.
        /// </summary>
        public const int Down = -128;

        /// <summary>Bits of the fraction that a shift below <see cref="Down"/> can carry.</summary>
        public const int FractionBits = 22;

        /// <summary>The product of a multiplier and the fraction that a shift carries.</summary>
        public static long Fraction(long multiplier, int shift)
        {
            return (multiplier * (-shift >> 8)) >> FractionBits;
        }

        /// <summary>
        /// value * multiplier / 2^31 * 2^shift with two roundings; shift -31..30, the left shift wraps as in C.
        /// TFLite MultiplyByQuantizedMultiplier. Below <see cref="Once"/> it is rounded once, as TFLite does where it is built with
        /// TFLITE_SINGLE_ROUNDING, below <see cref="Down"/> it is cut off.
        /// </summary>
        public static int Requantise(int value, int multiplier, int shift)
        {
            if (shift < Down)
                return (int)(((long)value * multiplier + Fraction(multiplier, shift)) >> (31 + (-shift & 63)));
            if (shift < Once)
                return (int)(((long)value * multiplier + (1L << (30 + Once - shift))) >> (31 + Once - shift));
            return shift > 0
                ? HighMultiply(value << shift, multiplier)
                : RoundingShift(HighMultiply(value, multiplier), -shift);
        }

        /// <summary>
        /// e^a for a &lt;= 0 given in Q(integerBits).(31 - integerBits); the result is Q0.31.
        /// gemmlowp exp_on_negative_values: a fourth-order series on [-1/4, 0), then one multiplication per set bit.
        /// </summary>
        public static int ExpOnNegative(int a, int integerBits)
        {
            if (a == 0)
                return int.MaxValue;
            // No call for a high multiplication: nothing here is near the one product that saturates, and what is halved or quartered is not negative.
            // a + quarters of one, less one quarter, is in [-1/4, 0); x is that and an eighth, in Q0.31.
            long half = 0x40000000L, x = ((a << integerBits) & 0x1FFFFFFF) - 0x10000000;
            int quarters = ~(a >> (29 - integerBits));
            long x2 = (x * x + half) >> 31;
            long x3 = (x2 * x + half) >> 31;
            long x4 = (x2 * x2 + half) >> 31;
            x += (((((((x4 + 2) >> 2) + x3) * 715827883 + half) >> 31) + x2) + 1) >> 1;
            x = 1895147668 + ((x * 1895147668 + half) >> 31);
            if ((quarters & 1) != 0)
                x = (x * 1672461947 + half) >> 31;
            if ((quarters & 2) != 0)
                x = (x * 1302514674 + half) >> 31;
            if (quarters > 3)
            {
                if ((quarters & 4) != 0)
                    x = (x * 790015084 + half) >> 31;
                if ((quarters & 8) != 0)
                    x = (x * 290630308 + half) >> 31;
                if (quarters > 15)
                {
                    if ((quarters & 16) != 0)
                        x = (x * 39332535 + half) >> 31;
                    if ((quarters & 32) != 0)
                        x = (x * 720401 + half) >> 31;
                    if ((quarters & 64) != 0)
                        x = (x * 242 + half) >> 31;
                }
            }
            return (int)x;
        }

        /// <summary>
        /// 1 / (1 + a) for a in [0, 1), both Q0.31. gemmlowp one_over_one_plus_x_for_x_in_0_1: three Newton steps
        /// from 48/17 - 32/17 * half.
        /// </summary>
        public static int OneOverOnePlus(int a)
        {
            int x = NewtonReciprocal(a);
            return x > 0x3FFFFFFF ? int.MaxValue : x << 1;
        }

        /// <summary>(1 - a) / (1 + a) for a in [0, 1), both Q0.31. gemmlowp one_minus_x_over_one_plus_x_for_x_in_0_1.</summary>
        public static int OneMinusOverOnePlus(int a)
        {
            int x = NewtonReciprocal(a);
            // x is in Q2.29; subtracting one there and shifting by two gives the quotient in Q0.31.
            return ShiftLeftSaturating(x - (1 << 29), 2);
        }

        /// <summary>value * 2^exponent, saturated to 32 bits. gemmlowp SaturatingRoundingMultiplyByPOT, positive exponent.</summary>
        public static int ShiftLeftSaturating(int value, int exponent)
        {
            int limit = (1 << (31 - exponent)) - 1;
            if (value > limit)
                return int.MaxValue;
            if (value < -limit)
                return int.MinValue;
            return value << exponent;
        }

        /// <summary>2 / (1 + a) in Q2.29: the common part of the two quotients above. From 48/17 - 32/17 * denominator no step can saturate.</summary>
        private static int NewtonReciprocal(int a)
        {
            long half = 0x40000000L, one = 1 << 29, denominator = ((long)a + 0x80000000L) >> 1;
            long x = 1515870810 + ((denominator * -1010580540 + half) >> 31);
            x += ((x * (one - ((denominator * x + half) >> 31)) + half) >> 31) << 2;
            x += ((x * (one - ((denominator * x + half) >> 31)) + half) >> 31) << 2;
            x += ((x * (one - ((denominator * x + half) >> 31)) + half) >> 31) << 2;
            return (int)x;
        }
    }
}

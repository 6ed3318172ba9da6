namespace TinyAI.Boards
{
    /// <summary>Real numbers of a model's borders, in integers: a quantised value times its scale, in millionths.</summary>
    public static class Quantity
    {
        /// <summary>
        /// round(value * scale * 1,000,000), where scaleBits are the bits of an IEEE single: its 24-bit mantissa times
        /// value times a million is shifted by its exponent. Exact for |value| up to 2^18; 0 where the scale is not a
        /// positive number below 2^23.
        /// </summary>
        public static long Micros(int scaleBits, int value)
        {
            int exponent = (scaleBits >> 23) & 255;
            int shift = 150 - exponent;
            if (scaleBits <= 0 || exponent == 0 || shift < 1)
                return 0;
            if (shift > 62)
                return 0;
            long product = (long)value * ((scaleBits & 0x7FFFFF) | 0x800000) * 1000000;
            return (product + (1L << (shift - 1))) >> shift;
        }
    }
}

namespace TinyAI.Bench.Plain
{
    /// <summary>QUANTIZE between integer types.</summary>
    public static class Requantize
    {
        /// <summary>int8 to int8.</summary>
        public static void Int8ToInt8(sbyte[] input, sbyte[] output, int inputZero, int outputZero, int multiplier, int shift)
        {
            for (int i = 0; i < input.Length; i++)
                output[i] = (sbyte)Fixed.Clamp(Fixed.MultiplyByQuantizedMultiplier(input[i] - inputZero, multiplier, shift) + outputZero, -128, 127);
        }

        /// <summary>int8 to uint8.</summary>
        public static void Int8ToUInt8(sbyte[] input, byte[] output, int inputZero, int outputZero, int multiplier, int shift)
        {
            for (int i = 0; i < input.Length; i++)
                output[i] = (byte)Fixed.Clamp(Fixed.MultiplyByQuantizedMultiplier(input[i] - inputZero, multiplier, shift) + outputZero, 0, 255);
        }

        /// <summary>int16 to int8.</summary>
        public static void Int16ToInt8(short[] input, sbyte[] output, int inputZero, int outputZero, int multiplier, int shift)
        {
            for (int i = 0; i < input.Length; i++)
                output[i] = (sbyte)Fixed.Clamp(Fixed.MultiplyByQuantizedMultiplier(input[i] - inputZero, multiplier, shift) + outputZero, -128, 127);
        }

        /// <summary>int16 to int32.</summary>
        public static void Int16ToInt32(short[] input, int[] output, int inputZero, int outputZero, int multiplier, int shift)
        {
            for (int i = 0; i < input.Length; i++)
                output[i] = Fixed.MultiplyByQuantizedMultiplier(input[i] - inputZero, multiplier, shift) + outputZero;
        }
    }
}

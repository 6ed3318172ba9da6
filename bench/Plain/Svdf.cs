using System;

namespace TinyAI.Bench.Plain
{
    /// <summary>SVDF with 8-bit state: a filter over features whose results a second filter weighs over time.</summary>
    public static class Svdf
    {
        /// <summary>One step.</summary>
        public static void Run(
            sbyte[] input, int batches, int inputSize, sbyte[] weightsFeature, sbyte[] weightsTime, int[] bias, sbyte[] state,
            sbyte[] output, int units, int rank, int memory, int inputZero, int outputZero,
            int multiplierState, int shiftState, int multiplierOutput, int shiftOutput)
        {
            int filters = units * rank;
            Array.Copy(state, 1, state, 0, state.Length - 1);
            for (int batch = 0; batch < batches; batch++)
            {
                for (int filter = 0; filter < filters; filter++)
                {
                    int acc = 0;
                    for (int i = 0; i < inputSize; i++)
                        acc += weightsFeature[filter * inputSize + i] * (input[batch * inputSize + i] - inputZero);
                    acc = Fixed.MultiplyByQuantizedMultiplier(acc, multiplierState, shiftState);
                    state[(batch * filters + filter) * memory + memory - 1] = (sbyte)Fixed.Clamp(acc, -128, 127);
                }
            }
            for (int batch = 0; batch < batches; batch++)
            {
                for (int unit = 0; unit < units; unit++)
                {
                    int acc = bias != null ? bias[unit] : 0;
                    for (int r = 0; r < rank; r++)
                    {
                        int filter = unit * rank + r;
                        for (int m = 0; m < memory; m++)
                            acc += weightsTime[filter * memory + m] * state[(batch * filters + filter) * memory + m];
                    }
                    acc = Fixed.MultiplyByQuantizedMultiplier(acc, multiplierOutput, shiftOutput) + outputZero;
                    output[batch * units + unit] = (sbyte)Fixed.Clamp(acc, -128, 127);
                }
            }
        }
    }
}

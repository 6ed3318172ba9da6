using System;

namespace TinyAI.Bench.Plain
{
    /// <summary>Operators that only move elements. Runs of neighbours go through Array.Copy, which is native.</summary>
    public static class Movement
    {
        /// <summary>Copies all of input.</summary>
        public static void Copy(sbyte[] input, sbyte[] output)
        {
            Array.Copy(input, 0, output, 0, input.Length);
        }

        /// <summary>Writes one input of a CONCATENATION: outer runs of inputRun elements, each at position at of a run of the output.</summary>
        public static void Concatenate(sbyte[] input, int outer, int inputRun, sbyte[] output, int outputRun, int at)
        {
            for (int o = 0; o < outer; o++)
                Array.Copy(input, o * inputRun, output, o * outputRun + at, inputRun);
        }

        /// <summary>STRIDED_SLICE and SPLIT of four dimensions with positive strides.</summary>
        public static void Slice(sbyte[] input, int[] inShape, int[] begin, int[] stride, sbyte[] output, int[] outShape)
        {
            int at = 0;
            for (int a = 0; a < outShape[0]; a++)
            {
                for (int b = 0; b < outShape[1]; b++)
                {
                    for (int c = 0; c < outShape[2]; c++)
                    {
                        int row = (((begin[0] + a * stride[0]) * inShape[1] + begin[1] + b * stride[1]) * inShape[2] + begin[2] + c * stride[2]) * inShape[3];
                        if (stride[3] == 1)
                        {
                            Array.Copy(input, row + begin[3], output, at, outShape[3]);
                            at += outShape[3];
                            continue;
                        }
                        for (int d = 0; d < outShape[3]; d++)
                            output[at++] = input[row + begin[3] + d * stride[3]];
                    }
                }
            }
        }

        /// <summary>TRANSPOSE of four dimensions: output dimension i is input dimension permutation[i].</summary>
        public static void Transpose(sbyte[] input, int[] inShape, int[] permutation, sbyte[] output, int[] outShape)
        {
            int[] at = new int[4];
            for (at[0] = 0; at[0] < outShape[0]; at[0]++)
            {
                for (at[1] = 0; at[1] < outShape[1]; at[1]++)
                {
                    for (at[2] = 0; at[2] < outShape[2]; at[2]++)
                    {
                        for (at[3] = 0; at[3] < outShape[3]; at[3]++)
                            output[((at[0] * outShape[1] + at[1]) * outShape[2] + at[2]) * outShape[3] + at[3]] = input[From(at, permutation, inShape)];
                    }
                }
            }
        }

        private static int From(int[] at, int[] permutation, int[] inShape)
        {
            int[] from = new int[4];
            for (int i = 0; i < 4; i++)
                from[permutation[i]] = at[i];
            return ((from[0] * inShape[1] + from[1]) * inShape[2] + from[2]) * inShape[3] + from[3];
        }
    }
}

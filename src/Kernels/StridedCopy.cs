using System;

namespace TinyAI.Kernels
{
    /// <summary>
    /// Copies bytes between two tensors along up to six axes, each with a count and a step on either side: everything
    /// that only moves elements (concatenation, slices, transposition, padding's inner part …). Elements of two or four
    /// bytes are an axis of their own. The packer merges axes that lie one after the other in memory, so that the
    /// innermost run is as long as it can be; a long plain run is handed to the runtime's own copy.
    /// <para>
    /// y[OutOffset + row * RowOutStep + sum of i_d * outStep_d] = x[InOffset + row * RowInStep + sum of i_d * inStep_d]
    /// for every i_d in 0..count_d-1. Steps are in bytes and may be zero (input) or negative.
    /// </para>
    /// </summary>
    public static class StridedCopy
    {
        /// <summary>A contiguous run of at least this many bytes is copied by Array.Copy, a shorter one byte by byte.</summary>
        public const int LongRun = 4;

        /// <summary>Byte of the input where the copy begins; an index in the parameter array, as all constants below.</summary>
        public const int InOffset = 0;
        /// <summary>Byte of the output where the copy begins.</summary>
        public const int OutOffset = 1;
        /// <summary>Input bytes from row to row.</summary>
        public const int RowInStep = 2;
        /// <summary>Output bytes from row to row.</summary>
        public const int RowOutStep = 3;
        /// <summary>Four middle axes, outermost first: count, input step, output step of each.</summary>
        public const int Middle = 4;
        /// <summary>Number of middle axes.</summary>
        public const int MiddleAxes = 4;
        /// <summary>Elements of the innermost axis.</summary>
        public const int Run = 16;
        /// <summary>Input bytes from element to element of the innermost axis.</summary>
        public const int RunInStep = 17;
        /// <summary>Output bytes from element to element of the innermost axis.</summary>
        public const int RunOutStep = 18;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 19;

        /// <summary>
        /// Copies rows rowFrom..rowTo-1 of the outermost axis from x at xAt to y at yAt. The bytes read and the bytes
        /// written must not overlap.
        /// </summary>
        public static void Copy(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int count1 = p[Middle], in1 = p[Middle + 1], out1 = p[Middle + 2];
            int count2 = p[Middle + 3], in2 = p[Middle + 4], out2 = p[Middle + 5];
            int count3 = p[Middle + 6], in3 = p[Middle + 7], out3 = p[Middle + 8];
            int count4 = p[Middle + 9], in4 = p[Middle + 10], out4 = p[Middle + 11];
            int run = p[Run], inStep = p[RunInStep], outStep = p[RunOutStep];
            bool plain = inStep == 1 && outStep == 1 && run >= LongRun;
            int rowIn = p[RowInStep], rowOut = p[RowOutStep];
            xAt += p[InOffset] + rowFrom * rowIn;
            yAt += p[OutOffset] + rowFrom * rowOut;
            int rows = rowTo - rowFrom;
            if (count1 == 1 && count2 == 1 && count3 == 1 && count4 == 1)
            {
                // Where there is no middle axis the rows take its place: that spares each row three idle loops.
                count4 = rows;
                in4 = rowIn;
                out4 = rowOut;
                rows = rows > 0 ? 1 : 0;
            }

            for (int row = 0; row < rows; row++)
            {
                int from1 = xAt + row * rowIn, to1 = yAt + row * rowOut;
                for (int i1 = 0; i1 < count1; i1++)
                {
                    int from2 = from1, to2 = to1;
                    for (int i2 = 0; i2 < count2; i2++)
                    {
                        int from3 = from2, to3 = to2;
                        for (int i3 = 0; i3 < count3; i3++)
                        {
                            int from4 = from3, to4 = to3;
                            for (int i4 = 0; i4 < count4; i4++)
                            {
                                if (plain)
                                {
                                    Array.Copy(x, from4, y, to4, run);
                                }
                                else
                                {
                                    int from = from4, to = to4;
                                    for (int i = 0; i < run; i++)
                                    {
                                        y[to] = x[from];
                                        from += inStep;
                                        to += outStep;
                                    }
                                }
                                from4 += in4;
                                to4 += out4;
                            }
                            from3 += in3;
                            to3 += out3;
                        }
                        from2 += in2;
                        to2 += out2;
                    }
                    from1 += in1;
                    to1 += out1;
                }
            }
        }
    }
}

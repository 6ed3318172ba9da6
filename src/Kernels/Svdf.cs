using System;

namespace TinyAI.Kernels
{
    /// <summary>
    /// Rank-reduced filter bank with a memory (SVDF): int8 input [batch, InSize], int8 output [batch, Units]. Each unit
    /// has Rank filters; each filter turns the input into one number, keeps the last Memory of them, and weighs those.
    /// <para>
    /// Per filter: the state moves by one, its newest value is stateZero + clamp(requantise(sum of w * (in - inZero))).
    /// out[u] = clamp8(requantise(bias[u] + sum over the unit's filters and their memory of t * (state - stateZero)) +
    /// outZero). State and time weights are both int8 or both int16. Source: TFLite Micro svdf_common.cc, which takes no
    /// notice of the fused activation: the clamp to int8 stands for RELU, whose zero point is -128.
    /// </para>
    /// <para>
    /// Weights come as one block per unit: int32 bias - stateZero * sum(t), then for each filter int32 -inZero * sum(w),
    /// InSize feature weights, Memory time weights (oldest first, int16 little-endian where StateBytes is 2). State:
    /// Memory values, oldest first, for each filter of each batch.
    /// </para>
    /// </summary>
    public static class Svdf
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values in an input row.</summary>
        public const int InSize = 0;
        /// <summary>Values in an output row.</summary>
        public const int Units = 1;
        /// <summary>Filters per unit.</summary>
        public const int Rank = 2;
        /// <summary>Values that a filter remembers, the newest included.</summary>
        public const int Memory = 3;
        /// <summary>Bytes of a state value and of a time weight, 1 or 2.</summary>
        public const int StateBytes = 4;
        /// <summary>Zero point of the state.</summary>
        public const int StateZeroPoint = 5;
        /// <summary>Multiplier from the feature sum to the state.</summary>
        public const int StateMultiplier = 6;
        /// <summary>Shift that goes with it, positive is left.</summary>
        public const int StateShift = 7;
        /// <summary>Multiplier from the time sum to the output.</summary>
        public const int OutMultiplier = 8;
        /// <summary>Shift that goes with it, positive is left.</summary>
        public const int OutShift = 9;
        /// <summary>Zero point of the output, -128..127.</summary>
        public const int OutZeroPoint = 10;
        /// <summary>Bytes from one unit's block to the next.</summary>
        public const int BlockBytes = 11;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 12;

        /// <summary>
        /// Computes units unitFrom..unitTo-1 of batch rows rowFrom..rowTo-1 and moves their states on. x holds the whole
        /// input at xAt, y the whole output at yAt, s the whole state at sAt, w the block of unitFrom at wAt.
        /// x and y must not overlap.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, sbyte[] s, int sAt, byte[] w, int wAt,
            int unitFrom, int unitTo, int rowFrom, int rowTo)
        {
            int inSize = p[InSize], units = p[Units], rank = p[Rank], memory = p[Memory], stateBytes = p[StateBytes];
            bool wide = stateBytes == 2;
            int stateStep = memory * stateBytes, unitStep = rank * stateStep;
            int low = wide ? -32768 : -128, high = wide ? 32767 : 127;

            // All memories move by one at once; what that leaves as a filter's newest value is overwritten below.
            for (int row = rowFrom; row < rowTo; row++)
            {
                int first = sAt + (row * units + unitFrom) * unitStep;
                Array.Copy(s, first + stateBytes, s, first, (unitTo - unitFrom) * unitStep - stateBytes);
            }

            for (int unit = unitFrom; unit < unitTo; unit++)
            {
                for (int row = rowFrom; row < rowTo; row++)
                {
                    int k = wAt + 4;
                    int acc = w[wAt] | (w[wAt + 1] << 8) | (w[wAt + 2] << 16) | (w[wAt + 3] << 24);
                    int state = sAt + (row * units + unit) * unitStep;
                    int xFrom = xAt + row * inSize, xTo = xFrom + inSize;
                    for (int filter = 0; filter < rank; filter++)
                    {
                        int feature = w[k] | (w[k + 1] << 8) | (w[k + 2] << 16) | (w[k + 3] << 24);
                        k += 4;
                        int i = xFrom;
                        for (int d = k - i, d1 = d + 1, d2 = d + 2, d3 = d + 3; i < xTo - 3; i += 4)
                        {
                            feature += x[i] * (sbyte)w[i + d] + x[i + 1] * (sbyte)w[i + d1]
                                + x[i + 2] * (sbyte)w[i + d2] + x[i + 3] * (sbyte)w[i + d3];
                        }
                        for (int d = k - xFrom; i < xTo; i++)
                            feature += x[i] * (sbyte)w[i + d];
                        k += inSize;
                        feature = FixedPoint.Requantise(feature, p[StateMultiplier], p[StateShift]);
                        feature = p[StateZeroPoint] + (feature < low ? low : feature > high ? high : feature);

                        int end = state + stateStep;
                        if (wide)
                        {
                            s[end - 2] = (sbyte)feature;
                            s[end - 1] = (sbyte)(feature >> 8);
                            for (; state < end; state += 2)
                            {
                                acc += ((s[state] & 0xFF) | (s[state + 1] << 8)) * (w[k] | ((sbyte)w[k + 1] << 8));
                                k += 2;
                            }
                        }
                        else
                        {
                            s[end - 1] = (sbyte)feature;
                            for (int d = k - state, d1 = d + 1, d2 = d + 2, d3 = d + 3; state < end - 3; state += 4)
                            {
                                acc += s[state] * (sbyte)w[state + d] + s[state + 1] * (sbyte)w[state + d1]
                                    + s[state + 2] * (sbyte)w[state + d2] + s[state + 3] * (sbyte)w[state + d3];
                            }
                            for (int d = k + memory - end; state < end; state++)
                                acc += s[state] * (sbyte)w[state + d];
                            k += memory;
                        }
                    }
                    int q = FixedPoint.Requantise(acc, p[OutMultiplier], p[OutShift]) + p[OutZeroPoint];
                    y[yAt + row * units + unit] = (sbyte)(q < -128 ? -128 : q > 127 ? 127 : q);
                }
                wAt += p[BlockBytes];
            }
        }
    }
}

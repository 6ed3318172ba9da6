namespace TinyAI.Kernels
{
    /// <summary>
    /// Reduction of an int8 tensor over any set of dimensions: mean or sum with rescaling, maximum or minimum of the
    /// stored values.
    /// <para>
    /// Mean and sum: out = clamp(requantise(sum of x - zeroIn * n) + zeroOut); for the mean the packer has put 1 / n into
    /// the multiplier. Source: TFLite reference reduce.h QuantizedMeanOrSum and TFLM reduce_common.cc. The packer merges
    /// dimensions, so that at most three are kept and three reduced; fewer are filled up with size 1 in front.
    /// </para>
    /// </summary>
    public static class Mean
    {
        /// <summary>Value of <see cref="Mode"/> for mean and sum.</summary>
        public const int ModeSum = 0;
        /// <summary>Value of <see cref="Mode"/> for the maximum.</summary>
        public const int ModeMax = 1;
        /// <summary>Value of <see cref="Mode"/> for the minimum.</summary>
        public const int ModeMin = 2;

        /// <summary>Index of this parameter in the parameter array, as for all constants below. One of the Mode values.</summary>
        public const int Mode = 0;
        /// <summary>Zero point of the input times the number of elements that are reduced to one.</summary>
        public const int ZeroSum = 1;
        /// <summary>Multiplier of the sum, Q0.31.</summary>
        public const int Multiplier = 2;
        /// <summary>Shift of the sum, positive is left.</summary>
        public const int Shift = 3;
        /// <summary>Zero point of the output.</summary>
        public const int OutZeroPoint = 4;
        /// <summary>Smallest output.</summary>
        public const int OutMin = 5;
        /// <summary>Largest output.</summary>
        public const int OutMax = 6;
        /// <summary>Three sizes of the dimensions that are kept, outermost first.</summary>
        public const int KeptSizes = 7;
        /// <summary>Their three strides in the input, in elements.</summary>
        public const int KeptStrides = 10;
        /// <summary>Three sizes of the dimensions that are reduced, outermost first.</summary>
        public const int ReducedSizes = 13;
        /// <summary>Their three strides in the input, in elements.</summary>
        public const int ReducedStrides = 16;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 19;

        /// <summary>
        /// Computes output elements from..to-1. x holds the whole input at xAt, y the whole output at yAt; y may begin
        /// where x begins.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int from, int to)
        {
            int size1 = p[KeptSizes + 1], size2 = p[KeptSizes + 2];
            int count0 = p[ReducedSizes], count1 = p[ReducedSizes + 1];
            int step0 = p[ReducedStrides], step1 = p[ReducedStrides + 1], step2 = p[ReducedStrides + 2];
            int run = p[ReducedSizes + 2] * step2;
            int mode = p[Mode], outMin = p[OutMin], outMax = p[OutMax];

            for (int position = from; position < to; position++)
            {
                int rest = position / size2, outer = rest / size1;
                int start = xAt + outer * p[KeptStrides] + (rest - outer * size1) * p[KeptStrides + 1]
                    + (position - rest * size2) * p[KeptStrides + 2];
                int acc = mode == ModeSum ? -p[ZeroSum] : x[start];
                for (int i = 0; i < count0; i++)
                {
                    int line = start + i * step0;
                    for (int j = 0; j < count1; j++)
                    {
                        int end = line + run;
                        if (mode == ModeSum)
                        {
                            for (int a = line; a < end; a += step2)
                                acc += x[a];
                        }
                        else
                        {
                            for (int a = line; a < end; a += step2)
                            {
                                int v = x[a];
                                if (v > acc == (mode == ModeMax))
                                    acc = v;
                            }
                        }
                        line += step1;
                    }
                }
                if (mode == ModeSum)
                    acc = FixedPoint.Requantise(acc, p[Multiplier], p[Shift]) + p[OutZeroPoint];
                y[yAt + position] = (sbyte)(acc < outMin ? outMin : acc > outMax ? outMax : acc);
            }
        }
    }
}

namespace TinyAI.Kernels
{
    /// <summary>
    /// Index of the largest or smallest int8 value along an axis, the first where several are equal, as int32. Source: TFLite
    /// reference arg_min_max.h. A row is one number of the output.
    /// </summary>
    public static class ArgMinMax
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values along the axis.</summary>
        public const int AxisSize = 0;
        /// <summary>Bytes from one value to the next along the axis: the values after the axis.</summary>
        public const int Inner = 1;
        /// <summary>1 for the smallest value, 0 for the largest.</summary>
        public const int IsMinimum = 2;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 3;

        /// <summary>Computes rows rowFrom..rowTo-1. x holds the whole input at xAt, y the int32 of all rows at yAt.</summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int size = p[AxisSize], inner = p[Inner], flip = p[IsMinimum] != 0 ? -1 : 0;
            for (int row = rowFrom; row < rowTo; row++)
            {
                int at = xAt + row / inner * inner * size + row % inner, best = x[at] ^ flip, index = 0;
                for (int i = 1; i < size; i++)
                {
                    at += inner;
                    int value = x[at] ^ flip;
                    if (value > best)
                    {
                        best = value;
                        index = i;
                    }
                }
                int o = yAt + 4 * row;
                y[o] = (sbyte)index;
                y[o + 1] = (sbyte)(index >> 8);
                y[o + 2] = (sbyte)(index >> 16);
                y[o + 3] = (sbyte)(index >> 24);
            }
        }
    }
}

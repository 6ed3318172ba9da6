namespace TinyAI.Kernels
{
    /// <summary>
    /// Element-wise maximum or minimum of two int8 tensors of the same scale and zero point, the smaller one repeated
    /// (broadcast). Source: TFLite reference maximum_minimum.h, which compares the stored values. In place: an input
    /// that has the output's shape may be the output's memory.
    /// </summary>
    public static class MinMax
    {
        /// <summary>Index of this parameter in the parameter array: 1 for the maximum, 0 for the minimum.</summary>
        public const int IsMaximum = Broadcast.ParameterCount;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = IsMaximum + 1;

        /// <summary>
        /// Computes output rows rowFrom..rowTo-1 (see <see cref="Broadcast"/>). x1 and x2 hold the whole inputs from
        /// x1At and x2At, y the whole output from yAt.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x1, int x1At, sbyte[] x2, int x2At, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int inner = p[Broadcast.Inner], step1 = p[Broadcast.InnerStride1], step2 = p[Broadcast.InnerStride2];
            bool maximum = p[IsMaximum] != 0;
            int count = inner, rows = rowTo;
            if (p[Broadcast.OuterRank] == 0 && rowTo > rowFrom)
            {
                count = (rowTo - rowFrom) * inner;
                rows = rowFrom + 1;
            }

            for (int row = rowFrom; row < rows; row++)
            {
                int a = x1At + Broadcast.Offset(p, Broadcast.Strides1, step1, row);
                int b = x2At + Broadcast.Offset(p, Broadcast.Strides2, step2, row);
                int o = yAt + row * inner, end = o + count;
                for (; o < end; o++)
                {
                    sbyte v1 = x1[a], v2 = x2[b];
                    y[o] = v1 > v2 == maximum ? v1 : v2;
                    a += step1;
                    b += step2;
                }
            }
        }
    }
}

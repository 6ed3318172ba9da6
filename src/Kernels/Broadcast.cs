namespace TinyAI.Kernels
{
    /// <summary>
    /// How a kernel with two inputs walks over them where one is smaller and is repeated (broadcast). The packer merges
    /// dimensions as far as both inputs allow and leaves an inner dimension and at most five outer ones; a dimension
    /// along which an input is repeated has stride 0 there. An output row is one run along the inner dimension.
    /// <para>
    /// With no outer dimension left both inputs advance evenly over the whole output, and rows are then only a way to
    /// ask for a part of it. These parameters come first in the parameter array; the kernel's own follow.
    /// </para>
    /// </summary>
    public static class Broadcast
    {
        /// <summary>Most outer dimensions.</summary>
        public const int MaxOuter = 5;

        /// <summary>Index of this parameter in the parameter array, as for all constants below. Number of outer dimensions, 0..5.</summary>
        public const int OuterRank = 0;
        /// <summary>Elements in an output row.</summary>
        public const int Inner = 1;
        /// <summary>Elements between neighbours in a row of the first input.</summary>
        public const int InnerStride1 = 2;
        /// <summary>Elements between neighbours in a row of the second input.</summary>
        public const int InnerStride2 = 3;
        /// <summary>MaxOuter sizes of the outer dimensions, outermost first.</summary>
        public const int Sizes = 4;
        /// <summary>MaxOuter strides of the first input along the outer dimensions, in elements.</summary>
        public const int Strides1 = 9;
        /// <summary>MaxOuter strides of the second input along the outer dimensions, in elements.</summary>
        public const int Strides2 = 14;
        /// <summary>Number of parameters: the kernel's own begin here.</summary>
        public const int ParameterCount = 19;

        /// <summary>
        /// Elements from the start of an input to where output row begins in it; strides is <see cref="Strides1"/> or
        /// <see cref="Strides2"/>, innerStride the input's stride inside a row.
        /// </summary>
        public static int Offset(int[] p, int strides, int innerStride, int row)
        {
            int outer = p[OuterRank];
            if (outer == 0)
                return row * p[Inner] * innerStride;
            int offset = 0;
            for (int d = outer - 1; d > 0; d--)
            {
                int size = p[Sizes + d], rest = row / size;
                offset += (row - rest * size) * p[strides + d];
                row = rest;
            }
            return offset + row * p[strides];
        }
    }
}

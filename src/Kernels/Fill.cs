using System;

namespace TinyAI.Kernels
{
    /// <summary>
    /// Sets every element of a tensor to one value of one, two or four bytes, little-endian: the background of padding.
    /// The first bytes are written one by one, then what is filled is doubled by the runtime's own copy.
    /// </summary>
    public static class Fill
    {
        /// <summary>The value; an index in the parameter array, as all constants below.</summary>
        public const int Value = 0;
        /// <summary>Bytes of an element: 1, 2 or 4.</summary>
        public const int ElementBytes = 1;
        /// <summary>Bytes of a row, a multiple of ElementBytes.</summary>
        public const int RowBytes = 2;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 3;

        private const int Seed = 16;

        /// <summary>Fills rows rowFrom..rowTo-1 of y, which begins at yAt.</summary>
        public static void Run(int[] p, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int value = p[Value], mask = p[ElementBytes] - 1;
            int from = yAt + rowFrom * p[RowBytes];
            int count = (rowTo - rowFrom) * p[RowBytes];
            int done = count < Seed ? count : Seed;
            for (int i = 0; i < done; i++)
                y[from + i] = (sbyte)(value >> ((i & mask) << 3));
            while (done < count)
            {
                int piece = done < count - done ? done : count - done;
                Array.Copy(y, from, y, from + done, piece);
                done += piece;
            }
        }
    }
}

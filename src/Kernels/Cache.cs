using System;

namespace TinyAI.Kernels
{
    /// <summary>
    /// Writes new rows into a cache that keeps its content from run to run, such as the keys and values of attention: for each
    /// row (a head, or all heads) NewBytes of x go to y, PositionBytes times the position from the start. A
    /// position below 0 or beyond the last at which the new rows fit counts as the nearest that is possible.
    /// </summary>
    public static class Cache
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Bytes that a run adds to a row.</summary>
        public const int NewBytes = 0;
        /// <summary>Bytes of a row of the cache.</summary>
        public const int RowBytes = 1;
        /// <summary>Bytes of one position.</summary>
        public const int PositionBytes = 2;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 3;

        /// <summary>Writes rows rowFrom..rowTo-1. x holds the new values at xAt, x2 at x2At the int32 position, y the cache at yAt.</summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] x2, int x2At, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int bytes = p[NewBytes], rowBytes = p[RowBytes], last = (rowBytes - bytes) / p[PositionBytes];
            int position = CausalSoftmax.Word(x2, x2At);
            position = position < 0 ? 0 : position > last ? last : position;
            for (int row = rowFrom; row < rowTo; row++)
                Array.Copy(x, xAt + row * bytes, y, yAt + row * rowBytes + position * p[PositionBytes], bytes);
        }
    }
}

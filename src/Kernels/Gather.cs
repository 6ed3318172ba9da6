using System;

namespace TinyAI.Kernels
{
    /// <summary>
    /// Takes slices of a tensor by indices that are known only when the model runs: embeddings, GATHER, also with batch
    /// dimensions, and GATHER_ND. The data is [batches, outer, sizes.., slice], the indices [batches, count, depth] of int32, the
    /// output [batches, outer, count, slice]; a row is one slice of the output, for which depth indices name one of each size. An index below 0 counts from the end, as in ONNX; one that is still
    /// outside counts as the nearest that is there, so that no input reads foreign memory.
    /// Constant data stays in the pack, from which the runtime reads the slices itself.
    /// </summary>
    public static class Gather
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Indices that name one slice.</summary>
        public const int Depth = 0;
        /// <summary>Bytes of a slice.</summary>
        public const int SliceBytes = 1;
        /// <summary>Slices that the indices of a batch name.</summary>
        public const int Count = 2;
        /// <summary>Pieces of a batch before the dimensions that are indexed.</summary>
        public const int Outer = 3;
        /// <summary>Up to six words: the sizes of the dimensions that are indexed.</summary>
        public const int Sizes = 4;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 10;

        /// <summary>Computes rows rowFrom..rowTo-1. x holds the data at xAt, x2 the indices at x2At, y the whole output at yAt.</summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] x2, int x2At, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int bytes = p[SliceBytes];
            for (int row = rowFrom; row < rowTo; row++)
                Array.Copy(x, xAt + Slice(p, x2, x2At, row) * bytes, y, yAt + row * bytes, bytes);
        }

        /// <summary>Number of the slice, counted through the whole data, that goes into a row of the output.</summary>
        public static int Slice(int[] p, sbyte[] x2, int x2At, int row)
        {
            int count = p[Count], depth = p[Depth], slice = row / count;
            int at = x2At + 4 * depth * (slice / p[Outer] * count + row % count);
            for (int d = Sizes; d < Sizes + depth; d++)
            {
                int size = p[d];
                int index = (x2[at] & 0xFF) | ((x2[at + 1] & 0xFF) << 8) | ((x2[at + 2] & 0xFF) << 16) | (x2[at + 3] << 24);
                if (index < 0)
                    index += size;
                slice = slice * size + (index < 0 ? 0 : index >= size ? size - 1 : index);
                at += 4;
            }
            return slice;
        }
    }
}

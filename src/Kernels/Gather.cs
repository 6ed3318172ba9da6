using System;

namespace TinyAI.Kernels
{
    /// <summary>
    /// Takes slices of a tensor by indices that are known only when the model runs: embeddings, GATHER, also with batch
    /// dimensions. The data is [batches, outer, axis, slice], the indices [batches, count] of int32, the output [batches,
    /// outer, count, slice]; a row is one slice of the output. An index below 0 counts from the end, as in ONNX; one that is still
    /// outside counts as the nearest that is there, so that no input reads foreign memory.
    /// Constant data stays in the pack, from which the runtime reads the slices itself.
    /// </summary>
    public static class Gather
    {
        /// <summary>Index of this parameter in the parameter array, as for all constants below. Slices along the axis.</summary>
        public const int AxisSize = 0;
        /// <summary>Bytes of a slice.</summary>
        public const int SliceBytes = 1;
        /// <summary>Indices of a batch.</summary>
        public const int Count = 2;
        /// <summary>Pieces of a batch before the axis.</summary>
        public const int Outer = 3;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 4;

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
            int count = p[Count], size = p[AxisSize], piece = row / count;
            int at = x2At + 4 * (piece / p[Outer] * count + row % count);
            int index = (x2[at] & 0xFF) | ((x2[at + 1] & 0xFF) << 8) | ((x2[at + 2] & 0xFF) << 16) | (x2[at + 3] << 24);
            if (index < 0)
                index += size;
            return piece * size + (index < 0 ? 0 : index >= size ? size - 1 : index);
        }
    }
}

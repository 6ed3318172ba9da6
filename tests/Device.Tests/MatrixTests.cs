using nanoFramework.TestFramework;
using TinyAI.Kernels;

namespace TinyAI.Device.Tests
{
    /// <summary>Fully connected layers, matrix products and row normalisation.</summary>
    [TestClass]
    public class MatrixTests
    {
        [TestMethod]
        public void FullyConnected_multiplies_rows_by_the_matrix()
        {
            // Zero point 1: rows 1 2 3 and 2 2 2 are 0 1 2 and 1 1 1. Weights 1 1 1 (bias 4) and 1 -1 2 (bias -1):
            // 0+1+2+4 = 7, 0-1+4-1 = 2; 1+1+1+4 = 7, 1-1+2-1 = 1. Folded biases 4 - 3 and -1 - 2.
            sbyte[] x = { 1, 2, 3, 2, 2, 2 }, y = new sbyte[4];
            int[] p = Dense(3, 2);
            byte[] w = Expect.Blocks(32, new int[][] { new int[] { 1, 3, Expect.Half, 1, 1, 1, 1 }, new int[] { -3, 2, Expect.Half, 1, 1, -1, 2 } });
            FullyConnected.Run(p, x, 0, y, 0, w, 0, 0, 2, 0, 2);
            Expect.Values(y, 7, 2, 7, 1);
        }

        [TestMethod]
        public void FullyConnected_in_pieces_gives_the_same()
        {
            // 1 + (1*1 + 2*1) + 3*1 = 7, halved 3.5, which rounds to 4.
            sbyte[] x = { 1, 2, 3 }, y = new sbyte[1];
            byte[] w = { 1, 1, 1 };
            int acc = FullyConnected.Accumulate(1, x, 0, w, 0, 2);
            acc = FullyConnected.Accumulate(acc, x, 2, w, 2, 1);
            Assert.AreEqual(7, acc);
            FullyConnected.Store(Dense(3, 1), acc, Expect.Half, 0, y, 0);
            Expect.Values(y, 4);
        }

        [TestMethod]
        public void BatchMatMul_multiplies_matrices_with_and_without_zero_points()
        {
            // [1 2; 3 4] * [5 6; 7 8] = [19 22; 43 50]; with zero points 1 and 5: [0 1; 2 3] * [0 1; 2 3] = [2 3; 6 11].
            sbyte[] a = { 1, 2, 3, 4 }, b = { 5, 6, 7, 8 }, y = new sbyte[4];
            int[] p = new int[BatchMatMul.ParameterCount];
            p[BatchMatMul.Rows] = 2;
            p[BatchMatMul.Columns] = 2;
            p[BatchMatMul.Depth] = 2;
            p[BatchMatMul.RowStep] = 2;
            p[BatchMatMul.DepthStep] = 1;
            p[BatchMatMul.ColumnStep] = 1;
            p[BatchMatMul.DepthStep2] = 2;
            p[BatchMatMul.Multiplier] = Expect.Half;
            p[BatchMatMul.Shift] = 1;
            p[BatchMatMul.OutMin] = -128;
            p[BatchMatMul.OutMax] = 127;
            for (int d = 0; d < BatchMatMul.BatchDimensions; d++)
                p[BatchMatMul.BatchSizes + d] = 1;
            BatchMatMul.Run(p, a, 0, b, 0, y, 0, 0, 2);
            Expect.Values(y, 19, 22, 43, 50);
            p[BatchMatMul.ZeroPoint] = 1;
            p[BatchMatMul.ZeroPoint2] = 5;
            BatchMatMul.Run(p, a, 0, b, 0, y, 0, 0, 2);
            Expect.Values(y, 2, 3, 6, 11);
        }

        [TestMethod]
        public void L2Normalise_divides_by_the_length_of_the_row()
        {
            // (3, 4) has length 5: 0.6 * 128 = 76.8 -> 77, 0.8 * 128 = 102.4 -> 102.
            sbyte[] x = { 3, 4 }, y = new sbyte[2];
            int[] p = new int[L2Normalise.ParameterCount];
            p[L2Normalise.Size] = 2;
            L2Normalise.Run(p, x, 0, y, 0, 0, 1);
            Expect.Values(y, 77, 102);
        }

        private static int[] Dense(int inSize, int outSize)
        {
            int[] p = new int[FullyConnected.ParameterCount];
            p[FullyConnected.InSize] = inSize;
            p[FullyConnected.OutSize] = outSize;
            p[FullyConnected.OutMin] = -128;
            p[FullyConnected.OutMax] = 127;
            p[FullyConnected.BlockBytes] = 32;
            return p;
        }
    }
}

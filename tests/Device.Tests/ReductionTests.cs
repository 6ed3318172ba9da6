using nanoFramework.TestFramework;
using TinyAI.Kernels;

namespace TinyAI.Device.Tests
{
    /// <summary>Pooling, means and softmax.</summary>
    [TestClass]
    public class ReductionTests
    {
        [TestMethod]
        public void Pooling_takes_only_taps_inside_the_image()
        {
            // 3x3 image 1..9, window 3x3, stride 2, padding 1: the four windows hold {1 2 4 5}, {2 3 5 6}, {4 5 7 8}, {5 6 8 9},
            // with means 3 4 6 7.
            sbyte[] x = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, y = new sbyte[4];
            int[] p = Pool(3, 2, 3, 2, 1);
            MaxPool2D.Run(p, x, 0, y, 0, 0, 2);
            Expect.Values(y, 5, 6, 8, 9);
            AveragePool2D.Run(p, x, 0, y, 0, 0, 2);
            Expect.Values(y, 3, 4, 6, 7);
        }

        [TestMethod]
        public void Pooling_of_a_large_window_and_of_halves()
        {
            // 3x3 image in one window: largest 9, mean 45 / 9 = 5.
            sbyte[] x = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, y = new sbyte[1];
            MaxPool2D.Run(Pool(3, 1, 3, 1, 0), x, 0, y, 0, 0, 1);
            Expect.Values(y, 9);
            AveragePool2D.Run(Pool(3, 1, 3, 1, 0), x, 0, y, 0, 0, 1);
            Expect.Values(y, 5);
            // -10 / 4 = -2.5 and 10 / 4 = 2.5 round away from zero.
            AveragePool2D.Run(Pool(2, 1, 2, 1, 0), new sbyte[] { -1, -2, -3, -4 }, 0, y, 0, 0, 1);
            Expect.Values(y, -3);
            AveragePool2D.Run(Pool(2, 1, 2, 1, 0), new sbyte[] { 1, 2, 3, 4 }, 0, y, 0, 0, 1);
            Expect.Values(y, 3);
        }

        [TestMethod]
        public void Mean_sum_and_maximum_of_rows()
        {
            // Rows 1 2 6 and 4 5 7: means 3 and 5.33, sums 9 and 16, maxima 6 and 7. 1/3 is 715827882 in Q0.31.
            sbyte[] x = { 1, 2, 6, 4, 5, 7 }, y = new sbyte[2];
            int[] p = new int[Mean.ParameterCount];
            p[Mean.OutMin] = -128;
            p[Mean.OutMax] = 127;
            p[Mean.Multiplier] = 715827882;
            for (int d = 0; d < 2; d++)
            {
                p[Mean.KeptSizes + d] = 1;
                p[Mean.ReducedSizes + d] = 1;
            }
            p[Mean.KeptSizes + 2] = 2;
            p[Mean.KeptStrides + 2] = 3;
            p[Mean.ReducedSizes + 2] = 3;
            p[Mean.ReducedStrides + 2] = 1;
            Mean.Run(p, x, 0, y, 0, 0, 2);
            Expect.Values(y, 3, 5);
            p[Mean.Multiplier] = Expect.Half;
            p[Mean.Shift] = 1;
            Mean.Run(p, x, 0, y, 0, 0, 2);
            Expect.Values(y, 9, 16);
            p[Mean.Mode] = Mean.ModeMax;
            Mean.Run(p, x, 0, y, 0, 0, 2);
            Expect.Values(y, 6, 7);
        }

        [TestMethod]
        public void A_reduction_of_an_image_is_carried_from_row_to_row()
        {
            // Two channels, three rows of one pixel: 1 2, 3 -4, 8 5. Sums 12 and 3, means 4 and 1, maxima 8 and 5.
            sbyte[] x = { 1, 2, 3, -4, 8, 5 }, y = new sbyte[2], s = new sbyte[8];
            int[] p = { Mean.ModeSum, 0, 715827882, 0, 0, -128, 127, 2, 1, 3 };
            for (int row = 0; row < 3; row++)
                MeanRows.Run(p, x, 0, y, 0, s, 0, row, row + 1);
            Expect.Values(y, 4, 1);
            p[Mean.Mode] = MeanRows.ModeAverage;
            MeanRows.Run(p, x, 0, y, 0, s, 0, 0, 2);
            MeanRows.Run(p, x, 0, y, 0, s, 0, 2, 3);
            Expect.Values(y, 4, 1);
            p[Mean.Mode] = Mean.ModeMax;
            MeanRows.Run(p, x, 0, y, 0, s, 0, 0, 1);
            MeanRows.Run(p, x, 0, y, 0, s, 0, 1, 3);
            Expect.Values(y, 8, 5);
        }

        [TestMethod]
        public void Softmax_is_the_softmax_to_the_last_bit()
        {
            // Input scale 1: 2^26 is 1/2 * 2^27; differences below -floor(31 * 2^26 / 2^27) = -15 count as nothing.
            // (1, 0): 1 / (1 + 1/e) = 0.7311 is 187 of 256, 0.2689 is 69; (4, 4): 128 each; (20, 0): all and nothing.
            sbyte[] x = { 1, 0, 4, 4, 20, 0 }, y = new sbyte[6];
            int[] p = new int[Softmax.ParameterCount];
            p[Softmax.RowLength] = 2;
            p[Softmax.Multiplier] = Expect.Half;
            p[Softmax.LeftShift] = 27;
            p[Softmax.DifferenceMin] = -15;
            p[Softmax.OutBytes] = 1;
            Softmax.Run(p, x, 0, y, 0, 0, 3);
            Expect.Values(y, 59, -59, 0, 0, 127, -128);

            // The same from a table: 1 saturates to 2^31 - 1, 1/e is 790015084 in Q0.31.
            byte[] table = new byte[8];
            Expect.Word(table, 0, int.MaxValue);
            Expect.Word(table, 4, 790015084);
            p[Softmax.TableLength] = 2;
            sbyte[] again = new sbyte[6];
            Softmax.RunTable(p, x, 0, again, 0, table, 0, 0, 3);
            Expect.Values(again, 59, -59, 0, 0, 127, -128);
        }

        private static int[] Pool(int inSize, int outSize, int kernel, int stride, int pad)
        {
            int[] p = new int[MaxPool2D.ParameterCount];
            p[MaxPool2D.InHeight] = inSize;
            p[MaxPool2D.InWidth] = inSize;
            p[MaxPool2D.Channels] = 1;
            p[MaxPool2D.OutHeight] = outSize;
            p[MaxPool2D.OutWidth] = outSize;
            p[MaxPool2D.KernelHeight] = kernel;
            p[MaxPool2D.KernelWidth] = kernel;
            p[MaxPool2D.StrideHeight] = stride;
            p[MaxPool2D.StrideWidth] = stride;
            p[MaxPool2D.PadTop] = pad;
            p[MaxPool2D.PadLeft] = pad;
            p[MaxPool2D.OutMin] = -128;
            p[MaxPool2D.OutMax] = 127;
            return p;
        }
    }
}

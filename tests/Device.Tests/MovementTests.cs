using nanoFramework.TestFramework;
using TinyAI.Kernels;

namespace TinyAI.Device.Tests
{
    /// <summary>Tables, conversions, copies and resizing.</summary>
    [TestClass]
    public class MovementTests
    {
        [TestMethod]
        public void Lookup_finds_each_value_in_its_place()
        {
            byte[] table = new byte[Lookup.TableBytes + 1];
            for (int i = 0; i < Lookup.TableBytes; i++)
                table[i + 1] = (byte)(255 - i);
            sbyte[] x = { -128, 0, 127 }, y = new sbyte[3];
            int[] p = new int[Lookup.ParameterCount];
            p[Lookup.RowLength] = 3;
            Lookup.Run(p, x, 0, y, 0, table, 1, 0, 1);
            // Entries 0, 128 and 255 hold 255 (which is -1), 127 and 0.
            Expect.Values(y, -1, 127, 0);
        }

        [TestMethod]
        public void Convert_widens_and_shifts_zero_points()
        {
            int[] p = new int[Convert.ParameterCount];
            p[Convert.RowLength] = 2;
            p[Convert.InBytes] = 1;
            p[Convert.OutBytes] = 2;
            sbyte[] wide = new sbyte[4];
            Convert.Run(p, new sbyte[] { -2, 3 }, 0, wide, 0, 0, 1);
            // -2 is FE FF, 3 is 03 00.
            Expect.Values(wide, -2, -1, 3, 0);

            // Unsigned 200 and 0 with zero point 128 become 72 and -128.
            p[Convert.OutBytes] = 1;
            p[Convert.InUnsigned] = 1;
            p[Convert.Rescale] = 1;
            p[Convert.InZeroPoint] = 128;
            p[Convert.Multiplier] = Expect.Half;
            p[Convert.Shift] = 1;
            p[Convert.OutMin] = -128;
            p[Convert.OutMax] = 127;
            sbyte[] y = new sbyte[2];
            Convert.Run(p, new sbyte[] { -56, 0 }, 0, y, 0, 0, 1);
            Expect.Values(y, 72, -128);
        }

        [TestMethod]
        public void StridedCopy_transposes_and_copies_long_runs()
        {
            // [1 2 3; 4 5 6] transposed, a column of the input per row of the output.
            sbyte[] x = { 1, 2, 3, 4, 5, 6 }, y = new sbyte[6];
            int[] p = Copy();
            p[StridedCopy.RowInStep] = 1;
            p[StridedCopy.RowOutStep] = 2;
            p[StridedCopy.Run] = 2;
            p[StridedCopy.RunInStep] = 3;
            p[StridedCopy.RunOutStep] = 1;
            StridedCopy.Copy(p, x, 0, y, 0, 0, 3);
            Expect.Values(y, 1, 4, 2, 5, 3, 6);

            sbyte[] ten = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, part = new sbyte[10];
            p = Copy();
            p[StridedCopy.InOffset] = 1;
            p[StridedCopy.OutOffset] = 2;
            p[StridedCopy.Run] = 8;
            p[StridedCopy.RunInStep] = 1;
            p[StridedCopy.RunOutStep] = 1;
            StridedCopy.Copy(p, ten, 0, part, 0, 0, 1);
            Expect.Values(part, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
        }

        [TestMethod]
        public void Fill_repeats_a_value_of_two_bytes()
        {
            sbyte[] y = new sbyte[42];
            int[] p = new int[Fill.ParameterCount];
            p[Fill.Value] = 0x0102;
            p[Fill.ElementBytes] = 2;
            p[Fill.RowBytes] = 20;
            Fill.Run(p, y, 1, 0, 2);
            Assert.AreEqual(0, (int)y[0]);
            for (int i = 1; i < 41; i++)
                Assert.AreEqual(i % 2 == 1 ? 2 : 1, (int)y[i]);
            Assert.AreEqual(0, (int)y[41]);
        }

        [TestMethod]
        public void ResizeNearest_copies_the_pixels_of_its_table()
        {
            // Two rows of one pixel become four of two: rows 0 0 1 1, columns 0 0.
            byte[] table = { 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0 };
            sbyte[] x = { 1, 2 }, y = new sbyte[8];
            int[] p = new int[ResizeNearest.ParameterCount];
            p[ResizeNearest.InHeight] = 2;
            p[ResizeNearest.InRowBytes] = 1;
            p[ResizeNearest.OutHeight] = 4;
            p[ResizeNearest.OutWidth] = 2;
            p[ResizeNearest.PixelBytes] = 1;
            ResizeNearest.Run(p, x, 0, y, 0, table, 0, 0, 4);
            Expect.Values(y, 1, 1, 1, 1, 2, 2, 2, 2);
        }

        [TestMethod]
        public void ResizeBilinear_goes_straight_between_pixels()
        {
            // Positions 0, 0.5, 1 and 1.5 of the row 0 8: 0, 4, 8, and the last pixel beyond it.
            sbyte[] x = { 0, 8 }, y = new sbyte[4];
            int[] p = new int[ResizeBilinear.ParameterCount];
            p[ResizeBilinear.InHeight] = 1;
            p[ResizeBilinear.InWidth] = 2;
            p[ResizeBilinear.Channels] = 1;
            p[ResizeBilinear.OutHeight] = 1;
            p[ResizeBilinear.OutWidth] = 4;
            p[ResizeBilinear.StepY] = 1024;
            p[ResizeBilinear.StepX] = 512;
            ResizeBilinear.Run(p, x, 0, y, 0, 0, 1);
            Expect.Values(y, 0, 4, 8, 8);
        }

        private static int[] Copy()
        {
            int[] p = new int[StridedCopy.ParameterCount];
            for (int axis = 0; axis < StridedCopy.MiddleAxes; axis++)
                p[StridedCopy.Middle + 3 * axis] = 1;
            return p;
        }
    }
}

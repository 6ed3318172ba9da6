using nanoFramework.TestFramework;
using TinyAI.Kernels;

namespace TinyAI.Device.Tests
{
    /// <summary>Sums, products and their kin, with all scales equal so that results can be read off.</summary>
    [TestClass]
    public class ElementwiseTests
    {
        [TestMethod]
        public void Add_adds_and_subtracts()
        {
            // Equal scales: each input counts half (2^30, no shift), the sum times 2^-19 (2^30, right 18) undoes the 2^20.
            sbyte[] a = { 10, -7, 100 }, b = { 20, 2, 100 }, y = new sbyte[3];
            int[] p = new int[Add.ParameterCount];
            Both(p, 3);
            p[Add.Multiplier1] = Expect.Half;
            p[Add.Multiplier2] = Expect.Half;
            p[Add.Sign] = 1;
            p[Add.OutMultiplier] = Expect.Half;
            p[Add.OutRight] = 18;
            p[Add.OutMin] = -128;
            p[Add.OutMax] = 127;
            Add.Run(p, a, 0, b, 0, y, 0, 0, 1);
            Expect.Values(y, 30, -5, 127);
            p[Add.Sign] = -1;
            p[Add.ZeroPoint2] = 2;
            // 10 - 18, -7 - 0, 100 - 98.
            Add.Run(p, a, 0, b, 0, y, 0, 0, 1);
            Expect.Values(y, -8, -7, 2);
        }

        [TestMethod]
        public void Mul_multiplies_and_repeats_the_smaller_input()
        {
            // Halved products with 4: 3*4/2 = 6, -5*4/2 = -10, 0.
            sbyte[] a = { 3, -5, 0 }, b = { 4 }, y = new sbyte[3];
            int[] p = new int[Mul.ParameterCount];
            Both(p, 3);
            p[Broadcast.InnerStride2] = 0;
            p[Mul.Multiplier] = Expect.Half;
            p[Mul.OutMin] = -128;
            p[Mul.OutMax] = 127;
            Mul.Run(p, a, 0, b, 0, y, 0, 0, 1);
            Expect.Values(y, 6, -10, 0);
        }

        [TestMethod]
        public void SquaredDifference_squares_the_difference()
        {
            // Scales 1: inputs halved after 2^7, so d is 64 times the difference; d * d times 4 / 2^14 = 2^-12 (2^30, shift -11).
            sbyte[] a = { 5, -4, 1 }, b = { 2, 4, 1 }, y = new sbyte[3];
            int[] p = new int[SquaredDifference.ParameterCount];
            Both(p, 3);
            p[SquaredDifference.Multiplier1] = Expect.Half;
            p[SquaredDifference.Multiplier2] = Expect.Half;
            p[SquaredDifference.OutMultiplier] = Expect.Half;
            p[SquaredDifference.OutShift] = -11;
            p[SquaredDifference.OutMin] = -128;
            p[SquaredDifference.OutMax] = 127;
            SquaredDifference.Run(p, a, 0, b, 0, y, 0, 0, 1);
            Expect.Values(y, 9, 64, 0);
        }

        [TestMethod]
        public void MinMax_takes_the_larger_or_the_smaller()
        {
            sbyte[] a = { -128, 5, 7 }, b = { 127, -5, 7 }, y = new sbyte[3];
            int[] p = new int[MinMax.ParameterCount];
            Both(p, 3);
            MinMax.Run(p, a, 0, b, 0, y, 0, 0, 1);
            Expect.Values(y, -128, -5, 7);
            p[MinMax.IsMaximum] = 1;
            MinMax.Run(p, a, 0, b, 0, y, 0, 0, 1);
            Expect.Values(y, 127, 5, 7);
        }

        [TestMethod]
        public void PRelu_scales_only_what_is_negative()
        {
            // Slope 64 of scale 1/128 is one half: -10 gives -5; -3 gives -1.5, rounded away from zero.
            sbyte[] x = { 10, -10, -3 }, slope = { 64 }, y = new sbyte[3];
            int[] p = new int[PRelu.ParameterCount];
            Both(p, 3);
            p[Broadcast.InnerStride2] = 0;
            p[PRelu.Multiplier] = Expect.Half;
            p[PRelu.Shift] = 1;
            p[PRelu.SlopeMultiplier] = Expect.Half;
            p[PRelu.SlopeShift] = -6;
            PRelu.Run(p, x, 0, slope, 0, y, 0, 0, 1);
            Expect.Values(y, 10, -5, -2);
        }

        [TestMethod]
        public void Div_divides_and_has_an_answer_for_zero()
        {
            // 20 / 4, -9 / 3, 100 / -50; a divisor of 0 gives the largest or smallest output, 0 / 0 the zero point.
            sbyte[] a = { 20, -9, 100, 5, -5, 0 }, b = { 4, 3, -50, 0, 0, 0 }, y = new sbyte[6];
            int[] p = new int[Div.ParameterCount];
            Both(p, 6);
            p[Div.Multiplier] = Expect.Half;
            p[Div.Shift] = 1;
            p[Div.OutMin] = -128;
            p[Div.OutMax] = 127;
            Div.Run(p, a, 0, b, 0, y, 0, 0, 1);
            Expect.Values(y, 5, -3, -2, 127, -128, 0);
        }

        private static void Both(int[] p, int count)
        {
            p[Broadcast.Inner] = count;
            p[Broadcast.InnerStride1] = 1;
            p[Broadcast.InnerStride2] = 1;
        }
    }
}

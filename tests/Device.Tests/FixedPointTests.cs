using nanoFramework.TestFramework;
using TinyAI.Kernels;

namespace TinyAI.Device.Tests
{
    /// <summary>Expectations computed by hand from the definitions in gemmlowp's fixedpoint.h.</summary>
    [TestClass]
    public class FixedPointTests
    {
        [TestMethod]
        public void HighMultiply_rounds_the_high_half_of_the_doubled_product()
        {
            // 2^30 * 2^30 / 2^31 = 2^29.
            Assert.AreEqual(1 << 29, FixedPoint.HighMultiply(1 << 30, 1 << 30));
            // 3 * 2^30 / 2^31 = 1.5 rounds to 2; -1.5 rounds to -1, since the nudge 1 - 2^30 and C division go towards plus.
            Assert.AreEqual(2, FixedPoint.HighMultiply(3, 1 << 30));
            Assert.AreEqual(-1, FixedPoint.HighMultiply(-3, 1 << 30));
            // 2^62 / 2^31 = 2^31 does not fit and saturates.
            Assert.AreEqual(int.MaxValue, FixedPoint.HighMultiply(int.MinValue, int.MinValue));
            // -2^31 * (2^31 - 1) / 2^31 = -(2^31 - 1).
            Assert.AreEqual(-int.MaxValue, FixedPoint.HighMultiply(int.MinValue, int.MaxValue));
        }

        [TestMethod]
        public void RoundingShift_rounds_half_away_from_zero()
        {
            // 5/2 = 2.5 -> 3, -5/2 = -2.5 -> -3, 4/8 = 0.5 -> 1, 3/8 -> 0.
            Assert.AreEqual(3, FixedPoint.RoundingShift(5, 1));
            Assert.AreEqual(-3, FixedPoint.RoundingShift(-5, 1));
            Assert.AreEqual(1, FixedPoint.RoundingShift(4, 3));
            Assert.AreEqual(0, FixedPoint.RoundingShift(3, 3));
            Assert.AreEqual(-7, FixedPoint.RoundingShift(-7, 0));
            // (2^31 - 1) / 2^31 rounds to 1; -2^31 / 2^31 = -1.
            Assert.AreEqual(1, FixedPoint.RoundingShift(int.MaxValue, 31));
            Assert.AreEqual(-1, FixedPoint.RoundingShift(int.MinValue, 31));
        }

        [TestMethod]
        public void Requantise_multiplies_and_shifts_either_way()
        {
            // multiplier 2^30 is 1/2. 100 * 1/2 * 2^-3 = 6.25 -> 6; 100 * 1/2 * 2^3 = 400.
            Assert.AreEqual(6, FixedPoint.Requantise(100, 1 << 30, -3));
            Assert.AreEqual(400, FixedPoint.Requantise(100, 1 << 30, 3));
            // Rounded twice: 11 * 1/2 = 5.5 -> 6, then 6 / 4 = 1.5 -> 2; once would give 1.375 -> 1.
            Assert.AreEqual(2, FixedPoint.Requantise(11, 1 << 30, -2));
            Assert.AreEqual(1, FixedPoint.Requantise(11, 1 << 30, FixedPoint.Once - 2));
            // Cut off: 15 * 1/2 / 4 = 1.875 -> 1, -9 * 1/2 / 4 = -1.125 -> -2; with 3/4 added to 15 it is 1.97.
            Assert.AreEqual(1, FixedPoint.Requantise(15, 1 << 30, FixedPoint.Down - 2));
            Assert.AreEqual(-2, FixedPoint.Requantise(-9, 1 << 30, FixedPoint.Down - 2));
            Assert.AreEqual(1, FixedPoint.Requantise(15, 1 << 30, FixedPoint.Down - 2 - 256 * 3145728));
            // 7 * 1/2 / 4 = 0.875; with (2^22 - 1) / 2^22 added just below 1, and 8 is 1.
            Assert.AreEqual(0, FixedPoint.Requantise(7, 1 << 30, FixedPoint.Down - 2 - 256 * 4194303));
            Assert.AreEqual(1, FixedPoint.Requantise(8, 1 << 30, FixedPoint.Down - 2));
            // Halfway goes up: 12 * 1/2 / 4 = 1.5 -> 2, -12 * 1/2 / 4 = -1.5 -> -1.
            Assert.AreEqual(2, FixedPoint.Requantise(12, 1 << 30, FixedPoint.Once - 2));
            Assert.AreEqual(-1, FixedPoint.Requantise(-12, 1 << 30, FixedPoint.Once - 2));
        }

        [TestMethod]
        public void ExpOnNegative_is_the_exponential_to_nine_digits()
        {
            Assert.AreEqual(int.MaxValue, FixedPoint.ExpOnNegative(0, 5));
            // In Q5.26, -1 is -2^26: e^-1 * 2^31 = 790015083.6. The series is good to a few units in 2^31.
            int e = FixedPoint.ExpOnNegative(-(1 << 26), 5);
            Assert.IsTrue(e > 790015083 - 2000 && e < 790015083 + 2000);
            // e^-16 * 2^31 = 241.67.
            int small = FixedPoint.ExpOnNegative(-(16 << 26), 5);
            Assert.IsTrue(small >= 241 && small <= 243);
        }

        [TestMethod]
        public void Quotients_are_exact_at_their_ends()
        {
            // 1 / (1 + 0) = 1 saturates to 2^31 - 1; 1 / (1 + 1/2) = 2/3 of 2^31 = 1431655765.3.
            Assert.IsTrue(FixedPoint.OneOverOnePlus(0) > int.MaxValue - 16);
            int twoThirds = FixedPoint.OneOverOnePlus(1 << 30);
            Assert.IsTrue(twoThirds > 1431655765 - 8 && twoThirds < 1431655765 + 8);
            // (1 - 1/2) / (1 + 1/2) = 1/3 of 2^31 = 715827882.7.
            int third = FixedPoint.OneMinusOverOnePlus(1 << 30);
            Assert.IsTrue(third > 715827882 - 8 && third < 715827882 + 8);
        }

        [TestMethod]
        public void ShiftLeftSaturating_stops_at_the_ends_of_the_range()
        {
            Assert.AreEqual(40, FixedPoint.ShiftLeftSaturating(10, 2));
            Assert.AreEqual(int.MaxValue, FixedPoint.ShiftLeftSaturating(1 << 29, 2));
            Assert.AreEqual(int.MinValue, FixedPoint.ShiftLeftSaturating(-(1 << 29), 2));
        }
    }
}

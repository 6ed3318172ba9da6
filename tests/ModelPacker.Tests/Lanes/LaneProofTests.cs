using TinyAI.Kernels;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Tests.Lanes;

/// <summary>The proofs behind lanes: bounds of sums, and one step of requantisation in place of two.</summary>
public class LaneProofTests
{
    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_sum_of_2_to_the_20_less_1_fits_a_signed_lane_and_one_more_does_not(int last, bool fits)
    {
        // 8256 * 127 + 63 = 2^20 - 1, with activations 0 or 1.
        sbyte[] taps = [.. Enumerable.Repeat((sbyte)127, 8256), (sbyte)last];
        LaneBounds bounds = LaneBounds.Of(taps, 0, 1);
        Assert.Equal((1L << 20) - (fits ? 1 : 0), bounds.Max);
        Assert.Equal(fits, bounds.FitsSigned(21));
        Assert.True(bounds.FitsWithOffset(21), "from 0 up, a lane has twice the room");
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void The_negative_end_of_a_signed_lane_reaches_one_further(int last, bool fits)
    {
        sbyte[] taps = [.. Enumerable.Repeat((sbyte)-127, 8256), (sbyte)-last];
        Assert.Equal(fits, LaneBounds.Of(taps, 0, 1).FitsSigned(21));
    }

    [Fact]
    public void Bounds_are_reached_by_the_worst_activations_and_never_left()
    {
        var random = new Random(3);
        for (int n = 0; n < 500; n++)
        {
            sbyte[] taps = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => (sbyte)random.Next(-128, 128))];
            int a = random.Next(-128, 128), b = random.Next(-128, 128), low = Math.Min(a, b), high = Math.Max(a, b);
            LaneBounds bounds = LaneBounds.Of(taps, low, high);
            Assert.Equal(bounds.Max, taps.Sum(t => (long)t * (t > 0 ? high : low)));
            Assert.Equal(bounds.Min, taps.Sum(t => (long)t * (t > 0 ? low : high)));
            Assert.InRange(taps.Sum(t => (long)t * random.Next(low, high + 1)), bounds.Min, bounds.Max);
        }
    }

    [Fact]
    public void One_step_gives_what_two_roundings_give_for_every_sum()
    {
        var random = new Random(11);
        int found = 0, bent = 0;
        for (int n = 0; n < 400; n++)
        {
            Requantisation scale = Requantisation.From(Math.Pow(2, random.NextDouble() * 16 - 14));
            if (n % 4 == 0 && scale.Shift < 0) scale = scale with { Shift = FixedPoint.Once + scale.Shift };
            if (n % 4 == 1 && scale.Shift < 0) scale = new Requantisation(scale.Multiplier, FixedPoint.Down + scale.Shift).WithFraction(random.NextDouble());
            int zero = random.Next(-128, 128), a = random.Next(-128, 128), b = random.Next(-128, 128), min = Math.Min(a, b), max = Math.Max(a, b);
            if (n % 3 == 0) (min, max) = (-128, 127);
            if (n % 3 == 1) (min, max) = (zero, 127);
            long centre = random.Next(-40_000, 40_000), low = centre - random.Next(30_000), high = centre + random.Next(30_000);
            int shift = LaneRequantisation.CommonShift([(scale, low, high)]);
            if (LaneRequantisation.Find(scale, low, high, zero, min, max, shift) is not { } step) continue;
            found++;
            if (step.Bend != 0) bent++;
            LaneRequantisation moved = step.WithOffset(777);
            for (long sum = low; sum <= high; sum++)
            {
                int expected = Math.Clamp(FixedPoint.Requantise((int)sum, scale.Multiplier, scale.Shift) + zero, min, max);
                if (expected != step.Apply(sum, zero, min, max, shift) || expected != moved.Apply(sum + 777, zero, min, max, shift))
                    Assert.Fail($"case {n}: {scale} of {sum} is {expected}, in one step {step.Apply(sum, zero, min, max, shift)}");
            }
        }

        Assert.True(found > 390, $"{found} of 400 found");
        Assert.InRange(bent, 20, 350);
    }

    [Fact]
    public void Sums_for_which_the_reference_wraps_have_no_step()
    {
        var scale = new Requantisation(1 << 30, 4);
        Assert.NotNull(LaneRequantisation.Find(scale, -(1 << 26), 1 << 26, 0, -128, 127, 20));
        Assert.Null(LaneRequantisation.Find(scale, -(1 << 26), 1 << 27, 0, -128, 127, 20));
        Assert.Null(LaneRequantisation.Find(scale, long.MinValue / 4, 0, 0, -128, 127, 20));
    }
}

namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>
/// Finds small constants with which one multiplication, one addition and one shift requantise: (sum * m + c) >> s. Both this
/// and the reference never fall as sums grow, so they are equal for every sum when they step at the same sums; there are at
/// most 255 steps. Each step bounds c for a given m and s from both sides:
/// first sum with a result of v at least: sum * m + c &gt;= v * 2^s, and the sum before it: less.
/// </summary>
internal static class RequantiseSearch
{
    private const int MostShift = 44;
    private const long MostMultiplier = 1L << 30;

    /// <summary>The steps of a requantisation, and what must hold at the ends.</summary>
    /// <param name="First">For each value from the second lowest on, the first sum whose result is that or more.</param>
    /// <param name="Low">The lowest result after clamping.</param>
    /// <param name="LowFrom">From this sum on the result must not be below <see cref="Low"/>; before it, a clamp sees to it.</param>
    /// <param name="Last">The largest sum.</param>
    /// <param name="IsClampedHigh">Whether a clamp holds results down to the highest.</param>
    public sealed record Steps(long[] First, int Low, long LowFrom, long Last, bool IsClampedHigh)
    {
        /// <summary>Reads the steps off a function that never falls.</summary>
        public static Steps Of(Func<long, int> result, long last, int min, int max)
        {
            int low = Math.Max(min, result(0)), high = Math.Max(low, Math.Min(max, result(last)));
            var first = new long[high - low];
            long from = 0;
            for (int i = 0; i < first.Length; i++)
            {
                long below = from, above = last;
                while (below < above)
                {
                    long middle = below + (above - below) / 2;
                    if (result(middle) > low + i) above = middle;
                    else below = middle + 1;
                }

                first[i] = from = below;
            }

            long lowFrom = result(0) >= low ? 0 : first.Length > 0 ? Math.Max(0, first[0] - 1) : last;
            return new Steps(first, low, lowFrom, last, result(last) > max);
        }
    }

    /// <summary>Constants with the smallest shift from the least on, or null; scale is the requantisation's factor.</summary>
    public static (long Multiplier, long Addend, int Shift)? Find(Steps steps, double scale, int leastShift = 0)
    {
        for (int shift = leastShift; shift <= MostShift; shift++)
        {
            if (At(steps, scale, shift) is { } found) return (found.Multiplier, found.Addend, shift);
        }

        return null;
    }

    /// <summary>Constants for a shift, or null where there are none near the factor itself.</summary>
    public static (long Multiplier, long Addend)? At(Steps steps, double scale, int shift)
    {
        double exact = scale * Math.Pow(2, shift);
        if (exact >= MostMultiplier) return null;
        foreach (long multiplier in (long[])[(long)exact, (long)exact + 1])
        {
            if (multiplier > 0 && Addend(steps, multiplier, shift) is { } addend) return (multiplier, addend);
        }

        return null;
    }

    private static long? Addend(Steps steps, long multiplier, int shift)
    {
        Int128 least = ((Int128)steps.Low << shift) - (Int128)steps.LowFrom * multiplier, most = Int128.MaxValue;
        if (!steps.IsClampedHigh) most = ((Int128)(steps.Low + steps.First.Length + 1) << shift) - 1 - (Int128)steps.Last * multiplier;
        for (int i = 0; i < steps.First.Length; i++)
        {
            Int128 bound = (Int128)(steps.Low + i + 1) << shift;
            least = Int128.Max(least, bound - (Int128)steps.First[i] * multiplier);
            most = Int128.Min(most, bound - 1 - (Int128)(steps.First[i] - 1) * multiplier);
            if (least > most) return null;
        }

        if (least > most || Int128.Abs(least) > (Int128)1 << 60) return null;
        Int128 room = Int128.Min(most - least, (Int128)1 << 60);
        return (long)(least + room / 2);
    }
}

using TinyAI.Kernels;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// One multiplication, addition and shift in place of TFLite's two roundings, proved equal for every sum that can occur:
/// t = sum * Multiplier + Addend, below the zero line t += Bend, result = clamp(t >> shift), output zero point included.
/// <para>
/// Both functions never fall, so they are equal exactly if every output begins at the same sum; that leaves at most 255
/// thresholds to compare. Without a bend the addend must satisfy all of them. TFLite's second rounding goes away from
/// zero, which shifts the thresholds of negative results by one unit of the first rounding: that is the bend.
/// </para>
/// </summary>
public readonly record struct LaneRequantisation(long Multiplier, long Addend, long Bend)
{
    /// <summary>No shift is larger: the zero line and the product must stay below 2^62.</summary>
    public const int MaxShift = 52;

    private const long ProductLimit = 1L << 61;

    /// <summary>The largest shift at which the products of all channels stay below 2^61; less than 1 where there is none.</summary>
    public static int CommonShift(IEnumerable<(Requantisation Scale, long Low, long High)> channels)
    {
        int shift = MaxShift;
        foreach ((Requantisation scale, long low, long high) in channels)
        {
            double most = Math.Max(Math.Max(Math.Abs((double)low), Math.Abs((double)high)), 1);
            while (shift > 0 && Math.ScaleB((double)scale.Multiplier, scale.Exponent + shift - 31) * most >= ProductLimit) shift--;
        }

        return shift;
    }

    /// <summary>
    /// Finds the numbers for sums from low to high (bias included), or null where the reference wraps or no such
    /// numbers exist.
    /// </summary>
    public static LaneRequantisation? Find(Requantisation scale, long low, long high, int outZero, int outMin, int outMax, int shift)
    {
        int left = Math.Max(scale.Shift, 0);
        if (shift < 1 || low > high || low < int.MinValue >> left || high > int.MaxValue >> left || outMin > outMax) return null;
        int Reference(long sum) => Math.Clamp(FixedPoint.Requantise((int)sum, scale.Multiplier, scale.Shift) + outZero, outMin, outMax);
        if (scale.Multiplier < 0 || Wraps(scale, low, outZero) || Wraps(scale, high, outZero)) return null;
        long multiplier = (long)Math.Round(Math.ScaleB((double)scale.Multiplier, scale.Exponent + shift - 31));

        // Which addends put the step to each output where the reference has it: first for outputs above the zero point.
        var above = new Interval(long.MinValue / 2, long.MaxValue / 2);
        Interval below = above;
        for (int output = outMin + 1; output <= outMax; output++)
        {
            long first = FirstAtLeast(Reference, low, high, output);
            Interval steps = new(
                first > high ? long.MinValue / 2 : ((long)output << shift) - first * multiplier,
                first == low ? long.MaxValue / 2 : ((long)output << shift) - (first - 1) * multiplier - 1);
            if (output > outZero) above = above.And(steps);
            else below = below.And(steps);
        }

        LaneRequantisation found;
        if (above.And(below) is { IsEmpty: false } both) found = new LaneRequantisation(multiplier, both.Any, 0);
        else if (!above.IsEmpty && !below.IsEmpty) found = new LaneRequantisation(multiplier, above.Any, below.Any - above.Any);
        else return null;
        return found.Bend <= 0 && found.IsProved(Reference, low, high, outZero, outMin, outMax, shift) ? found : null;
    }

    /// <summary>The result for one sum, as the device computes it.</summary>
    public int Apply(long sum, int outZero, int outMin, int outMax, int shift)
    {
        long t = unchecked(sum * Multiplier + Addend);
        if (t < StoreLanes.ZeroLine(outZero, shift)) t += Bend;
        return Math.Clamp((int)(t >> shift), outMin, outMax);
    }

    /// <summary>The same where sums come with an offset added to each: bias and offset move into the addend.</summary>
    public LaneRequantisation WithOffset(long offset) => this with { Addend = unchecked(Addend - offset * Multiplier) };

    /// <summary>
    /// Compares the functions at both sides of every step, apart from how the numbers were found. Sound because both
    /// never fall: a bend is not positive, and the reference's roundings keep order.
    /// </summary>
    private bool IsProved(Func<long, int> reference, long low, long high, int outZero, int outMin, int outMax, int shift)
    {
        foreach (long end in new[] { low, high })
        {
            Int128 t = (Int128)end * Multiplier + Addend;
            if (t > ProductLimit * 2 || t < -ProductLimit * 2 || (t + Bend) >> shift > int.MaxValue || (t + Bend) >> shift < int.MinValue) return false;
            if (Apply(end, outZero, outMin, outMax, shift) != reference(end)) return false;
        }

        for (int output = outMin + 1; output <= outMax; output++)
        {
            long first = FirstAtLeast(reference, low, high, output);
            if (first <= high && Apply(first, outZero, outMin, outMax, shift) < output) return false;
            if (first > low && Apply(first - 1, outZero, outMin, outMax, shift) >= output) return false;
        }

        return true;
    }

    /// <summary>Whether the reference's result with the zero point leaves 32 bits; its own additions must not wrap.</summary>
    private static bool Wraps(Requantisation scale, long sum, int outZero)
    {
        long result = FixedPoint.Requantise((int)sum, scale.Multiplier, scale.Shift) + (long)outZero;
        return result is < int.MinValue or > int.MaxValue;
    }

    /// <summary>The smallest sum whose result is at least the output; high + 1 where there is none.</summary>
    private static long FirstAtLeast(Func<long, int> reference, long low, long high, int output)
    {
        long from = low, to = high + 1;
        while (from < to)
        {
            long middle = from + (to - from) / 2;
            if (reference(middle) >= output) to = middle;
            else from = middle + 1;
        }

        return from;
    }

    private readonly record struct Interval(long From, long To)
    {
        public bool IsEmpty => From > To;

        /// <summary>A number in it: the middle, or an end where the other is open.</summary>
        public long Any => From == long.MinValue / 2 ? (To == long.MaxValue / 2 ? 0 : To) : To == long.MaxValue / 2 ? From : From + (To - From) / 2;

        public Interval And(Interval other) => new(Math.Max(From, other.From), Math.Min(To, other.To));
    }
}

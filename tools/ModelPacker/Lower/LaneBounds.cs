namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// The sums that a channel's taps can give for any activations in a range: what decides whether a channel fits a lane.
/// Exact, because every tap can meet the worst activation at once.
/// </summary>
/// <param name="Min">Smallest sum of weight * activation.</param>
/// <param name="Max">Largest sum.</param>
public readonly record struct LaneBounds(long Min, long Max)
{
    /// <summary>Bits of a lane where three share 64 bits.</summary>
    public const int ThreeLaneBits = 21;

    /// <summary>Bounds for these taps and activations from low to high, both included.</summary>
    public static LaneBounds Of(ReadOnlySpan<sbyte> taps, int low, int high)
    {
        long min = 0, max = 0;
        foreach (sbyte tap in taps)
        {
            min += tap > 0 ? (long)tap * low : (long)tap * high;
            max += tap > 0 ? (long)tap * high : (long)tap * low;
        }

        return new LaneBounds(min, max);
    }

    /// <summary>Bounds that hold for both.</summary>
    public LaneBounds Union(LaneBounds other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));

    /// <summary>
    /// Whether a lane read as a signed number of this many bits holds every sum: for 21 bits, -2^20..2^20-1.
    /// </summary>
    public bool FitsSigned(int bits) => Min >= -(1L << (bits - 1)) && Max < 1L << (bits - 1);

    /// <summary>
    /// Whether some offset moves every sum into 0..2^bits-1. The offset is <see cref="Offset"/>; sums that fit signed
    /// always fit so, and lopsided ones may fit where they do not fit signed.
    /// </summary>
    public bool FitsWithOffset(int bits) => Max - Min < 1L << bits;

    /// <summary>What an accumulator begins with so that no lane is negative at the end.</summary>
    public long Offset => -Min;
}

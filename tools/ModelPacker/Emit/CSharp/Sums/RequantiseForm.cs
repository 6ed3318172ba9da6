using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>
/// The requantisation of one channel in 64-bit arithmetic, proven equal to the reference's two roundings over the
/// accumulators that can occur.
/// <para>
/// The reference computes h = (acc * m + 2^30) >> 31, then (h + 2^(r-1) - (h &lt; 0)) >> r. Nested floors join:
/// with P = acc * m + 2^30 the result is (P + 2^(r+30) + (P &lt; 0 ? -2^31 : 0)) >> (31 + r). Where every result below the
/// smallest wanted one is clamped and the wanted ones need no negative P, the correction for negative values is dropped
/// and everything constant is one addend: one multiplication, one addition, one shift. The accumulator is given as
/// lifted sum L = acc - offset, so offset * m goes into the addend as well, and so does the output's zero point.
/// </para>
/// </summary>
internal sealed record RequantiseForm
{
    /// <summary>Factor of the lifted sum.</summary>
    public required long Multiplier { get; init; }

    /// <summary>Added to the product.</summary>
    public required long Addend { get; init; }

    /// <summary>Whether 2^31 must be taken off a negative product, after which <see cref="SecondAddend"/> is added.</summary>
    public required bool SignCorrection { get; init; }

    /// <summary>Added after the sign correction.</summary>
    public required long SecondAddend { get; init; }

    /// <summary>Right shift, arithmetic.</summary>
    public required int Shift { get; init; }

    /// <summary>Added after the shift; 0 where the zero point could go into the addend.</summary>
    public required int ZeroPoint { get; init; }

    /// <summary>Lower bound that must be applied, or null where no sum comes below it.</summary>
    public required int? Low { get; init; }

    /// <summary>Upper bound that must be applied, or null.</summary>
    public required int? High { get; init; }

    /// <summary>The largest lifted sum whose result the lower bound decides, -1 where there is none.</summary>
    public required long LowThreshold { get; init; }

    /// <summary>No value on the way to the shift is larger than this, in either direction.</summary>
    public required long Largest { get; init; }

    /// <summary>The largest lifted sum.</summary>
    public required long LargestSum { get; init; }

    /// <summary>The least: 0, until sums are lifted by less.</summary>
    public long LeastSum { get; private init; }

    /// <summary>No product with its addend is larger than this, in either direction.</summary>
    public long LargestProduct => Math.Max(Math.Abs(Addend + LeastSum * Multiplier), Math.Abs(Addend + LargestSum * Multiplier));

    /// <summary>Whether the bounds are those of int8 and both must be applied: one test then finds what is outside.</summary>
    public bool FillsByte => Low == sbyte.MinValue && High == sbyte.MaxValue && CanRise;

    /// <summary>Whether the value can be computed 128 higher by the addend alone.</summary>
    public bool CanRise => !TwoTests && ZeroPoint == 0 && Shift <= 50;

    /// <summary>Whether each bound is to have a test of its own.</summary>
    public bool TwoTests { get; init; }

    /// <summary>The addend as <see cref="Write"/> uses it for sums that have not been raised.</summary>
    public long RaisedAddend => SignCorrection || !FillsByte ? Addend : Addend + (128L << Shift);

    /// <summary>The same for a sum that is smaller by an amount.</summary>
    public RequantiseForm Lifting(long by) => this with { Addend = Addend + by * Multiplier, LeastSum = LeastSum - by, LargestSum = LargestSum - by };

    /// <summary>
    /// Derives the form for lifted sums 0..range, or null where the reference's own 32-bit arithmetic wraps, which
    /// generated code does not imitate.
    /// </summary>
    public static RequantiseForm? Derive(Requantisation scale, long offset, long range, int zeroPoint, int min, int max, bool search = true)
    {
        if (offset < int.MinValue || offset + range > int.MaxValue || scale.Multiplier < 0) return null;
        int left = Math.Max(scale.Shift, 0), right = Math.Max(-scale.Exponent, 0);
        Int128 lowest = (Int128)offset << left, highest = (Int128)(offset + range) << left;
        if (lowest < int.MinValue || highest > int.MaxValue) return null;

        int Result(long sum) => TinyAI.Kernels.FixedPoint.Requantise((int)(sum + offset), scale.Multiplier, scale.Shift) + zeroPoint;
        if (search && Cheaper(scale, Result, range, min, max) is { } cheaper) return cheaper;
        int smallest = Result(0), largest = Result(range);
        long threshold = smallest <= min ? LastAtMost(Result, min, range) : -1;
        long multiplier = (long)scale.Multiplier << left;
        int shift = 31 + right;
        long half = right == 0 || scale.IsDown ? 0 : 1L << (right + 30);
        Int128 product = (Int128)offset * multiplier + (scale.IsOnce ? TinyAI.Kernels.FixedPoint.Fraction(scale.Multiplier, scale.Shift) : 1 << 30), bound = Int128.Abs(product) + (Int128)range * multiplier + half;
        if (bound > (Int128)1 << 61) return null;

        // No correction is needed where the first sum that the lower bound does not decide has a product that is not
        // negative, and the last one that it decides stays within the bound without the correction.
        bool plain = right == 0 || scale.IsOnce || (product + (Int128)(threshold + 1) * multiplier >= 0
            && (threshold < 0 || ((product + (Int128)threshold * multiplier + half) >> shift) + zeroPoint <= min));
        bool folded = shift <= 50;
        long zeroTerm = folded ? (long)zeroPoint << shift : 0;
        return new RequantiseForm
        {
            Multiplier = multiplier,
            Addend = (long)product + (plain ? half + zeroTerm : 0),
            SignCorrection = !plain,
            SecondAddend = plain ? 0 : half + zeroTerm,
            Shift = shift,
            ZeroPoint = folded ? 0 : zeroPoint,
            Low = smallest < min ? min : null,
            High = largest > max ? max : null,
            LowThreshold = threshold,
            Largest = (long)bound,
            LargestSum = range,
        };
    }

    /// <summary>The form with the smallest constants that step where the reference does (see <see cref="RequantiseSearch"/>).</summary>
    private static RequantiseForm? Cheaper(Requantisation scale, Func<long, int> result, long range, int min, int max)
    {
        RequantiseSearch.Steps steps = RequantiseSearch.Steps.Of(result, range, min, max);
        double factor = scale.Multiplier / (double)(1L << 31) * Math.Pow(2, scale.Shift);
        if (RequantiseSearch.Find(steps, factor) is not { } found) return null;
        int smallest = result(0), largest = result(range);
        return new RequantiseForm
        {
            Multiplier = found.Multiplier, Addend = found.Addend, SignCorrection = false, SecondAddend = 0, Shift = found.Shift, ZeroPoint = 0,
            Low = smallest < min ? min : null,
            High = largest > max ? max : null,
            LowThreshold = smallest <= min ? LastAtMost(result, min, range) : -1,
            Largest = Math.Abs(found.Addend) + range * found.Multiplier + (256L << found.Shift),
            LargestSum = range,
        };
    }

    /// <summary>
    /// The same with the multiplier doubled until it needs 64 bits: a 64-bit constant is one instruction, a smaller one
    /// two (the constant and its conversion), three bytes shorter.
    /// </summary>
    public RequantiseForm Widened()
    {
        int up = Multiplier <= 0 ? 0 : Math.Max(0, 33 - (64 - (int)long.LeadingZeroCount(Multiplier)));
        if (SignCorrection || up == 0 || Shift + up > 50 || Largest > 1L << (60 - up)) return this;
        return this with { Multiplier = Multiplier << up, Addend = Addend << up, Shift = Shift + up, Largest = Largest << up };
    }

    /// <summary>The forms of all channels of some groups.</summary>
    /// <exception cref="UnsupportedModelException">A channel's sums can leave 32 bits.</exception>
    public static Dictionary<int, RequantiseForm> Of(ConvShape shape, IEnumerable<LaneGroup> groups, string name)
    {
        var forms = new Dictionary<int, RequantiseForm>();
        foreach (ChannelData channel in groups.SelectMany(g => g.Channels))
        {
            (long low, long high) = channel.AccumulatorRange(shape.Input);
            RequantiseForm form = Derive(channel.Scale, low, high - low, shape.G.OutZero, shape.OutMin, shape.OutMax, shape.Options.SearchRequantisation)
                ?? throw new UnsupportedModelException([
                    $"The sums of output channel {channel.Index} of {name} can leave 32 bits, where the reference wraps: generated code does not imitate that; run the pack instead.",
                ]);
            forms[channel.Index] = form with { TwoTests = !shape.Options.OneTestForBounds };
        }

        return forms;
    }

    /// <summary>
    /// Whether the lower bound must be applied to the result: not where sums have been raised to the threshold and the
    /// threshold itself gives the bound.
    /// </summary>
    public bool NeedsLow(bool raised) => Low is { } low && !(raised && LowThreshold >= 0 && Unclamped(LowThreshold) == low);

    /// <summary>What the generated statements compute for a lifted sum.</summary>
    public int Apply(long sum)
    {
        long q = Unclamped(sum);
        if (Low is { } low && q < low) q = low;
        if (High is { } high && q > high) q = high;
        return (int)q;
    }

    private long Unclamped(long sum)
    {
        long q = unchecked(sum * Multiplier + Addend);
        if (SignCorrection) q = unchecked(q + ((q >> 63) << 31) + SecondAddend);
        return (q >> Shift) + ZeroPoint;
    }

    /// <summary>The last sum whose result is at most value; results grow with sums.</summary>
    private static long LastAtMost(Func<long, int> result, int value, long range)
    {
        long low = 0, high = range;
        while (low < high)
        {
            long middle = low + (high - low + 1) / 2;
            if (result(middle) <= value) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    /// <summary>
    /// Writes the statements that turn a lifted sum (an expression) into a stored output. The method's locals q, low and
    /// high are 64-bit; raised tells whether the sum has been raised to the threshold already. Where both bounds of int8
    /// may be passed, the value is computed 128 higher: then one shift tells whether it is in 0..255. Constants may have
    /// been given to locals of these names.
    /// </summary>
    public void Write(CodeText code, string sum, int sumIl, string target, int targetIl, bool raised, string? multiplierName = null, string? addendName = null)
    {
        bool below = NeedsLow(raised), above = High is not null, biased = below && FillsByte;
        long bias = biased ? 128L << Shift : 0, addend = SignCorrection ? Addend : Addend + bias;
        string product = Multiplier == 1 ? sum : $"{sum} * {multiplierName ?? CodeText.Long(Multiplier)}";
        int il = sumIl + (Multiplier == 1 ? 0 : (multiplierName is null ? CodeText.LongBytes(Multiplier) : 2) + 1);
        string value = $"{product} + {addendName ?? CodeText.Long(addend)}";
        il += (addendName is null ? CodeText.LongBytes(addend) : 2) + 1;
        if (SignCorrection)
        {
            code.Line($"q = {value};", il + 1);
            value = $"q + ((q >> 63) << 31) + {CodeText.Long(SecondAddend + bias)}";
            il = 9 + CodeText.LongBytes(SecondAddend + bias) + 1;
        }

        value = $"({value}) >> {Shift}";
        il += 3;
        if (ZeroPoint != 0)
        {
            value = $"({value}) + {CodeText.Long(ZeroPoint)}";
            il += CodeText.LongBytes(ZeroPoint) + 1;
        }

        if (!below && !above)
        {
            code.Line($"{target} = (sbyte)({value});", il + targetIl + 2);
            return;
        }

        code.Line($"q = {value};", il + 1);
        if (biased)
        {
            code.Line("if ((q >> 8) != 0) q = (~q >> 63) & 255;", 17);
            code.Line($"{target} = (sbyte)(q ^ middle);", targetIl + 6);
            return;
        }

        if (below) code.Line("if (q < low) q = low;", 6);
        if (above) code.Line(below ? "else if (q > high) q = high;" : "if (q > high) q = high;", below ? 8 : 6);
        code.Line($"{target} = (sbyte)q;", targetIl + 3);
    }

    /// <summary>What the statements cost with cutting the sum out and storing the result at a variable index, in additions.</summary>
    public double Adds(bool raised)
    {
        bool below = NeedsLow(raised), above = High is not null;
        double bounds = below && FillsByte ? CodeCost.BothBounds : (below ? CodeCost.OneBound : 0) + (above ? CodeCost.OneBound : 0);
        return CodeCost.FreeOutput + bounds + (SignCorrection ? CodeCost.SignCorrection : 0);
    }

    /// <summary>Declares q, a and the bounds that some forms use.</summary>
    public static void Declare(CodeText code, IReadOnlyCollection<RequantiseForm> forms, int min, int max, bool raised)
    {
        bool Biased(RequantiseForm f) => f.NeedsLow(raised) && f.FillsByte;
        string locals = "long q, a";
        if (forms.Any(f => f.NeedsLow(raised) && !Biased(f))) locals += $", low = {CodeText.Long(min)}";
        if (forms.Any(f => f.High is not null && !Biased(f))) locals += $", high = {CodeText.Long(max)}";
        if (forms.Any(Biased)) locals += ", middle = 128L";
        code.Line(locals + ";", 8);
    }
}

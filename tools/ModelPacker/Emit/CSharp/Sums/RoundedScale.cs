using TinyAI.Kernels;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>
/// A requantisation with the reference's two roundings as 64-bit arithmetic without tests, for results of more than 8 bits on both
/// sides of zero. The first, v = (sum * m + 2^30) >> 31, is a product, an addition and a shift. The second rounds v / 2^r half away
/// from zero; it is floor((v + v / 2^e + 2^(r-1)) / 2^r) when |v| &lt; 2^e, as the small term moves whole numbers above zero by less
/// than 1 upwards, those below zero downwards: again a product with 2^e + 1, an addition and a shift. Constants are made larger than
/// 32 bits where there is room, as the interpreter then needs no conversion.
/// </summary>
internal sealed record RoundedScale
{
    private const int Room = 63;

    private readonly List<(long Multiplier, long Addend, int Shift)> _steps = [];
    private long _added;

    private RoundedScale(int low, int high) => (Low, High) = (low, high);

    /// <summary>Smallest result, without what is added to it.</summary>
    public int Low { get; }

    /// <summary>Largest result, without what is added to it.</summary>
    public int High { get; }

    /// <summary>
    /// The form for sums low..high that are given offset higher, or null where the reference's 32-bit arithmetic wraps or there is no
    /// room; added is added to every result.
    /// </summary>
    public static RoundedScale? Of(Requantisation scale, long low, long high, long offset, int added)
    {
        int left = Math.Max(scale.Shift, 0), right = Math.Max(-scale.Shift, 0);
        if (scale.IsOnce || scale.Multiplier < 0 || low << left < int.MinValue || high << left > int.MaxValue || low < int.MinValue || high > int.MaxValue) return null;
        var form = new RoundedScale(FixedPoint.Requantise((int)low, scale.Multiplier, scale.Shift), FixedPoint.Requantise((int)high, scale.Multiplier, scale.Shift));
        long multiplier = (long)scale.Multiplier << left, start = right == 0 ? added : 0;
        Int128 addend = (1L << 30) + ((Int128)start << 31) - (Int128)offset * multiplier;
        Int128 most = Int128.Max(Int128.Abs(low + offset), Int128.Abs(high + offset)) * multiplier + Int128.Abs(addend);
        if (most >> Room != 0) return null;
        int up = 0;
        while (multiplier != 0 && multiplier << up <= uint.MaxValue && (most << up + 1) >> Room == 0) up++;
        form._steps.Add((multiplier << up, (long)addend << up, 31 + up));
        if (right == 0) return form;

        long v = Math.Max(Math.Abs(FixedPoint.HighMultiply((int)(low << left), scale.Multiplier)), Math.Abs(FixedPoint.HighMultiply((int)(high << left), scale.Multiplier)));
        int least = 65 - (int)long.LeadingZeroCount(v);
        foreach ((int small, bool folded) in ((int, bool)[])[(Math.Max(least, 32), true), (least, true), (least, false)])
        {
            long half = 1L << (right - 1 + small), factor = (1L << small) + 1;
            Int128 second = half + (folded ? (Int128)added << (right + small) : 0);
            if (((Int128)v * factor + Int128.Abs(second)) >> Room != 0) continue;
            form._steps.Add((factor, (long)second, right + small));
            form._added = folded ? 0 : added;
            return form;
        }

        return null;
    }

    /// <summary>The result of a sum as an expression; it has the precedence of a shift or an addition.</summary>
    public string Text(string sum)
    {
        string text = sum;
        foreach ((long multiplier, long addend, int shift) in _steps) text = $"(({text} * {CodeText.Long(multiplier)} + {CodeText.Long(addend)}) >> {shift})";
        return _added == 0 ? text : $"({text} + {CodeText.Long(_added)})";
    }

    /// <summary>IL bytes of <see cref="Text"/> beside those of the sum.</summary>
    public int IlBytes => _steps.Sum(s => CodeText.LongBytes(s.Multiplier) + CodeText.LongBytes(s.Addend) + 5) + (_added == 0 ? 0 : 1 + CodeText.LongBytes(_added));

    /// <summary>What <see cref="Text"/> computes.</summary>
    public long Apply(long sum)
    {
        foreach ((long multiplier, long addend, int shift) in _steps) sum = (sum * multiplier + addend) >> shift;
        return sum + _added;
    }
}

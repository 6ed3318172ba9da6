namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>
/// The requantisation of several channels as one text with constants that differ: all have the same shift s and the same
/// bounds. Where multiplier m and addend c of every channel fit 64 bits together they are one constant, k, with c in its lower
/// b bits and m above: ((sum * (k >>> b) + k) &lt;&lt; (64 - b)) >> (64 - b + s) is (sum * m + c) >> s, as all that does not
/// belong there leaves at the top. Otherwise they are two, or one where all channels have the same multiplier. b is one of few
/// widths and the last shift an argument, so that layers can share the text.
/// </summary>
internal sealed class StoreConstants
{
    private readonly Dictionary<int, long[]> _of = [];
    private static readonly int[] s_sumBits = [42, 43, 41, 40, 44];

    private readonly int _shift, _sumBits = 64, _min, _max;

    /// <summary>The multiplier of all channels, where it is one and does not fit into their constants.</summary>
    private readonly long? _multiplier;
    private readonly bool _raises, _low, _high;

    /// <summary>Where products below zero need a correction (see <see cref="RequantiseForm"/>): what is added after it.</summary>
    private readonly long? _second;

    private StoreConstants(RequantiseForm[] forms, int[] channels, int min, int max, bool pooled)
    {
        (_min, _max, _shift) = (min, max, forms.Max(f => f.Shift));
        (_low, _high) = (forms.Any(f => f.NeedsLow(pooled)), forms.Any(f => f.High is not null));
        _raises = _low && _high && min == sbyte.MinValue && max == sbyte.MaxValue;
        if (forms[0].SignCorrection) _second = forms[0].SecondAddend + (_raises ? 128L << _shift : 0);
        long multipliers = 0, sums = 0, bias = _raises ? 128L << _shift : 0;
        for (int i = 0; i < forms.Length; i++)
        {
            int up = _shift - forms[i].Shift;
            _of[channels[i]] = [forms[i].Multiplier << up, (forms[i].Addend << up) + (forms[i].SignCorrection ? 0 : bias)];
            multipliers |= forms[i].Multiplier << up;
            sums |= (forms[i].LargestProduct << up) + bias + (forms[i].SignCorrection ? 1L << 32 : 0);
        }

        int sumBits = 65 - (int)long.LeadingZeroCount(sums), multiplierBits = 64 - (int)long.LeadingZeroCount(multipliers);
        if (s_sumBits.FirstOrDefault(b => sumBits <= b && multiplierBits <= 64 - b) is var fitting and > 0)
        {
            _sumBits = fitting;
            foreach (int channel in channels) _of[channel] = [(_of[channel][0] << fitting) | (_of[channel][1] & ((1L << fitting) - 1))];
        }
        else if (channels.Length > 3 && channels.All(c => _of[c][0] == _of[channels[0]][0]))
        {
            _multiplier = _of[channels[0]][0];
            foreach (int channel in channels) _of[channel] = [_of[channel][1]];
        }
    }

    private bool IsSingle => _sumBits < 64;

    /// <summary>Bytes of a channel's constants in a call.</summary>
    public int Bytes => 9 * _of.First().Value.Length;

    /// <summary>The argument beside the constants: how far all is shifted down at last.</summary>
    public int Down => (IsSingle && _second is null ? 64 - _sumBits : 0) + _shift;

    /// <summary>What tells texts apart, for the name of a method.</summary>
    public string Kind
    {
        get
        {
            string bounds = _raises ? "" : (_low ? $"Low{_min}" : "") + (_high ? $"High{_max}" : "") + (!_low && !_high ? "Free" : "");
            string width = !IsSingle ? $"Wide{_multiplier}" : _sumBits == s_sumBits[0] ? "" : $"At{_sumBits}";
            return (width + bounds + (_second is { } second ? $"Signed{second}" : "")).Replace("-", "Minus", StringComparison.Ordinal);
        }
    }

    /// <summary>What is to be known of the constants, as the end of a comment.</summary>
    public string Comment => IsSingle ? $": k holds the multiplier from bit {_sumBits} on and the addend below" : ": (sum * f + c) >> down";

    /// <summary>The constants of some channels, or null where their forms differ too much; pooled tells whether the sums are maxima.</summary>
    public static StoreConstants? Of(IEnumerable<ChannelData> channels, Dictionary<int, RequantiseForm> forms, int min, int max, bool pooled)
    {
        int[] numbers = [.. channels.Select(c => c.Index).Distinct()];
        RequantiseForm[] all = [.. numbers.Select(n => forms[n])];
        if (all.Length == 0 || all.Any(f => f is { ZeroPoint: not 0 } or { TwoTests: true })) return null;
        if (all.Any(f => f.SignCorrection) && all.Any(f => !f.SignCorrection || f.Shift != all[0].Shift || f.SecondAddend != all[0].SecondAddend)) return null;
        int shift = all.Max(f => f.Shift);
        return shift > 48 || all.Any(f => f.Largest > 1L << (60 - shift + f.Shift)) ? null : new StoreConstants(all, numbers, min, max, pooled);
    }

    /// <summary>The constants of a channel.</summary>
    public long[] this[int channel] => _of[channel];

    /// <summary>The parameters that take the constants of the channel in a lane.</summary>
    public string Parameters(int lane) => IsSingle ? $"long k{lane}" : _multiplier is not null ? $"long c{lane}" : $"long f{lane}, long c{lane}";

    /// <summary>Writes the statements for one channel, by a local q of 64 bits; down is the argument that holds <see cref="Down"/>, or its value.</summary>
    public void Write(CodeText code, string sum, int lane, string target, int targetIl, string down = "down")
    {
        int up = 64 - _sumBits;
        string product = $"{sum} * {(_multiplier is { } multiplier ? CodeText.Long(multiplier) : $"f{lane}")}";
        if (_second is { } second)
        {
            code.Line(IsSingle ? $"q = (({sum} * (k{lane} >>> {_sumBits}) + k{lane}) << {up}) >> {up};" : $"q = {product} + c{lane};", IsSingle ? 23 : 14);
            code.Line($"q = (q + ((q >> 63) << 31) + {CodeText.Long(second)}) >> {down};", 12 + CodeText.LongBytes(second));
        }
        else if (IsSingle) code.Line($"q = (({sum} * (k{lane} >>> {_sumBits}) + k{lane}) << {up}) >> {down};", 24);
        else code.Line($"q = ({product} + c{lane}) >> {down};", 18);
        WriteBounded(code, _low, _high, _raises, _min, _max, target, targetIl);
    }

    /// <summary>Writes the statements that bring a local q of 64 bits within the bounds that matter and store it; raised tells whether it is 128 higher.</summary>
    public static void WriteBounded(CodeText code, bool low, bool high, bool raised, int min, int max, string target, int targetIl)
    {
        if (raised) code.Line("if ((q >> 8) != 0) q = (~q >> 63) & 255;", 17);
        else if (low) code.Line($"if (q < {CodeText.Long(min)}) q = {CodeText.Long(min)};", 10);
        if (!raised && high) code.Line($"{(low ? "else " : "")}if (q > {CodeText.Long(max)}) q = {CodeText.Long(max)};", 11);
        code.Line($"{target} = (sbyte){(raised ? "(q ^ 128L)" : "q")};", targetIl + 3 + (raised ? 7 : 0));
    }
}

namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>
/// Methods, shared by layers where they can be, that requantise and store the channels of a group: a call of 13 bytes per channel
/// in place of some 60 bytes of straight code. Whether the time of the calls is worth the flash is for <see cref="CodeWorth"/> to say.
/// </summary>
internal sealed class SharedStore
{
    /// <summary>A method, which is there anyway where it is the usual one, and a call.</summary>
    private const int HeadBytes = 40, LaneBytes = 46, CallBytes = 13;

    /// <summary>Straight code of one channel; what a call costs more for each, in additions.</summary>
    private const int StraightBytes = 58;

    /// <inheritdoc cref="StraightBytes"/>
    public const double ChannelAdds = 4;

    /// <summary>Sums in one long or each in its own, and how many.</summary>
    private sealed record Variant(bool Packed, int Count);

    private readonly StoreConstants _constants;
    private readonly HashSet<Variant> _variants;

    private SharedStore(StoreConstants constants, HashSet<Variant> variants) => (_constants, _variants) = (constants, variants);

    /// <summary>The methods.</summary>
    public IReadOnlyList<CodeMethod> Methods => [.. _variants.OrderBy(v => v.Packed).ThenBy(v => v.Count).Select(Write)];

    /// <summary>
    /// The methods for some groups, or null where their forms differ too much or the flash is not worth the time; outputs is how
    /// often a channel is stored, pooled tells whether the sums are maxima.
    /// </summary>
    public static SharedStore? Of(
        IReadOnlyList<LaneGroup> groups, Dictionary<int, RequantiseForm> forms, int min, int max, bool pooled, double outputs, CodeWorth worth)
    {
        LaneGroup[] used = [.. groups.Where(g => IsInOrder(g, pooled))];
        if (StoreConstants.Of(used.SelectMany(g => g.Channels), forms, min, max, pooled) is not { } constants) return null;
        var variants = new HashSet<Variant>();
        foreach (var alike in used.GroupBy(g => VariantOf(g, pooled)))
        {
            int channels = alike.Count() * alike.Key.Count;
            int method = constants.Kind.Length == 0 ? 0 : HeadBytes + LaneBytes * alike.Key.Count, saved = channels * (StraightBytes - constants.Bytes) - alike.Count() * CallBytes - method;
            if (saved > 0 && !worth.Pays(channels * outputs * ChannelAdds, saved)) variants.Add(alike.Key);
        }

        return variants.Count == 0 ? null : new SharedStore(constants, variants);
    }

    /// <summary>Whether a group is stored by a call.</summary>
    public bool Takes(LaneGroup group, bool pooled) => IsInOrder(group, pooled) && _variants.Contains(VariantOf(group, pooled));

    /// <summary>Writes the call for a group: one sum with all lanes, or one for each channel; at is the index of its first output.</summary>
    public void Call(CodeText code, LaneGroup group, IReadOnlyList<string> sums, string at, int atIl)
    {
        long[] constants = [.. group.Channels.SelectMany(c => _constants[c.Index])];
        code.Line(
            $"{NameOf(new Variant(sums.Count == 1, group.Channels.Length))}(y, {at}, {_constants.Down}, {string.Join(", ", sums)}, {string.Join(", ", constants.Select(CodeText.Long))});",
            8 + atIl + 2 * sums.Count + constants.Sum(CodeText.LongBytes));
    }

    private string NameOf(Variant variant) => $"Store{variant.Count}{(variant.Packed ? "" : "Each")}{_constants.Kind}";

    private static Variant VariantOf(LaneGroup group, bool pooled) => new(group.Segments.Length == 1 && (!pooled || group.HasGuards), group.Channels.Length);

    /// <summary>Whether a group's channels follow each other, in lanes of the usual widths where a method is to divide them.</summary>
    private static bool IsInOrder(LaneGroup group, bool pooled)
    {
        int count = group.Channels.Length;
        if (count < 3) return false;
        for (int i = 1; i < count; i++)
        {
            if (group.Channels[i].Index != group.Channels[0].Index + i) return false;
        }

        return !VariantOf(group, pooled).Packed || group.Segments[0].Lanes.Select(l => l.Shift).SequenceEqual(LanePacking.EvenLanes(count).Select(l => l.Shift));
    }

    private CodeMethod Write(Variant variant)
    {
        int count = variant.Count;
        string name = NameOf(variant), sums = variant.Packed ? "long a" : string.Join(", ", Enumerable.Range(0, count).Select(l => $"long a{l}"));
        var code = new CodeText(2);
        code.Line($"// Requantises and stores neighbouring channels{_constants.Comment}.");
        code.Open($"private static void {name}(sbyte[] y, int at, int down, {sums}, {string.Join(", ", Enumerable.Range(0, count).Select(_constants.Parameters))})", 1);
        code.Line("long q;");
        Lane[] lanes = LanePacking.EvenLanes(count);
        for (int l = 0; l < count; l++)
            _constants.Write(code, variant.Packed ? LaneGroup.Unpack("a", lanes, l) : $"a{l}", l, l == 0 ? "y[at]" : $"y[at + {l}]", l == 0 ? 2 : 4);
        code.Close();
        return new CodeMethod(name, code.ToString(), code.IlBytes);
    }
}

namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>Where one channel's sum lies in a 64-bit accumulator: its lowest bit and its width.</summary>
internal readonly record struct Lane(int Channel, int Shift, int Bits);

/// <summary>
/// A run of taps whose sums fit their lanes. The accumulator begins at Start, which lifts every lane's smallest
/// possible sum to 0.
/// </summary>
internal sealed record LaneSegment(int FromTap, int ToTap, Lane[] Lanes, long Start);

/// <summary>Channels that are computed together, and the runs of taps in which that is exact.</summary>
internal sealed record LaneGroup(ChannelData[] Channels, LaneSegment[] Segments)
{
    /// <summary>Whether all lanes have one width and their top bits are always free.</summary>
    public bool HasGuards { get; init; }

    /// <summary>The packed weight of a tap: the taps of all channels, each moved to its lane; one multiplication serves all.</summary>
    public long Weight(LaneSegment segment, int tap)
    {
        long packed = 0;
        for (int i = 0; i < Channels.Length; i++) packed += (long)Channels[i].Taps[tap] << segment.Lanes[i].Shift;
        return packed;
    }

    /// <summary>The unsigned content of a lane, as an expression.</summary>
    public static string Unpack(string sum, Lane[] lanes, int index)
    {
        Lane lane = lanes[index];
        if (lanes.Length == 1) return sum;
        int up = 64 - lane.Shift - lane.Bits;
        if (index == lanes.Length - 1) return $"({sum} >>> {lane.Shift})";
        return lane.Shift == 0 ? $"(({sum} << {up}) >>> {up})" : $"(({sum} << {up}) >>> {64 - lane.Bits})";
    }
}

/// <summary>
/// Puts several output channels into the lanes of one 64-bit sum, and proves that it is exact.
/// <para>
/// The proof: 64-bit addition and multiplication are exact modulo 2^64, so only the final sum matters. Lane i holds
/// S_i = sum of w_i * x - (its least possible value), which lies in [0, R_i], where R_i follows from the real weights
/// and the activations' real range. When R_i &lt; 2^bits_i for all lanes and the bits add up to 64 at most, the packed
/// sum is the sum of S_i * 2^shift_i without carries between lanes, and shifting cuts S_i out unsigned. Where that
/// does not hold for all taps together, the taps are divided into segments for which it does; a segment of 64 taps
/// always fits three lanes, as 64 * 127 * 255 &lt; 2^21.
/// </para>
/// </summary>
internal static class LanePacking
{
    private const int WordBits = 64;
    private const int MostLanes = 4;

    /// <summary>
    /// Groups channels, three (or four, where they fit) to a group; chunk bounds are tap numbers at which a segment
    /// may end, the last being the number of taps.
    /// </summary>
    public static List<LaneGroup> Pack(IReadOnlyList<ChannelData> channels, ValueRange x, int[] chunkEnds, int most = MostLanes)
    {
        if (most < 3) return [.. channels.Chunk(most).Select(c => Group(c, x, chunkEnds))];
        for (int lanes = Math.Min(most, MostLanes); lanes > 3; lanes--)
        {
            bool dense = channels.Count >= lanes && channels.Chunk(lanes).All(c => Bits(c, x, 0, chunkEnds[^1]).Sum() <= WordBits);
            if (dense) return [.. channels.Chunk(lanes).Select(c => Group(c, x, chunkEnds))];
        }

        LaneGroup[] inOrder = [.. channels.Chunk(3).Select(c => Group(c, x, chunkEnds))];
        if (inOrder.All(g => g.Segments.Length == 1) || channels.Count <= 3) return [.. inOrder];

        // Wide channels are spread over the groups, so that each shares its 64 bits with narrow ones.
        ChannelData[] byWidth = [.. channels.OrderByDescending(c => Width(c, x))];
        int groups = (channels.Count + 2) / 3;
        var mixed = new List<LaneGroup>();
        for (int g = 0; g < groups; g++)
        {
            int[] picks = [g, 2 * groups - 1 - g, 2 * groups + g];
            ChannelData[] members = [.. picks.Where(p => p < byWidth.Length).Select(p => byWidth[p]).OrderBy(c => c.Index)];
            if (members.Length > 0) mixed.Add(Group(members, x, chunkEnds));
        }

        return mixed.Sum(g => g.Segments.Length) < inOrder.Sum(g => g.Segments.Length) ? mixed : [.. inOrder];
    }

    /// <summary>
    /// Groups channels for sums of which maxima are taken. Where all lanes have one width and a free bit at the top,
    /// the maximum is taken of all at once (<see cref="LaneGroup.HasGuards"/>); otherwise lanes are only as wide as they
    /// must be. Never divides taps: a channel too wide for three lanes shares its accumulator with fewer others.
    /// </summary>
    public static List<LaneGroup> PackForMaximum(IReadOnlyList<ChannelData> channels, ValueRange x, int most = 3)
    {
        var groups = new List<LaneGroup>();
        for (int at = 0; at < channels.Count;)
        {
            int count = Math.Min(Math.Min(3, most), channels.Count - at), taps = channels[at].Taps.Length;
            int[] Widths() => [.. channels.Skip(at).Take(count).Select(c => Math.Max(1, Width(c, x)))];
            while (Widths().Sum() > WordBits) count--;
            int[] bits = Widths();
            bool guards = count > 1 && bits.Max() < WordBits / count;
            if (guards) Array.Fill(bits, WordBits / count);
            ChannelData[] members = [.. channels.Skip(at).Take(count)];
            groups.Add(new LaneGroup(members, [Segment(members, x, 0, taps, bits)]) { HasGuards = guards });
            at += count;
        }

        return groups;
    }

    /// <summary>Whether three lanes fit between every two neighbouring bounds.</summary>
    public static bool Fits(IReadOnlyList<ChannelData> channels, ValueRange x, int[] chunkEnds)
    {
        int from = 0;
        foreach (int to in chunkEnds)
        {
            int[] widths = [.. channels.Select(c => Width(c, x, from, to)).OrderDescending()];
            if (widths.Take(3).Sum() > WordBits) return false;
            from = to;
        }

        return true;
    }

    /// <summary>Bits of a channel's largest lifted sum over taps from..to-1.</summary>
    public static int Width(ChannelData channel, ValueRange x, int from, int to)
    {
        (long low, long high) = channel.SumRange(x, from, to);
        return WordBits - (int)long.LeadingZeroCount(high - low);
    }

    private static int Width(ChannelData channel, ValueRange x) => Width(channel, x, 0, channel.Taps.Length);

    private static LaneGroup Group(ChannelData[] channels, ValueRange x, int[] chunkEnds)
    {
        var segments = new List<LaneSegment>();
        int from = 0;
        for (int chunk = 0; chunk < chunkEnds.Length; chunk++)
        {
            int last = chunk;
            while (last + 1 < chunkEnds.Length && Bits(channels, x, from, chunkEnds[last + 1]).Sum() <= WordBits) last++;
            segments.Add(Segment(channels, x, from, chunkEnds[last], Bits(channels, x, from, chunkEnds[last])));
            from = chunkEnds[last];
            chunk = last;
        }

        return new LaneGroup(channels, [.. segments]);
    }

    /// <summary>Lanes that are as good as equally wide: what is left over goes to the last.</summary>
    public static Lane[] EvenLanes(int count)
    {
        int bits = WordBits / count;
        return [.. Enumerable.Range(0, count).Select(i => new Lane(i, i * bits, i == count - 1 ? WordBits - i * bits : bits))];
    }

    /// <summary>Channels in even lanes, which must be wide enough for them; with guards all of one width.</summary>
    public static LaneGroup Even(ChannelData[] channels, ValueRange x, bool guards)
    {
        int[] bits = [.. EvenLanes(channels.Length).Select(l => guards ? WordBits / channels.Length : l.Bits)];
        return new LaneGroup(channels, [Segment(channels, x, 0, channels[0].Taps.Length, bits)]) { HasGuards = guards };
    }

    /// <summary>
    /// Even lanes where they are wide enough, so that groups are alike; otherwise only as wide as they must be, as also where there
    /// are two: their weights together are short constants then.
    /// </summary>
    private static int[] Bits(ChannelData[] channels, ValueRange x, int from, int to)
    {
        int[] bits = [.. channels.Select(c => Math.Max(1, Width(c, x, from, to)))], even = [.. EvenLanes(bits.Length).Select(l => l.Bits)];
        return bits.Length > 2 && bits.Zip(even).All(b => b.First <= b.Second) ? even : bits;
    }

    private static LaneSegment Segment(ChannelData[] channels, ValueRange x, int from, int to, int[] bits)
    {
        if (bits.Sum() > WordBits) throw new InvalidOperationException($"Lanes of {string.Join('+', bits)} bits do not fit.");
        var lanes = new Lane[channels.Length];
        long start = 0;
        int shift = 0;
        for (int i = 0; i < lanes.Length; i++)
        {
            (long low, long high) = channels[i].SumRange(x, from, to);
            if (bits[i] < WordBits && high - low >= 1L << bits[i]) throw new InvalidOperationException("A lane is too narrow for its sum.");
            lanes[i] = new Lane(channels[i].Index, shift, bits[i]);
            start += -low << shift;
            shift += bits[i];
        }

        return new LaneSegment(from, to, lanes, start);
    }
}

using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>A run of taps of the sums of one part: in it, with Lifts[gate] added, no unit's sum leaves a lane.</summary>
internal sealed record LstmSegment(int From, int To, long[] Lifts, long[] Ranges);

/// <summary>
/// The sums of an LSTM's gates over its input (part 0) or its state (part 1). Lanes hold neighbouring units of the same gate, which
/// share all scales. All units are lifted by the same amount, so that one method can requantise any of them; the bias of a unit is
/// in the start of its sum. Where 21 bits are too few for all taps together, they are divided into segments of their own sums.
/// </summary>
internal sealed class LstmPart
{
    /// <summary>Units in a 64-bit sum, and bits of each.</summary>
    public const int Lanes = 3, LaneBits = 21;

    private const int MostSegments = 8;

    private readonly ChannelData[] _rows;

    private LstmPart(ChannelData[] rows, LstmSegment[] segments, int firstTap) => (_rows, Segments, FirstTap) = (rows, segments, firstTap);

    /// <summary>The runs of taps.</summary>
    public LstmSegment[] Segments { get; }

    /// <summary>Number that the part's first tap has among those of both parts.</summary>
    public int FirstTap { get; }

    /// <summary>Smallest and largest sum of a gate in any unit.</summary>
    public (long Low, long High) Range(int gate) => (-Offset(gate), Segments.Sum(s => s.Ranges[gate]) - Offset(gate));

    /// <summary>What a gate's sums are given too high.</summary>
    public long Offset(int gate) => Segments.Sum(s => s.Lifts[gate]);

    /// <summary>Scale of a gate's sums.</summary>
    public Requantisation Scale(int gate) => _rows[gate].Scale;

    /// <summary>Both parts of a layer.</summary>
    /// <exception cref="UnsupportedModelException">Sums are too wide for lanes.</exception>
    public static LstmPart[] Of(Layer layer, ValueRange input)
    {
        int[] p = layer.Parameters;
        int inSize = p[Lstm.InSize], size = p[Lstm.StateSize];
        ChannelData[] Rows(int part) =>
        [
            .. Enumerable.Range(0, 4 * size).Select(i =>
            {
                ReadOnlySpan<byte> block = layer.Weights.AsSpan(i * layer.BlockBytes, layer.BlockBytes);
                int scale = Lstm.Scales + 4 * (i % 4) + 2 * part;
                sbyte[] taps = [.. block.Slice(Lstm.BlockHeader + part * inSize, part == 0 ? inSize : size).ToArray().Select(b => (sbyte)b)];
                return new ChannelData(i, BinaryPrimitives.ReadInt32LittleEndian(block[(4 * part)..]), taps, new Requantisation(p[scale], p[scale + 1]));
            }),
        ];
        return [Of(Rows(0), input, 0, layer), Of(Rows(1), ValueRange.Int8, inSize, layer)];
    }

    private static LstmPart Of(ChannelData[] rows, ValueRange range, int firstTap, Layer layer)
    {
        int taps = rows[0].Taps.Length;
        for (int count = 1; count <= Math.Min(taps, MostSegments); count++)
        {
            LstmSegment[] segments = [.. Enumerable.Range(0, count).Select(i => Segment(rows, range, i * taps / count, (i + 1) * taps / count))];
            if (segments.All(s => s.Ranges.All(r => r < 1L << LaneBits))) return new LstmPart(rows, segments, firstTap);
        }

        throw new UnsupportedModelException([$"The sums of {layer.Origin} are too wide for lanes of {LaneBits} bits: a kernel must compute it."]);
    }

    private static LstmSegment Segment(ChannelData[] rows, ValueRange range, int from, int to)
    {
        var bounds = rows.Select(r =>
        {
            (long low, long high) = r.SumRange(range, from, to);
            long bias = from == 0 ? r.Bias : 0;
            return (Gate: r.Index % 4, Low: low + bias, High: high + bias);
        }).ToLookup(r => r.Gate);
        long[] lows = [.. Enumerable.Range(0, 4).Select(g => bounds[g].Min(b => b.Low))];
        return new LstmSegment(from, to, [.. lows.Select(l => -l)], [.. Enumerable.Range(0, 4).Select(g => bounds[g].Max(b => b.High) - lows[g])]);
    }

    /// <summary>What a sum of some neighbouring units begins with.</summary>
    public long Start(LstmSegment segment, int gate, int unit, int units)
    {
        long start = 0;
        for (int l = 0; l < units; l++) start += (segment.Lifts[gate] + (segment.From == 0 ? _rows[4 * (unit + l) + gate].Bias : 0)) << (l * LaneBits);
        return start;
    }

    /// <summary>The weights of a tap in some neighbouring units, each in its lane.</summary>
    public long Weight(int tap, int gate, int unit, int units)
    {
        long packed = 0;
        for (int l = 0; l < units; l++) packed += (long)_rows[4 * (unit + l) + gate].Taps[tap] << (l * LaneBits);
        return packed;
    }

    /// <summary>
    /// Writes a sum over taps from..to-1 that begins with start, in some neighbouring units of a gate; local x0 holds the value of
    /// tap zero.
    /// </summary>
    public void Write(CodeText code, string head, string start, int from, int to, int zero, int gate, int unit, int units, string tail)
    {
        var terms = new List<string> { start };
        int il = 9;
        for (int t = from; t < to; t++)
        {
            long weight = Weight(t, gate, unit, units);
            if (weight == 0) continue;
            terms.Add($"x{t - zero} * {CodeText.Long(weight)}");
            il += 4 + CodeText.LongBytes(weight);
        }

        code.Sum(head, terms, il, tail);
    }
}

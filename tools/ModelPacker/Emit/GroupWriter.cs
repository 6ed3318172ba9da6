using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Emit;

/// <summary>The tables of a group of layers as the pack holds them: streams, members, steps.</summary>
internal static class GroupWriter
{
    /// <summary>The record's parameters.</summary>
    public static int[] Parameters(LoweredModel model, RowGroup group)
    {
        var p = new int[PackFormat.GroupParameters];
        p[PackFormat.GroupStreams] = group.Streams.Count;
        p[PackFormat.GroupMembers] = group.Count;
        p[PackFormat.GroupSteps] = Steps(model, group, Units(model, group)).Count / PackFormat.StepBytes;
        p[PackFormat.GroupFed] = group.Fed is null ? -1 : group.Streams.ToList().IndexOf(group.Fed);
        return p;
    }

    /// <summary>The record's constants.</summary>
    public static byte[] Tables(LoweredModel model, RowGroup group)
    {
        (int[] members, int[] streams) units = Units(model, group);
        var words = new List<int>();
        for (int s = 0; s < group.Streams.Count; s++)
        {
            Buffer stream = group.Streams[s];
            words.AddRange([stream.Block, stream.Offset, stream.Held, units.streams[s]]);
        }

        int record = PackCheck.RecordBytes(PackFormat.GroupParameters);
        for (int i = 0; i < group.Count; i++)
        {
            Layer layer = model.Layers[group.Start + i];
            words.AddRange(Member(group, layer, record, units.members[i]));
            record += PackCheck.RecordBytes(layer.Parameters.Length);
        }

        return [.. words.SelectMany(BitConverter.GetBytes), .. Steps(model, group, units)];
    }

    private static int[] Member(RowGroup group, Layer layer, int record, int unit)
    {
        var words = new int[PackFormat.MemberWords];
        words[PackFormat.MemberRecord] = record;
        words[PackFormat.MemberUnit] = unit;
        RowMap map = RowMap.Of(layer)!;
        (Place? Place, RowSpan? Span)[] operands = [(layer.Input, map.Input), (layer.Input2, map.Input2), (layer.Output, map.Output), (layer.Scratch, null)];
        for (int k = 0; k < operands.Length; k++)
        {
            words[PackFormat.MemberStream + k] = -1;
            if (operands[k].Place is not { } place) continue;
            int stream = group.Streams.ToList().IndexOf(place.Buffer);
            if (stream < 0) continue;
            RowSpan span = operands[k].Span ?? new RowSpan(0, 0, place.Bytes);
            words[PackFormat.MemberStream + k] = stream;
            words[PackFormat.MemberPlace + k] = place.Offset;
            words[PackFormat.MemberBytes + k] = place.Bytes;
            words[PackFormat.MemberStep + k] = span.Step;
            words[PackFormat.MemberLow + k] = span.Low;
            words[PackFormat.MemberHigh + k] = span.High;
        }

        return words;
    }

    /// <summary>What one count of a step means: rows per member and bytes per stream, the largest that divide all steps.</summary>
    private static (int[] Members, int[] Streams) Units(LoweredModel model, RowGroup group)
    {
        int[] Divisors(RowStepKind kind, int count) =>
            [.. Enumerable.Range(0, count).Select(i => Math.Max(1, group.Steps.Where(s => s.Kind == kind && s.Index == i).Aggregate(0, (a, s) => Divisor(a, s.Count))))];
        return (Divisors(RowStepKind.Rows, group.Count), Divisors(RowStepKind.Slide, group.Streams.Count));
    }

    private static int Divisor(int a, int b) => b == 0 ? a : Divisor(b, a % b);

    private static List<byte> Steps(LoweredModel model, RowGroup group, (int[] Members, int[] Streams) units)
    {
        var bytes = new List<byte>();
        foreach (RowStep step in group.Steps)
        {
            (int what, int unit) = step.Kind switch
            {
                RowStepKind.Rows => (step.Index, units.Members[step.Index]),
                RowStepKind.Slide => (PackFormat.StepSlide + step.Index, units.Streams[step.Index]),
                _ => (PackFormat.StepFeed, 1),
            };
            for (int rest = step.Count / unit; rest > 0; rest -= byte.MaxValue) bytes.AddRange([(byte)what, (byte)Math.Min(rest, byte.MaxValue)]);
        }

        return bytes;
    }
}

using TinyAI.ModelPacker.Lower;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>
/// Goes through the steps of a group byte by byte: each row of each layer once and in order; every byte that a row touches
/// lies in the stream's memory at that moment, all earlier layers have written it, and no later one has.
/// </summary>
internal static class StepReplay
{
    private sealed class Stream(Buffer buffer)
    {
        /// <summary>The byte of the tensor at each place of the memory, -1 where there is none yet.</summary>
        public readonly int[] Bytes = [.. Enumerable.Repeat(-1, buffer.Held)];
        public int First;
    }

    /// <summary>Replays a group.</summary>
    public static void Check(LoweredModel model, RowGroup group)
    {
        Stream[] streams = [.. group.Streams.Select(b => new Stream(b))];
        var written = new Dictionary<(int Stream, int Byte), HashSet<int>>();
        var done = new int[group.Count];
        int fedRows = 0, feedBytes = group.Fed is null ? 0 : group.Fed.Bytes / model.Inputs[0].Tensor.Shape.First(n => n > 1);
        int fed = group.Fed is null ? -1 : group.Streams.ToList().IndexOf(group.Fed);
        foreach (RowStep step in group.Steps)
        {
            Assert.True(step.Count > 0);
            switch (step.Kind)
            {
                case RowStepKind.Slide:
                    Stream slid = streams[step.Index];
                    slid.First += step.Count;
                    int[] kept = [.. slid.Bytes.Skip(step.Count)];
                    for (int i = 0; i < slid.Bytes.Length; i++) slid.Bytes[i] = i < kept.Length ? kept[i] : -1;
                    break;
                case RowStepKind.Feed:
                    for (int b = fedRows * feedBytes; b < (fedRows + step.Count) * feedBytes; b++) Write(fed, b, -1);
                    fedRows += step.Count;
                    break;
                default:
                    Layer layer = model.Layers[group.Start + step.Index];
                    RowMap map = RowMap.Of(layer)!;
                    foreach ((Place? place, RowSpan? span, bool writes) in new[]
                    {
                        (layer.Input, map.Input, false), (layer.Input2, map.Input2, false), (layer.Scratch, null, true), (layer.Output, map.Output, true),
                    })
                    {
                        Touch(place, span, step.Index, done[step.Index], step.Count, writes);
                    }

                    done[step.Index] += step.Count;
                    break;
            }
        }

        for (int m = 0; m < group.Count; m++) Assert.Equal(model.Layers[group.Start + m].Rows, done[m]);
        if (fed >= 0) Assert.Equal(group.Fed!.Bytes, fedRows * feedBytes);

        void Write(int stream, int b, int writer)
        {
            int at = b - streams[stream].First;
            Assert.InRange(at, 0, streams[stream].Bytes.Length - 1);
            streams[stream].Bytes[at] = b;
            if (!written.TryGetValue((stream, b), out HashSet<int>? writers)) written[(stream, b)] = writers = [];
            writers.Add(writer);
        }

        void Touch(Place? place, RowSpan? span, int member, int row, int rows, bool writes)
        {
            if (place is not { } p) return;
            int stream = group.Streams.ToList().IndexOf(p.Buffer);
            if (stream < 0) return;
            (int low, int high) = Range(p, span, row, rows);
            for (int b = low; b < high; b++)
            {
                for (int other = 0; other < group.Count; other++)
                {
                    bool wrote = written.TryGetValue((stream, b), out HashSet<int>? writers) && writers.Contains(other);
                    if (other < member && Writes(other, p.Buffer, b)) Assert.True(wrote, $"member {member} touches byte {b} of stream {stream} before member {other} has written it");
                    if (other > member) Assert.False(wrote, $"member {member} touches byte {b} of stream {stream} after member {other} has overwritten it");
                }

                if (writes) Write(stream, b, member);
                else Assert.Equal(b, streams[stream].Bytes[b - streams[stream].First]);
            }
        }

        bool Writes(int member, Buffer buffer, int b)
        {
            Layer layer = model.Layers[group.Start + member];
            if (layer.Output is not { } output || output.Buffer != buffer) return false;
            RowSpan span = RowMap.Of(layer)!.Output ?? new RowSpan(0, 0, output.Bytes);
            int at = b - output.Offset;
            if (at < 0 || at >= output.Bytes) return false;
            int first = span.Step == 0 ? 0 : Math.Clamp((at - span.High) / span.Step, 0, layer.Rows - 1);
            for (int r = first; r < layer.Rows && r * span.Step + span.Low <= at; r++)
            {
                if (at < r * span.Step + span.High) return true;
            }

            return false;
        }
    }

    private static (int Low, int High) Range(Place place, RowSpan? span, int row, int rows)
    {
        RowSpan s = span ?? new RowSpan(0, 0, place.Bytes);
        return (place.Offset + Math.Max(0, row * s.Step + s.Low), place.Offset + Math.Min(place.Bytes, (row + rows - 1) * s.Step + s.High));
    }
}

using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Which values each layer can read, byte by byte of the activation memory: a clamp of the producer narrows what the
/// consumer must reckon with. Layers of which nothing special is known write every int8 value.
/// </summary>
internal static class ValueRanges
{
    /// <summary>The range of every layer's first input, or of its second where that is the only one.</summary>
    public static ValueRange[] OfInputs(LoweredModel model)
    {
        var bytes = new Dictionary<Buffer, ValueRange[]>();
        foreach (Buffer buffer in model.Buffers)
        {
            bytes[buffer] = new ValueRange[buffer.Bytes];
            Array.Fill(bytes[buffer], ValueRange.Int8);
        }

        var ranges = new ValueRange[model.Layers.Count];
        for (int i = 0; i < ranges.Length; i++)
        {
            Layer layer = model.Layers[i];
            ranges[i] = (layer.Input ?? layer.Input2) is { } input ? Over(bytes[input.Buffer].AsSpan(input.Offset, input.Bytes)) : ValueRange.Int8;
            if (layer.Output is { } output) Write(bytes[output.Buffer].AsSpan(output.Offset, output.Bytes), layer, ranges[i]);
            if (layer.Scratch is { } scratch) Array.Fill(bytes[scratch.Buffer], ValueRange.Int8, scratch.Offset, scratch.Bytes);
        }

        return ranges;
    }

    private static ValueRange Over(ReadOnlySpan<ValueRange> values)
    {
        if (values.Length == 0) return ValueRange.Int8;
        ValueRange range = values[0];
        foreach (ValueRange value in values) range = range.With(value);
        return range;
    }

    private static void Write(Span<ValueRange> output, Layer layer, ValueRange input)
    {
        if (layer.Kind != PackFormat.KindStridedCopy)
        {
            output.Fill(Written(layer, input));
            return;
        }

        // A copy may leave some of its output as it was.
        foreach (ref ValueRange value in output) value = value.With(input);
    }

    private static ValueRange Written(Layer layer, ValueRange input)
    {
        int[] p = layer.Parameters;
        return layer.Kind switch
        {
            PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D => Clamp(p[Conv2D.OutMin], p[Conv2D.OutMax]),
            PackFormat.KindFullyConnected => Clamp(p[FullyConnected.OutMin], p[FullyConnected.OutMax]),
            PackFormat.KindMaxPool2D or PackFormat.KindAveragePool2D => Clamp(
                Math.Clamp(input.Min, p[MaxPool2D.OutMin], p[MaxPool2D.OutMax]), Math.Clamp(input.Max, p[MaxPool2D.OutMin], p[MaxPool2D.OutMax])),
            _ => ValueRange.Int8,
        };
    }

    /// <summary>A clamp of more than int8 is cut off at 8 bits.</summary>
    private static ValueRange Clamp(int min, int max) => min is >= sbyte.MinValue and <= sbyte.MaxValue && max <= sbyte.MaxValue && min <= max ? new(min, max) : ValueRange.Int8;
}

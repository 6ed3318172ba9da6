using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>RESIZE_NEAREST_NEIGHBOR; where each pixel is simply repeated, a copy, otherwise a kernel with an index table.</summary>
internal sealed class ResizeNearestOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. ResizeChecks.Check(node)];
        return wrong.Length > 0 ? wrong : Movement.Movable(node.Input());
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), output = node.Output;
        var options = node.Options as ResizeNearestNeighborOptions ?? new ResizeNearestNeighborOptions();
        int[] rows = Sources(input.Shape[1], output.Shape[1], options), columns = Sources(input.Shape[2], output.Shape[2], options);
        Place from = lowering.PlaceOf(input, node), to = lowering.Create(output);
        int pixel = input.Shape[3] * input.ElementBytes, inRow = input.Shape[2] * pixel;
        if (Repeats(rows, input.Shape[1]) is { } down && Repeats(columns, input.Shape[2]) is { } across)
        {
            int outRow = output.Shape[2] * pixel;
            CopyAxis[] axes = CopyAxis.Merge(
            [
                new CopyAxis(input.Shape[0] * input.Shape[1], inRow, down * outRow), new CopyAxis(down, 0, outRow),
                new CopyAxis(input.Shape[2], pixel, across * pixel), new CopyAxis(across, 0, pixel), new CopyAxis(pixel, 1, 1),
            ]);
            MoveLayers.Copy(lowering, node, from, 0, to, 0, axes);
            return;
        }

        var p = new int[ResizeNearest.ParameterCount];
        p[ResizeNearest.InHeight] = input.Shape[1];
        p[ResizeNearest.InRowBytes] = inRow;
        p[ResizeNearest.OutHeight] = output.Shape[1];
        p[ResizeNearest.OutWidth] = output.Shape[2];
        p[ResizeNearest.PixelBytes] = pixel;
        var table = new byte[2 * (rows.Length + columns.Length)];
        int at = 0;
        foreach (int index in rows.Concat(columns))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(at), (ushort)index);
            at += 2;
        }

        lowering.Add(new Layer
        {
            Kind = PackFormat.KindResizeNearest, Name = "ResizeNearest", Origin = node, Input = from, Output = to,
            Rows = output.Shape[0] * output.Shape[1], Parameters = p, Weights = table, WindowBytes = table.Length,
        });
    }

    /// <summary>The input index for each output index, in float as TFLite reference/resize_nearest_neighbor.h.</summary>
    public static int[] Sources(int inSize, int outSize, ResizeNearestNeighborOptions options)
    {
        float scale = options.AlignCorners && outSize > 1 ? (inSize - 1) / (float)(outSize - 1) : inSize / (float)outSize;
        float offset = options.HalfPixelCenters ? 0.5f : 0f;
        return [.. Enumerable.Range(0, outSize).Select(i =>
        {
            float position = (float)((i + offset) * scale);
            float index = options.AlignCorners ? MathF.Round(position, MidpointRounding.AwayFromZero) : MathF.Floor(position);
            return Math.Clamp((int)index, 0, inSize - 1);
        })];
    }

    /// <summary>How often each index is repeated, or null where that differs.</summary>
    private static int? Repeats(int[] sources, int inSize)
    {
        int times = sources.Length / inSize;
        return times * inSize == sources.Length && sources.Select((s, i) => s == i / times).All(same => same) ? times : null;
    }
}

/// <summary>What both resizing operators need.</summary>
internal static class ResizeChecks
{
    /// <summary>Largest height or width that positions with ten fraction bits and 16-bit tables can name.</summary>
    private const int MostPixels = 16384;

    /// <summary>Shapes, types and the size input.</summary>
    public static IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong =
        [
            .. Movement.SameKind(input, output), .. Requirements.Rank(input, 4), .. Requirements.Rank(output, 4), .. Movement.Indices(node.Input(1), 2),
        ];
        if (wrong.Length > 0) return wrong;
        int[] size = Movement.Values(node.Input(1));
        if (input.Shape.Concat(size).Any(n => n is < 1 or > MostPixels)) return [$"an image of {input} resized to {size[0]}x{size[1]} is outside 1..{MostPixels} pixels."];
        return Requirements.Shape(output, input.Shape[0], size[0], size[1], input.Shape[3]);
    }
}

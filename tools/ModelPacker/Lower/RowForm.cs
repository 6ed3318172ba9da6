using TinyAI.Kernels;
using TinyAI.TinyRuntime;
using Kernel = TinyAI.Kernels.Convert;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// The same layer cut into more rows, for running row by row: what goes over all elements in one row gets as many rows as
/// its result has, and a convolution or pool over an image of one row runs down instead of across, which is the same
/// memory with the two axes exchanged. Outside of groups the original is faster.
/// </summary>
public static class RowForm
{
    /// <summary>All layers of a model in as many rows as they can have.</summary>
    public static Layer[] Of(LoweredModel model)
    {
        Layer[] layers = [.. model.Layers.Select(Of)];
        RowMap?[] maps = [.. layers.Select(RowMap.Of)];
        for (int i = 0; i < layers.Length; i++)
        {
            // Where no reader goes along the result row by row, it exists as a whole: then the input need not.
            bool ReadsRows(int l) => (layers[l].Input?.Buffer == layers[i].Output?.Buffer && maps[l]?.Input is { Step: > 0 })
                || (layers[l].Input2?.Buffer == layers[i].Output?.Buffer && maps[l]?.Input2 is { Step: > 0 });
            if (layers[i].Kind == PackFormat.KindStridedCopy && !Enumerable.Range(i + 1, layers.Length - i - 1).Any(ReadsRows)) layers[i] = AlongInput(layers[i]);
        }

        return layers;
    }

    /// <summary>The layer in as many rows as it can have, or the layer itself.</summary>
    private static Layer Of(Layer layer)
    {
        int[] p = layer.Parameters;
        switch (layer.Kind)
        {
            case PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D or PackFormat.KindConv2DInt16:
                return Turned(
                    layer, Conv2D.OutWidth,
                    (Conv2D.InHeight, Conv2D.InWidth), (Conv2D.OutHeight, Conv2D.OutWidth), (Conv2D.KernelHeight, Conv2D.KernelWidth), (Conv2D.PadTop, Conv2D.PadLeft),
                    (Conv2D.StrideHeight, Conv2D.StrideWidth), (Conv2D.DilationHeight, Conv2D.DilationWidth));
            case PackFormat.KindMean:
                return Carried(layer);
            case PackFormat.KindAveragePool2D when IsWholeImage(p):
                return CarriedAverage(layer);
            case PackFormat.KindMaxPool2D or PackFormat.KindAveragePool2D or PackFormat.KindPool2DInt16:
                return Turned(
                    layer, MaxPool2D.OutWidth,
                    (MaxPool2D.InHeight, MaxPool2D.InWidth), (MaxPool2D.OutHeight, MaxPool2D.OutWidth), (MaxPool2D.KernelHeight, MaxPool2D.KernelWidth),
                    (MaxPool2D.PadTop, MaxPool2D.PadLeft), (MaxPool2D.StrideHeight, MaxPool2D.StrideWidth));
            case PackFormat.KindAdd or PackFormat.KindMul or PackFormat.KindSquaredDifference or PackFormat.KindMinMax or PackFormat.KindPRelu or PackFormat.KindDiv:
                return p[Broadcast.OuterRank] == 0 ? Cut(layer, p[Broadcast.Inner], Broadcast.Inner) : layer;
            case PackFormat.KindLookup:
                return Cut(layer, p[Lookup.RowLength], Lookup.RowLength);
            case PackFormat.KindConvert:
                return Cut(layer, p[Kernel.RowLength], Kernel.RowLength);
            case PackFormat.KindFill:
                return p[Fill.RowBytes] % (RowsOf(layer) * p[Fill.ElementBytes]) == 0 ? Cut(layer, p[Fill.RowBytes], Fill.RowBytes) : layer;
            case PackFormat.KindStridedCopy:
                return CutCopy(layer);
            default:
                return layer;
        }
    }

    /// <summary>Rows of the result as the model's author sees it: its first dimension over 1.</summary>
    private static int RowsOf(Layer layer) =>
        layer.Origin.Outputs.Count == 0 ? 1 : layer.Origin.Outputs[0].Shape.FirstOrDefault(n => n > 1, 1);

    private static Layer Cut(Layer layer, int length, int parameter)
    {
        long elements = (long)layer.Rows * length;
        int rows = RowsOf(layer);
        if (rows <= layer.Rows || elements % rows != 0) return layer;
        int[] p = [.. layer.Parameters];
        p[parameter] = (int)(elements / rows);
        return layer with { Rows = rows, Parameters = p };
    }

    /// <summary>A reduction of all pixels to one is carried from row to row.</summary>
    private static Layer Carried(Layer layer)
    {
        int[] p = layer.Parameters;
        int channels = p[Mean.KeptSizes + 2], pixels = p[Mean.ReducedSizes + 2];
        bool isImage = p[Mean.KeptSizes] == 1 && p[Mean.KeptSizes + 1] == 1 && p[Mean.KeptStrides + 2] == 1 && p[Mean.ReducedSizes] == 1
            && p[Mean.ReducedSizes + 1] == 1 && p[Mean.ReducedStrides + 2] == channels && pixels > 1;
        if (!isImage) return layer;
        int rows = layer.Origin.Inputs[0]!.Shape.FirstOrDefault(n => n > 1, 1);
        return Carried(layer, p[..MeanRows.Channels], channels, pixels, pixels % rows == 0 ? rows : pixels);
    }

    private static bool IsWholeImage(int[] p) =>
        p[MaxPool2D.OutHeight] == 1 && p[MaxPool2D.OutWidth] == 1 && p[MaxPool2D.PadTop] == 0 && p[MaxPool2D.PadLeft] == 0
        && p[MaxPool2D.KernelHeight] >= p[MaxPool2D.InHeight] && p[MaxPool2D.KernelWidth] >= p[MaxPool2D.InWidth];

    private static Layer CarriedAverage(Layer layer)
    {
        int[] p = layer.Parameters;
        int rows = p[MaxPool2D.InHeight], columns = p[MaxPool2D.InWidth];
        if (layer.Rows != 1 || rows * columns == 1) return layer;
        var head = new int[MeanRows.Channels];
        (head[Mean.Mode], head[Mean.OutMin], head[Mean.OutMax]) = (MeanRows.ModeAverage, p[MaxPool2D.OutMin], p[MaxPool2D.OutMax]);
        return Carried(layer, head, p[MaxPool2D.Channels], rows * columns, rows > 1 ? rows : columns);
    }

    private static Layer Carried(Layer layer, int[] head, int channels, int pixels, int rows) => layer with
    {
        Kind = PackFormat.KindMeanRows, Name = "MeanRows", Rows = rows, Parameters = [.. head, channels, pixels / rows, rows],
        Scratch = Lowering.Scratch("sums", 4 * channels), InPlace = false,
    };

    /// <summary>One plain run becomes a run per row.</summary>
    private static Layer CutCopy(Layer layer)
    {
        int[] p = [.. layer.Parameters];
        int rows = RowsOf(layer), run = p[StridedCopy.Run];
        bool isRun = layer.Rows == 1 && p[StridedCopy.RunInStep] == 1 && p[StridedCopy.RunOutStep] == 1
            && Enumerable.Range(0, StridedCopy.MiddleAxes).All(d => p[StridedCopy.Middle + 3 * d] == 1);
        if (!isRun || rows < 2 || run % rows != 0) return layer;
        p[StridedCopy.Run] = p[StridedCopy.RowInStep] = p[StridedCopy.RowOutStep] = run / rows;
        return layer with { Rows = rows, Parameters = p };
    }

    /// <summary>The same copy, its rows in the order of the input: the order of the axes of a copy is free.</summary>
    private static Layer AlongInput(Layer layer)
    {
        int[] p = [.. layer.Parameters];
        var axes = new List<CopyAxis> { new(layer.Rows, p[StridedCopy.RowInStep], p[StridedCopy.RowOutStep]) };
        for (int at = StridedCopy.Middle; at < StridedCopy.Run; at += 3) axes.Add(new CopyAxis(p[at], p[at + 1], p[at + 2]));
        CopyAxis row = axes.Where(a => a.Count > 1).DefaultIfEmpty(axes[0]).MaxBy(a => a.InStep);
        if (row == axes[0]) return layer;
        axes.Remove(row);
        // One of the others has a count of one, or four remain: the row that was takes the first middle place.
        if (axes.Count > StridedCopy.MiddleAxes && !axes.Remove(axes.Find(a => a.Count == 1))) return layer;
        while (axes.Count < StridedCopy.MiddleAxes) axes.Insert(0, new CopyAxis(1, 0, 0));
        (p[StridedCopy.RowInStep], p[StridedCopy.RowOutStep]) = (row.InStep, row.OutStep);
        for (int d = 0; d < StridedCopy.MiddleAxes; d++)
            (p[StridedCopy.Middle + 3 * d], p[StridedCopy.Middle + 3 * d + 1], p[StridedCopy.Middle + 3 * d + 2]) = (axes[d].Count, axes[d].InStep, axes[d].OutStep);
        return layer with { Rows = row.Count, Parameters = p };
    }

    private static Layer Turned(Layer layer, int outWidth, params (int Down, int Across)[] pairs)
    {
        int[] p = [.. layer.Parameters];
        bool isLine = layer.Rows == 1 && p[outWidth] > 1 && pairs[..3].All(pair => p[pair.Down] == 1) && p[pairs[3].Down] == 0;
        if (!isLine) return layer;
        foreach ((int down, int across) in pairs) (p[down], p[across]) = (p[across], p[down]);
        return layer with { Rows = p[pairs[1].Down], Parameters = p };
    }
}

using TinyAI.Kernels;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Draws a maximum pool into the convolution before it, where that runs in lanes: requantisation never falls, so the
/// largest sum gives the largest output, and the tensor between the two is never made. Windows of two or four positions
/// that follow each other in memory, neither overlapping nor reaching over the border.
/// </summary>
public static class PoolFusion
{
    /// <summary>Changes a model whose layers have their final form, and sets its lifetimes anew. Not where layers run row by row.</summary>
    public static void Apply(LoweredModel model)
    {
        if (model.Groups.Count > 0) return;
        bool any = false;
        for (int i = 0; i + 1 < model.Layers.Count; i++)
        {
            if (Fused(model, model.Layers[i], model.Layers[i + 1]) is not { } fused) continue;
            Buffer between = model.Layers[i].Output!.Value.Buffer;
            model.Layers[i] = fused;
            model.Layers.RemoveAt(i + 1);
            // Where the pool's result took the memory of its input, less of it is needed now.
            if (between == fused.Output!.Value.Buffer) between.Bytes = Places(model).Where(p => p.Buffer == between).Max(p => p.Offset + p.Bytes);
            any = true;
        }

        if (any) Lifetimes.Set(model);
    }

    private static Layer? Fused(LoweredModel model, Layer convolution, Layer pool)
    {
        if (convolution.Kind != PackFormat.KindConv2DLanes || pool.Kind != PackFormat.KindMaxPool2D || pool.Input != convolution.Output) return null;
        int[] c = convolution.Parameters, m = pool.Parameters;
        if (c[Conv2DLanes.Split] != 0 || c[Conv2DLanes.Pool] != 1 || c[Conv2D.OutWidth] != 1 || !IsReadOnlyBy(model, convolution, pool)) return null;
        bool down = m[MaxPool2D.InWidth] == 1 && m[MaxPool2D.KernelWidth] == 1, across = m[MaxPool2D.InHeight] == 1 && m[MaxPool2D.KernelHeight] == 1;
        if ((!down && !across) || m[MaxPool2D.PadTop] != 0 || m[MaxPool2D.PadLeft] != 0) return null;
        (int window, int stride, int length, int count) = down
            ? (m[MaxPool2D.KernelHeight], m[MaxPool2D.StrideHeight], m[MaxPool2D.InHeight], m[MaxPool2D.OutHeight])
            : (m[MaxPool2D.KernelWidth], m[MaxPool2D.StrideWidth], m[MaxPool2D.InWidth], m[MaxPool2D.OutWidth]);
        if (window is not (2 or 4) || stride != window || length != c[Conv2D.OutHeight] || count * window > length) return null;
        if (m[MaxPool2D.OutMin] > c[Conv2D.OutMin] || m[MaxPool2D.OutMax] < c[Conv2D.OutMax]) return null;
        var p = (int[])c.Clone();
        p[Conv2DLanes.Pool] = window;
        p[Conv2D.OutHeight] = count * window;
        // A band as large as before, in whole windows.
        int tile = Math.Min(c[Conv2DLanes.TileRows], p[Conv2D.OutHeight]) / window * window;
        if (tile == 0) return null;
        p[Conv2DLanes.TileRows] = tile;
        if (p[Conv2DLanes.BandRow] > 0)
            p[Conv2DLanes.BandRows] = (tile - 1) * p[Conv2D.StrideHeight] + (p[Conv2D.KernelHeight] - 1) * p[Conv2D.DilationHeight] + 1;
        return convolution with
        {
            Parameters = p, Output = pool.Output, Rows = convolution.Rows / c[Conv2D.OutHeight] * p[Conv2D.OutHeight], Form = convolution.Form + ", pooled",
        };
    }

    /// <summary>Whether nothing but the pool needs the convolution's output, apart from what the pool has left in its memory.</summary>
    private static bool IsReadOnlyBy(LoweredModel model, Layer convolution, Layer pool)
    {
        Buffer between = convolution.Output!.Value.Buffer;
        if (between.IsState) return false;
        return between == pool.Output!.Value.Buffer
            ? convolution.Output.Value.Offset == 0 && pool.Output.Value.Offset == 0
            : Places(model).Count(p => p.Buffer == between) == 2;
    }

    private static IEnumerable<Place> Places(LoweredModel model) =>
        model.Layers.SelectMany(l => new[] { l.Input, l.Input2, l.Output, l.Scratch }).OfType<Place>()
            .Concat(model.Inputs.Select(b => b.Place)).Concat(model.Outputs.Select(b => b.Place));
}

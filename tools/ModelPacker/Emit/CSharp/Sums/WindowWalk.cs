using TinyAI.Kernels;

namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>A direction of the walk over output positions, in bytes of memory.</summary>
/// <param name="Out">Output positions of the convolution that are computed.</param>
/// <param name="Kernel">Taps.</param>
/// <param name="Advance">Bytes from one window to the next.</param>
/// <param name="TapBytes">Bytes from one tap to the next.</param>
/// <param name="TapStep">Taps of the weights from one tap to the next.</param>
/// <param name="SlideTaps">Taps by which neighbouring windows differ, or 0 where none can be kept.</param>
/// <param name="OutBytes">Bytes from one stored output to the next.</param>
/// <param name="Pool">Positions that one stored output is the maximum of.</param>
/// <param name="Pooled">Stored outputs.</param>
internal sealed record WalkAxis(int Out, int Kernel, int Advance, int TapBytes, int TapStep, int SlideTaps, int OutBytes, int Pool, int Pooled)
{
    /// <summary>Share of a window that the next one along this axis has in common with it.</summary>
    public double Kept => SlideTaps > 0 && Out > 1 ? (Kernel - SlideTaps) / (double)Kernel : 0;

    /// <summary>Whether the last pooling window is cut off at the border.</summary>
    public bool HasPartialPool => Pooled * Pool > Out;
}

/// <summary>
/// The order in which generated code visits output positions: the inner loop runs along the axis on which windows have
/// most in common, so that their activations are moved from local to local instead of being read again.
/// </summary>
internal sealed record WindowWalk(int Batch, int InImageBytes, int OutImageBytes, WalkAxis Outer, WalkAxis Inner)
{
    /// <summary>Whether the inner loop slides its window.</summary>
    public bool Slides { get; init; }

    /// <summary>Whether the inner loop runs from row to row.</summary>
    public bool IsTurned { get; init; }

    /// <summary>Whether pooling windows spread over both loops, which then enclose two more.</summary>
    public bool PoolsInTwoDirections => Outer.Pool > 1;

    /// <summary>The walk of a layer; rowWidth and rows are those of the memory that is read (padded or not).</summary>
    public static WindowWalk Of(WindowGeometry g, int[]? pool, bool padded)
    {
        int width = padded ? g.Horizontal.Extent : g.Horizontal.In, height = padded ? g.Vertical.Extent : g.Vertical.In;
        int pooledHeight = pool is null ? g.Vertical.Out : pool[MaxPool2D.OutHeight], pooledWidth = pool is null ? g.Horizontal.Out : pool[MaxPool2D.OutWidth];
        WalkAxis Axis(WindowAxis axis, int positionBytes, int outBytes, int size, int pooled) => new(
            Math.Min(axis.Out, pooled * size), axis.Kernel, axis.Stride * positionBytes, axis.Dilation * positionBytes, axis.TapStep,
            axis.Dilation == 1 && axis.Kernel > axis.Stride ? axis.Stride : 0, outBytes, size, pooled);
        WalkAxis vertical = Axis(g.Vertical, width * g.Channels, pooledWidth * g.OutChannels, pool?[MaxPool2D.KernelHeight] ?? 1, pooledHeight);
        WalkAxis horizontal = Axis(g.Horizontal, g.Channels, g.OutChannels, pool?[MaxPool2D.KernelWidth] ?? 1, pooledWidth);
        int inImage = height * width * g.Channels, outImage = pooledHeight * pooledWidth * g.OutChannels;

        double alongWidth = vertical.Pool == 1 ? horizontal.Kept : 0, alongHeight = horizontal.Pool == 1 ? vertical.Kept : 0;
        bool turned = alongHeight > alongWidth || (alongHeight == alongWidth && horizontal.Out == 1 && horizontal.Pool == 1);
        return turned
            ? new WindowWalk(g.Batch, inImage, outImage, horizontal, vertical) { Slides = alongHeight > 0, IsTurned = true }
            : new WindowWalk(g.Batch, inImage, outImage, vertical, horizontal) { Slides = alongWidth > 0 };
    }
}

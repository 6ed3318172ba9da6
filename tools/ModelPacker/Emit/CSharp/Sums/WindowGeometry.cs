using TinyAI.Kernels;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>One direction in which a window moves.</summary>
/// <param name="In">Positions of the input, without padding.</param>
/// <param name="Out">Positions of the output.</param>
/// <param name="Kernel">Taps.</param>
/// <param name="Stride">Input positions from one window to the next.</param>
/// <param name="Dilation">Input positions from one tap to the next.</param>
/// <param name="Before">Positions of padding before the first.</param>
/// <param name="TapStep">Taps of the weights from one tap to the next.</param>
internal sealed record WindowAxis(int In, int Out, int Kernel, int Stride, int Dilation, int Before, int TapStep)
{
    /// <summary>Positions that the windows touch, padding included.</summary>
    public int Extent => (Out - 1) * Stride + (Kernel - 1) * Dilation + 1;

    /// <summary>Share of all taps of all windows that lie inside the input.</summary>
    public double InsideShare
    {
        get
        {
            int inside = 0;
            for (int o = 0; o < Out; o++) inside += Enumerable.Range(0, Kernel).Count(k => o * Stride - Before + k * Dilation is var at && at >= 0 && at < In);
            return inside / (double)(Out * Kernel);
        }
    }

    /// <summary>Whether a window touches positions outside the input.</summary>
    public bool IsPadded => Before > 0 || Extent > In;
}

/// <summary>
/// How the window of a convolution or fully connected layer (one position per row) moves over [batch, height, width,
/// channels].
/// </summary>
internal sealed record WindowGeometry(
    int Batch, WindowAxis Vertical, WindowAxis Horizontal, int Channels, int GroupIn, int GroupOut, int OutChannels, int ZeroPoint, int OutZero,
    int OutMin, int OutMax)
{
    /// <summary>The geometry of a layer, or null where it is of another kind.</summary>
    public static WindowGeometry? Of(Layer layer)
    {
        int[] p = layer.Parameters;
        switch (layer.Kind)
        {
            case PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D:
                return new WindowGeometry(
                    layer.Rows / p[Conv2D.OutHeight],
                    new WindowAxis(p[Conv2D.InHeight], p[Conv2D.OutHeight], p[Conv2D.KernelHeight], p[Conv2D.StrideHeight], p[Conv2D.DilationHeight],
                        p[Conv2D.PadTop], p[Conv2D.KernelWidth] * p[Conv2D.GroupInChannels]),
                    new WindowAxis(p[Conv2D.InWidth], p[Conv2D.OutWidth], p[Conv2D.KernelWidth], p[Conv2D.StrideWidth], p[Conv2D.DilationWidth],
                        p[Conv2D.PadLeft], p[Conv2D.GroupInChannels]),
                    p[Conv2D.InChannels], p[Conv2D.GroupInChannels], p[Conv2D.GroupOutChannels], p[Conv2D.OutChannels], p[Conv2D.InZeroPoint],
                    p[Conv2D.OutZeroPoint], p[Conv2D.OutMin], p[Conv2D.OutMax]);
            case PackFormat.KindFullyConnected:
                return new WindowGeometry(
                    1, new WindowAxis(layer.Rows, layer.Rows, 1, 1, 1, 0, p[FullyConnected.InSize]), new WindowAxis(1, 1, 1, 1, 1, 0, p[FullyConnected.InSize]),
                    p[FullyConnected.InSize], p[FullyConnected.InSize], p[FullyConnected.OutSize], p[FullyConnected.OutSize], 0,
                    p[FullyConnected.OutZeroPoint], p[FullyConnected.OutMin], p[FullyConnected.OutMax]);
            default:
                return null;
        }
    }

    /// <summary>Whether some window reaches over the image's border.</summary>
    public bool IsPadded => Vertical.IsPadded || Horizontal.IsPadded;

    /// <summary>Bytes of the copy of the input that has the padding around it.</summary>
    public int PaddedBytes => Batch * Vertical.Extent * Horizontal.Extent * Channels;

    /// <summary>Taps of one output channel.</summary>
    public int Taps => Vertical.Kernel * Horizontal.Kernel * GroupIn;
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Operators;

/// <summary>How a window moves over an image, resolved from options, shapes and any padding fused into the node.</summary>
internal sealed record ConvolutionGeometry(
    int KernelHeight, int KernelWidth, int StrideHeight, int StrideWidth, int DilationHeight, int DilationWidth,
    int PadTop, int PadLeft, int OutHeight, int OutWidth)
{
    /// <summary>
    /// Computes output size and padding; SAME pads max(0, (out - 1) * stride + extent - in) in all, half of it (rounded
    /// down) before (TFLite padding.h).
    /// </summary>
    public static ConvolutionGeometry Of(
        Node node, int inHeight, int inWidth, int kernelHeight, int kernelWidth, TflitePadding padding,
        int strideHeight, int strideWidth, int dilationHeight = 1, int dilationWidth = 1)
    {
        int[] around = node.FusedPadding ?? [0, 0, 0, 0];
        (int outHeight, int top) = Axis(inHeight, kernelHeight, strideHeight, dilationHeight, padding, around[0], around[2]);
        (int outWidth, int left) = Axis(inWidth, kernelWidth, strideWidth, dilationWidth, padding, around[1], around[3]);
        return new ConvolutionGeometry(
            kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, top, left, outHeight, outWidth);
    }

    /// <summary>Sentences for strides, dilations and sizes with which no window can move.</summary>
    public static IEnumerable<string> Check(
        int inHeight, int inWidth, int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int dilationHeight, int dilationWidth)
    {
        if (strideHeight < 1 || strideWidth < 1 || strideHeight > 65536 || strideWidth > 65536)
            yield return $"its stride is {strideHeight}x{strideWidth}; strides from 1 to 65536 are possible.";
        if (dilationHeight < 1 || dilationWidth < 1 || dilationHeight > 65536 || dilationWidth > 65536)
            yield return $"its dilation is {dilationHeight}x{dilationWidth}; dilations from 1 to 65536 are possible.";
        if (kernelHeight < 1 || kernelWidth < 1 || inHeight < 1 || inWidth < 1 || kernelHeight > 65536 || kernelWidth > 65536)
            yield return $"a window of {kernelHeight}x{kernelWidth} cannot move over an image of {inHeight}x{inWidth}.";
    }

    private static (int Out, int Before) Axis(int size, int kernel, int stride, int dilation, TflitePadding padding, int before, int after)
    {
        long extent = (long)(kernel - 1) * dilation + 1;
        if (padding == TflitePadding.SAME && before == 0 && after == 0)
        {
            int output = (int)(((long)size + stride - 1) / stride);
            long total = Math.Max(0, (output - 1L) * stride + extent - size);
            return (output, (int)(total / 2));
        }

        long padded = (long)size + before + after;
        return ((int)((padded - extent + stride) / stride), before);
    }
}

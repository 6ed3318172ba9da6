using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Float;

/// <summary>Convolutions over NHWC images: the window of an output pixel is gathered once, then multiplied with every filter.</summary>
internal static class FloatConvolutions
{
    /// <summary>CONV_2D, weights [out, height, width, in / groups].</summary>
    public static void Conv2D(FloatCall call)
    {
        var options = call.Node.Options as Conv2DOptions ?? new Conv2DOptions();
        int[] inShape = call.Shape(), w = call.Shape(1);
        ConvolutionGeometry g = ConvolutionGeometry.Of(
            call.Node, inShape[1], inShape[2], w[1], w[2], options.Padding, options.StrideH, options.StrideW, options.DilationH, options.DilationW);
        (int channels, int depth, int outputs) = (inShape[3], w[3], w[0]);
        int groups = channels / depth, perGroup = outputs / groups, taps = w[1] * w[2] * depth;
        float[] input = call.Input(), weights = call.Input(1), output = call.Output;
        float[]? bias = call.OptionalInput(2);
        var window = new float[groups * taps];
        int at = 0;
        foreach ((int batch, int top, int left) in Pixels(call, g))
        {
            Gather(input, inShape, batch, top, left, g, depth, groups, window);
            for (int o = 0; o < outputs; o++)
                output[at + o] = Sums.Dot(window.AsSpan(o / perGroup * taps, taps), weights.AsSpan(o * taps, taps)) + (bias?[o] ?? 0);
            at += outputs;
        }

        FloatActivation.Apply(options.Activation, output);
    }

    /// <summary>DEPTHWISE_CONV_2D, weights [1, height, width, channels * multiplier].</summary>
    public static void Depthwise(FloatCall call)
    {
        var options = call.Node.Options as DepthwiseConv2DOptions ?? new DepthwiseConv2DOptions();
        int[] inShape = call.Shape(), w = call.Shape(1);
        ConvolutionGeometry g = ConvolutionGeometry.Of(
            call.Node, inShape[1], inShape[2], w[1], w[2], options.Padding, options.StrideH, options.StrideW, options.DilationH, options.DilationW);
        (int height, int width, int channels, int outputs) = (inShape[1], inShape[2], inShape[3], w[3]);
        int multiplier = outputs / channels;
        float[] input = call.Input(), weights = call.Input(1), output = call.Output;
        float[]? bias = call.OptionalInput(2);
        int at = 0;
        foreach ((int batch, int top, int left) in Pixels(call, g))
        {
            Span<float> pixel = output.AsSpan(at, outputs);
            bias?.CopyTo(pixel);
            for (int ky = 0; ky < w[1]; ky++)
            {
                int y = top + ky * g.DilationHeight;
                if (y < 0 || y >= height) continue;
                for (int kx = 0; kx < w[2]; kx++)
                {
                    int x = left + kx * g.DilationWidth;
                    if (x < 0 || x >= width) continue;
                    ReadOnlySpan<float> from = input.AsSpan(((batch * height + y) * width + x) * channels, channels), tap = weights.AsSpan((ky * w[2] + kx) * outputs, outputs);
                    if (multiplier == 1) for (int c = 0; c < pixel.Length; c++) pixel[c] += from[c] * tap[c];
                    else for (int c = 0; c < pixel.Length; c++) pixel[c] += from[c / multiplier] * tap[c];
                }
            }

            at += outputs;
        }

        FloatActivation.Apply(options.Activation, output);
    }

    /// <summary>TRANSPOSE_CONV: inputs are the output's shape, weights [out, height, width, in], the image, perhaps a bias.</summary>
    public static void Transposed(FloatCall call)
    {
        var options = call.Node.Options as TransposeConvOptions ?? new TransposeConvOptions();
        int[] w = call.Shape(1), inShape = call.Shape(2), outShape = call.Node.Output.Shape;
        ConvolutionGeometry g = ConvolutionGeometry.Of(
            call.Node, outShape[1], outShape[2], w[1], w[2], options.Padding, options.StrideH, options.StrideW);
        float[] weights = call.Input(1), input = call.Input(2), output = call.Output;
        (int depth, int outputs) = (inShape[3], w[0]);
        if (call.OptionalInput(3) is { } bias)
        {
            for (int i = 0; i < output.Length; i++) output[i] = bias[i % outputs];
        }

        for (int pixel = 0; pixel < input.Length / depth; pixel++)
        {
            int x = pixel % inShape[2], y = pixel / inShape[2] % inShape[1], batch = pixel / inShape[2] / inShape[1];
            ReadOnlySpan<float> from = input.AsSpan(pixel * depth, depth);
            for (int ky = 0; ky < w[1]; ky++)
            {
                int outY = y * g.StrideHeight - g.PadTop + ky;
                if (outY < 0 || outY >= outShape[1]) continue;
                for (int kx = 0; kx < w[2]; kx++)
                {
                    int outX = x * g.StrideWidth - g.PadLeft + kx;
                    if (outX < 0 || outX >= outShape[2]) continue;
                    int to = ((batch * outShape[1] + outY) * outShape[2] + outX) * outputs;
                    for (int o = 0; o < outputs; o++) output[to + o] += Sums.Dot(from, weights.AsSpan(((o * w[1] + ky) * w[2] + kx) * depth, depth));
                }
            }
        }

        FloatActivation.Apply(options.Activation, output);
    }

    /// <summary>The image and the window's upper left corner of each output pixel in order.</summary>
    internal static IEnumerable<(int Batch, int Top, int Left)> Pixels(FloatCall call, ConvolutionGeometry g)
    {
        int[] shape = call.Node.Output.Shape;
        for (int b = 0; b < shape[0]; b++)
        {
            for (int y = 0; y < shape[1]; y++)
            {
                for (int x = 0; x < shape[2]; x++) yield return (b, y * g.StrideHeight - g.PadTop, x * g.StrideWidth - g.PadLeft);
            }
        }
    }

    /// <summary>The window's pixels, zeros outside, group by group.</summary>
    private static void Gather(
        float[] input, int[] shape, int batch, int top, int left, ConvolutionGeometry g, int depth, int groups, float[] window)
    {
        (int height, int width, int channels) = (shape[1], shape[2], shape[3]);
        int tap = 0, taps = g.KernelHeight * g.KernelWidth * depth;
        for (int ky = 0; ky < g.KernelHeight; ky++)
        {
            int y = top + ky * g.DilationHeight;
            for (int kx = 0; kx < g.KernelWidth; kx++, tap += depth)
            {
                int x = left + kx * g.DilationWidth;
                bool inside = y >= 0 && y < height && x >= 0 && x < width;
                int from = ((batch * height + y) * width + x) * channels;
                for (int group = 0; group < groups; group++)
                {
                    Span<float> to = window.AsSpan(group * taps + tap, depth);
                    if (inside) input.AsSpan(from + group * depth, depth).CopyTo(to);
                    else to.Clear();
                }
            }
        }
    }
}

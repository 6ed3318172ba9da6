using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Float;

/// <summary>Pooling: only what lies inside the image counts.</summary>
internal static class FloatPools
{
    /// <summary>The mean of the window.</summary>
    public static void Average(FloatCall call) => Run(call, (sum, value) => sum + value, 0, (sum, count) => sum / count);

    /// <summary>The largest of the window.</summary>
    public static void Max(FloatCall call) => Run(call, Math.Max, float.NegativeInfinity, (max, _) => max);

    /// <summary>The root of the mean square of the window.</summary>
    public static void L2(FloatCall call) => Run(call, (sum, value) => sum + value * value, 0, (sum, count) => MathF.Sqrt(sum / count));

    private static void Run(FloatCall call, Func<float, float, float> add, float start, Func<float, int, float> finish)
    {
        var options = (Pool2DOptions)call.Node.Options!;
        int[] shape = call.Shape();
        ConvolutionGeometry g = ConvolutionGeometry.Of(
            call.Node, shape[1], shape[2], options.FilterHeight, options.FilterWidth, options.Padding, options.StrideH, options.StrideW);
        (int height, int width, int channels) = (shape[1], shape[2], shape[3]);
        float[] input = call.Input(), output = call.Output;
        int at = 0;
        foreach ((int batch, int top, int left) in FloatConvolutions.Pixels(call, g))
        {
            int y0 = Math.Max(0, top), y1 = Math.Min(height, top + g.KernelHeight), x0 = Math.Max(0, left), x1 = Math.Min(width, left + g.KernelWidth);
            for (int c = 0; c < channels; c++)
            {
                float sum = start;
                for (int y = y0; y < y1; y++)
                {
                    for (int x = x0; x < x1; x++) sum = add(sum, input[((batch * height + y) * width + x) * channels + c]);
                }

                output[at++] = finish(sum, Math.Max(1, (y1 - y0) * (x1 - x0)));
            }
        }

        FloatActivation.Apply(options.Activation, output);
    }
}

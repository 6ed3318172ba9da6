using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Float;

/// <summary>Resizing of NHWC images.</summary>
internal static class FloatResize
{
    /// <summary>RESIZE_NEAREST_NEIGHBOR (TFLite reference/resize_nearest_neighbor.h).</summary>
    public static void Nearest(FloatCall call)
    {
        var options = call.Node.Options as ResizeNearestNeighborOptions ?? new ResizeNearestNeighborOptions();
        int[] shape = call.Shape(), outShape = call.Node.Output.Shape;
        int[] rows = Operators.ResizeNearestOperator.Sources(shape[1], outShape[1], options), columns = Operators.ResizeNearestOperator.Sources(shape[2], outShape[2], options);
        int channels = shape[3], at = 0;
        for (int b = 0; b < shape[0]; b++)
        {
            foreach (int y in rows)
            {
                foreach (int x in columns)
                {
                    call.Input().AsSpan(((b * shape[1] + y) * shape[2] + x) * channels, channels).CopyTo(call.Output.AsSpan(at, channels));
                    at += channels;
                }
            }
        }
    }

    /// <summary>RESIZE_BILINEAR (TFLite reference/resize_bilinear.h).</summary>
    public static void Bilinear(FloatCall call)
    {
        var options = call.Node.Options as ResizeBilinearOptions ?? new ResizeBilinearOptions();
        int[] shape = call.Shape(), outShape = call.Node.Output.Shape;
        float[] input = call.Input();
        int channels = shape[3], at = 0;
        for (int b = 0; b < shape[0]; b++)
        {
            for (int oy = 0; oy < outShape[1]; oy++)
            {
                (int y0, int y1, float dy) = Position(oy, shape[1], outShape[1], options);
                for (int ox = 0; ox < outShape[2]; ox++)
                {
                    (int x0, int x1, float dx) = Position(ox, shape[2], outShape[2], options);
                    for (int c = 0; c < channels; c++)
                    {
                        float At(int y, int x) => input[((b * shape[1] + y) * shape[2] + x) * channels + c];
                        call.Output[at++] = At(y0, x0) * (1 - dy) * (1 - dx) + At(y1, x0) * dy * (1 - dx) + At(y0, x1) * (1 - dy) * dx + At(y1, x1) * dy * dx;
                    }
                }
            }
        }
    }

    private static (int Low, int High, float Fraction) Position(int index, int inSize, int outSize, ResizeBilinearOptions options)
    {
        float scale = options.AlignCorners && outSize > 1 ? (inSize - 1) / (float)(outSize - 1) : inSize / (float)outSize;
        float position = options.HalfPixelCenters ? (index + 0.5f) * scale - 0.5f : index * scale;
        int low = Math.Max((int)MathF.Floor(position), 0);
        return (Math.Min(low, inSize - 1), Math.Min((int)MathF.Ceiling(Math.Max(position, 0)), inSize - 1), position - low);
    }
}

using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Float;

/// <summary>Products of matrices.</summary>
internal static class FloatMatrices
{
    /// <summary>FULLY_CONNECTED, weights [out, in], constant or computed.</summary>
    public static void FullyConnected(FloatCall call)
    {
        var options = call.Node.Options as FullyConnectedOptions ?? new FullyConnectedOptions();
        (int outputs, int depth) = (call.Shape(1)[0], call.Shape(1)[1]);
        float[] input = call.Input(), weights = call.Input(1), output = call.Output;
        float[]? bias = call.OptionalInput(2);
        for (int row = 0; row < output.Length / outputs; row++)
        {
            ReadOnlySpan<float> x = input.AsSpan(row * depth, depth);
            for (int o = 0; o < outputs; o++) output[row * outputs + o] = Sums.Dot(x, weights.AsSpan(o * depth, depth)) + (bias?[o] ?? 0);
        }

        FloatActivation.Apply(options.Activation, output);
    }

    /// <summary>BATCH_MATMUL with broadcast batches and either operand transposed.</summary>
    public static void BatchMatMul(FloatCall call)
    {
        var options = call.Node.Options as BatchMatMulOptions ?? new BatchMatMulOptions();
        int[] a = call.Shape(), b = call.Shape(1), shape = call.Node.Output.Shape;
        (int rows, int columns, int depth) = (shape[^2], shape[^1], options.AdjX ? a[^2] : a[^1]);
        (int[] first, int[] second) = call.Once(() => new BroadcastMaps([.. shape[..^2]], [.. a[..^2]], [.. b[..^2]])).Both;
        float[] x = call.Input(), y = call.Input(1);
        var left = new float[depth];
        for (int batch = 0; batch < first.Length; batch++)
        {
            int xAt = first[batch] * rows * depth, yAt = second[batch] * depth * columns;
            for (int r = 0; r < rows; r++)
            {
                for (int d = 0; d < depth; d++) left[d] = x[xAt + (options.AdjX ? d * rows + r : r * depth + d)];
                Span<float> to = call.Output.AsSpan((batch * rows + r) * columns, columns);
                if (options.AdjY) for (int c = 0; c < columns; c++) to[c] = Sums.Dot(left, y.AsSpan(yAt + c * depth, depth));
                else for (int d = 0; d < depth; d++) Sums.AddScaled(to, y.AsSpan(yAt + d * columns, columns), left[d]);
            }
        }
    }
}

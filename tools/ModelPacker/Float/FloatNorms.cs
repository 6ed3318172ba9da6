using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Float;

/// <summary>LayerNorm, RMSNorm and GroupNorm; sums in double.</summary>
internal static class FloatNorms
{
    /// <summary>LayerNorm over the last dimension.</summary>
    public static void Layer(FloatCall call)
    {
        float epsilon = ((LayerNormOptions)call.Node.Options!).Epsilon;
        int n = call.Shape()[^1];
        float[]? scale = call.OptionalInput(1), bias = call.OptionalInput(2);
        for (int at = 0; at < call.Output.Length; at += n)
        {
            (double mean, double factor) = Moments(call.Input().AsSpan(at, n), epsilon);
            for (int i = 0; i < n; i++) call.Output[at + i] = (float)((call.Input()[at + i] - mean) * factor * (scale?[i] ?? 1) + (bias?[i] ?? 0));
        }
    }

    /// <summary>RMSNorm over the last dimension.</summary>
    public static void Rms(FloatCall call)
    {
        float epsilon = ((RmsNormOptions)call.Node.Options!).Epsilon;
        int n = call.Shape()[^1];
        float[]? scale = call.OptionalInput(1);
        for (int at = 0; at < call.Output.Length; at += n)
        {
            double sum = 0;
            for (int i = 0; i < n; i++) sum += (double)call.Input()[at + i] * call.Input()[at + i];
            double factor = 1 / Math.Sqrt(sum / n + epsilon);
            for (int i = 0; i < n; i++) call.Output[at + i] = (float)(call.Input()[at + i] * factor * (scale?[i] ?? 1));
        }
    }

    /// <summary>GroupNorm: x[batch, ..., channels], groups of neighbouring channels.</summary>
    public static void Group(FloatCall call)
    {
        var options = (GroupNormOptions)call.Node.Options!;
        int[] shape = call.Shape();
        int channels = shape[^1], perGroup = channels / options.Groups, positions = call.Output.Length / shape[0] / channels;
        float[] input = call.Input();
        float[]? scale = call.OptionalInput(1), bias = call.OptionalInput(2);
        var values = new float[positions * perGroup];
        for (int b = 0; b < shape[0]; b++)
        {
            for (int g = 0; g < options.Groups; g++)
            {
                int At(int i) => (b * positions + i / perGroup) * channels + g * perGroup + i % perGroup;
                for (int i = 0; i < values.Length; i++) values[i] = input[At(i)];
                (double mean, double factor) = Moments(values, options.Epsilon);
                for (int i = 0; i < values.Length; i++)
                {
                    int c = g * perGroup + i % perGroup;
                    call.Output[At(i)] = (float)((values[i] - mean) * factor * (scale?[c] ?? 1) + (bias?[c] ?? 0));
                }
            }
        }
    }

    private static (double Mean, double Factor) Moments(ReadOnlySpan<float> values, float epsilon)
    {
        double sum = 0, squares = 0;
        foreach (float v in values) sum += v;
        double mean = sum / values.Length;
        foreach (float v in values) squares += (v - mean) * (v - mean);
        return (mean, 1 / Math.Sqrt(squares / values.Length + epsilon));
    }
}

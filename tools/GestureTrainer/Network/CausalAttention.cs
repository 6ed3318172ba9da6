namespace TinyAI.GestureTrainer.Network;

/// <summary>
/// Multi-head attention in which a time sees itself and what came before (Vaswani et al. 2017). Each time's input holds
/// query, key and value one behind the other; the output holds the heads' results side by side.
/// </summary>
internal sealed class CausalAttention(int length, int channels, int heads) : Layer(length * 3 * channels, length * channels)
{
    private readonly int _depth = channels / heads;
    private readonly float[] _weights = new float[heads * length * length];
    private readonly float[] _slopes = new float[length];

    public int Heads { get; } = heads;

    public override void Forward(float[] input, bool training)
    {
        float scale = 1 / MathF.Sqrt(_depth);
        Array.Clear(Output);
        for (int h = 0; h < Heads; h++)
        {
            for (int t = 0; t < length; t++)
            {
                Span<float> weights = _weights.AsSpan((h * length + t) * length, t + 1);
                for (int s = 0; s <= t; s++)
                    weights[s] = scale * Dot(Part(input, t, 0, h), Part(input, s, 1, h));
                SoftmaxCrossEntropy.Softmax(weights, weights);
                Span<float> output = Output.AsSpan(t * channels + h * _depth, _depth);
                for (int s = 0; s <= t; s++)
                    Lanes.AddScaled(output, weights[s], Part(input, s, 2, h));
            }
        }
    }

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        float scale = 1 / MathF.Sqrt(_depth);
        Array.Clear(InputGradient);
        for (int h = 0; h < Heads; h++)
        {
            for (int t = 0; t < length; t++)
            {
                ReadOnlySpan<float> weights = _weights.AsSpan((h * length + t) * length, t + 1);
                ReadOnlySpan<float> gradient = outputGradient.AsSpan(t * channels + h * _depth, _depth);
                float mean = 0;
                for (int s = 0; s <= t; s++)
                {
                    _slopes[s] = Dot(gradient, Part(input, s, 2, h));
                    mean += weights[s] * _slopes[s];
                    Lanes.AddScaled(Part(InputGradient, s, 2, h), weights[s], gradient);
                }

                for (int s = 0; s <= t; s++)
                {
                    // The slope of the loss along the product of query and key, by the derivative of softmax.
                    float score = scale * weights[s] * (_slopes[s] - mean);
                    Lanes.AddScaled(Part(InputGradient, t, 0, h), score, Part(input, s, 1, h));
                    Lanes.AddScaled(Part(InputGradient, s, 1, h), score, Part(input, t, 0, h));
                }
            }
        }
    }

    /// <summary>One head's query (0), key (1) or value (2) at a time.</summary>
    private Span<float> Part(float[] values, int time, int which, int head) => values.AsSpan((3 * time + which) * channels + head * _depth, _depth);

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}

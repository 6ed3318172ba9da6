namespace TinyAI.GestureTrainer.Network;

/// <summary>
/// Attention over time with learned queries: head h gives every time t the weight softmax over t of
/// (x[t] · query[h] + position[h][t]) and puts out the weighted mean of x. Long or short, early or late, a gesture comes out
/// as heads × channels numbers. The usual factor 1 / sqrt(channels) is left to the queries' initial size.
/// </summary>
internal sealed class AttentionPool(int length, int channels, int heads) : Layer(length * channels, heads * channels)
{
    private readonly float[] _weights = new float[heads * length];
    private readonly float[] _slopes = new float[length];

    public int Length { get; } = length;
    public int Channels { get; } = channels;
    public int Heads { get; } = heads;

    /// <summary>[head][channel].</summary>
    public Parameter Queries { get; } = new(heads * channels, decays: true);

    /// <summary>[head][time].</summary>
    public Parameter Positions { get; } = new(heads * length, decays: true);

    /// <summary>[head][time]: x · query of the last forward pass.</summary>
    public float[] Match { get; } = new float[heads * length];

    /// <summary>[head][time]: the match and the position's share.</summary>
    public float[] Scores { get; } = new float[heads * length];

    public override IReadOnlyList<Parameter> Parameters => [Queries, Positions];

    public override void Initialise(SeededRandom random)
    {
        double size = 1 / Math.Sqrt(Channels);
        for (int i = 0; i < Queries.Value.Length; i++)
            Queries.Value[i] = (float)random.Uniform(-size, size);
        for (int i = 0; i < Positions.Value.Length; i++)
            Positions.Value[i] = (float)random.Uniform(-1, 1);
    }

    public override void Forward(float[] input, bool training)
    {
        Array.Clear(Output);
        for (int h = 0; h < Heads; h++)
        {
            Span<float> weights = _weights.AsSpan(h * Length, Length);
            ReadOnlySpan<float> query = Queries.Value.AsSpan(h * Channels, Channels);
            for (int t = 0; t < Length; t++)
            {
                float match = 0;
                for (int c = 0; c < Channels; c++)
                    match += input[t * Channels + c] * query[c];
                Match[h * Length + t] = match;
                Scores[h * Length + t] = match + Positions.Value[h * Length + t];
            }
            SoftmaxCrossEntropy.Softmax(Scores.AsSpan(h * Length, Length), weights);
            for (int t = 0; t < Length; t++)
                Lanes.AddScaled(Output.AsSpan(h * Channels, Channels), weights[t], input.AsSpan(t * Channels, Channels));
        }
    }

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        if (needsInputGradient)
            Array.Clear(InputGradient);
        for (int h = 0; h < Heads; h++)
        {
            ReadOnlySpan<float> weights = _weights.AsSpan(h * Length, Length);
            ReadOnlySpan<float> gradient = outputGradient.AsSpan(h * Channels, Channels);
            float mean = 0;
            for (int t = 0; t < Length; t++)
            {
                float slope = 0;
                for (int c = 0; c < Channels; c++)
                    slope += gradient[c] * input[t * Channels + c];
                _slopes[t] = slope;
                mean += weights[t] * slope;
            }

            for (int t = 0; t < Length; t++)
            {
                // The slope of the loss along the score, by the derivative of softmax.
                float score = weights[t] * (_slopes[t] - mean);
                Positions.Gradient[h * Length + t] += score;
                Lanes.AddScaled(Queries.Gradient.AsSpan(h * Channels, Channels), score, input.AsSpan(t * Channels, Channels));
                if (!needsInputGradient)
                    continue;
                Span<float> back = InputGradient.AsSpan(t * Channels, Channels);
                Lanes.AddScaled(back, weights[t], gradient);
                Lanes.AddScaled(back, score, Queries.Value.AsSpan(h * Channels, Channels));
            }
        }
    }
}

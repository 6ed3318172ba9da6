namespace TinyAI.GestureTrainer.Network;

/// <summary>Each time's channels brought to mean 0 and variance 1, then scaled and shifted by learned numbers (Ba et al. 2016).</summary>
internal sealed class LayerNorm(int length, int channels) : Layer(length * channels, length * channels)
{
    /// <summary>What keeps the division possible.</summary>
    public const float Epsilon = 1e-5f;

    private readonly float[] _normalised = new float[length * channels];
    private readonly float[] _inverse = new float[length];

    public Parameter Scale { get; } = new(channels, decays: false);

    public Parameter Bias { get; } = new(channels, decays: false);

    public override IReadOnlyList<Parameter> Parameters => [Scale, Bias];

    public override void Initialise(SeededRandom random) => Array.Fill(Scale.Value, 1);

    public override void Forward(float[] input, bool training)
    {
        for (int t = 0; t < length; t++)
        {
            int at = t * channels;
            double mean = 0, square = 0;
            for (int c = 0; c < channels; c++)
                mean += input[at + c];
            mean /= channels;
            for (int c = 0; c < channels; c++)
                square += (input[at + c] - mean) * (input[at + c] - mean);
            _inverse[t] = (float)(1 / Math.Sqrt(square / channels + Epsilon));
            for (int c = 0; c < channels; c++)
            {
                _normalised[at + c] = (float)(input[at + c] - mean) * _inverse[t];
                Output[at + c] = _normalised[at + c] * Scale.Value[c] + Bias.Value[c];
            }
        }
    }

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        for (int t = 0; t < length; t++)
        {
            int at = t * channels;
            double mean = 0, along = 0;
            for (int c = 0; c < channels; c++)
            {
                float gradient = outputGradient[at + c];
                Bias.Gradient[c] += gradient;
                Scale.Gradient[c] += gradient * _normalised[at + c];
                mean += gradient * Scale.Value[c];
                along += gradient * Scale.Value[c] * _normalised[at + c];
            }

            mean /= channels;
            along /= channels;
            for (int c = 0; c < channels; c++)
                InputGradient[at + c] = (float)(outputGradient[at + c] * Scale.Value[c] - mean - _normalised[at + c] * along) * _inverse[t];
        }
    }
}

namespace TinyAI.GestureTrainer.Network;

/// <summary>A learned row for each token and one for each time, added. The input holds the tokens' numbers; it has no gradient.</summary>
internal sealed class Embedding(int length, int vocabulary, int channels) : Layer(length, length * channels)
{
    private const double InitialDeviation = 0.1;

    /// <summary>[token][channel].</summary>
    public Parameter Tokens { get; } = new(vocabulary * channels, decays: false);

    /// <summary>[time][channel].</summary>
    public Parameter Positions { get; } = new(length * channels, decays: false);

    public override IReadOnlyList<Parameter> Parameters => [Tokens, Positions];

    public override void Initialise(SeededRandom random)
    {
        foreach (Parameter table in Parameters)
        {
            for (int i = 0; i < table.Value.Length; i++)
                table.Value[i] = (float)(InitialDeviation * random.Normal());
        }
    }

    public override void Forward(float[] input, bool training)
    {
        Positions.Value.CopyTo(Output, 0);
        for (int t = 0; t < InputSize; t++)
            Lanes.AddScaled(Output.AsSpan(t * channels, channels), 1, Tokens.Value.AsSpan((int)input[t] * channels, channels));
    }

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        Lanes.AddScaled(Positions.Gradient, 1, outputGradient);
        for (int t = 0; t < InputSize; t++)
            Lanes.AddScaled(Tokens.Gradient.AsSpan((int)input[t] * channels, channels), 1, outputGradient.AsSpan(t * channels, channels));
    }
}

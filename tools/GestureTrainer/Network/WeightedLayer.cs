namespace TinyAI.GestureTrainer.Network;

/// <summary>
/// What convolution and dense layers share: a matrix from a window of inputs to output channels, and a bias. Weights are
/// kept [input][output] for the forward pass and copied transposed for the backward pass, so that both run along rows.
/// </summary>
internal abstract class WeightedLayer : Layer
{
    private readonly float[] _transposed;

    protected WeightedLayer(int inputSize, int outputSize, int fanIn, int outputs)
        : base(inputSize, outputSize)
    {
        FanIn = fanIn;
        Outputs = outputs;
        Weights = new Parameter(fanIn * outputs, decays: true);
        Bias = new Parameter(outputs, decays: false);
        Parameters = [Weights, Bias];
        _transposed = new float[fanIn * outputs];
    }

    /// <summary>Inputs that one output sees.</summary>
    public int FanIn { get; }

    public int Outputs { get; }

    public Parameter Weights { get; }

    public Parameter Bias { get; }

    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>He initialisation: uniform with variance 2 / fan-in.</summary>
    public override void Initialise(SeededRandom random)
    {
        double limit = Math.Sqrt(6.0 / FanIn);
        for (int i = 0; i < Weights.Value.Length; i++)
            Weights.Value[i] = (float)random.Uniform(-limit, limit);
        Array.Clear(Bias.Value);
        ParametersChanged();
    }

    public override void ParametersChanged()
    {
        for (int i = 0; i < FanIn; i++)
        {
            for (int o = 0; o < Outputs; o++)
                _transposed[o * FanIn + i] = Weights.Value[i * Outputs + o];
        }
    }

    protected void ForwardWindow(ReadOnlySpan<float> window, Span<float> outputs)
    {
        Bias.Value.CopyTo(outputs);
        ReadOnlySpan<float> weights = Weights.Value;
        for (int i = 0; i < window.Length; i++)
            Lanes.AddScaled(outputs, window[i], weights.Slice(i * Outputs, Outputs));
    }

    protected void BackwardWindow(ReadOnlySpan<float> window, ReadOnlySpan<float> outputGradient, Span<float> windowGradient)
    {
        Lanes.AddScaled(Bias.Gradient, 1, outputGradient);
        Span<float> gradient = Weights.Gradient;
        for (int i = 0; i < window.Length; i++)
        {
            if (window[i] != 0)
                Lanes.AddScaled(gradient.Slice(i * Outputs, Outputs), window[i], outputGradient);
        }

        if (windowGradient.IsEmpty)
            return;
        ReadOnlySpan<float> transposed = _transposed;
        for (int o = 0; o < Outputs; o++)
        {
            // Behind a max pool most positions carry no gradient.
            if (outputGradient[o] != 0)
                Lanes.AddScaled(windowGradient, outputGradient[o], transposed.Slice(o * FanIn, FanIn));
        }
    }
}

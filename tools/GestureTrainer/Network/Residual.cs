namespace TinyAI.GestureTrainer.Network;

/// <summary>x + f(x), f being layers one behind the other.</summary>
internal sealed class Residual(IReadOnlyList<Layer> inner) : Layer(inner[0].InputSize, inner[^1].Output.Length)
{
    private readonly Sequential _inner = new(inner);

    public IReadOnlyList<Layer> Inner => _inner.Layers;

    public override IReadOnlyList<Parameter> Parameters => _inner.Parameters;

    public override void Initialise(SeededRandom random)
    {
        foreach (Layer layer in Inner)
            layer.Initialise(random);
    }

    public override void Forward(float[] input, bool training)
    {
        _inner.Forward(input, training).CopyTo(Output, 0);
        Lanes.AddScaled(Output, 1, input);
    }

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        _inner.Backward(input, outputGradient, needsInputGradient: true);
        Inner[0].InputGradient.CopyTo(InputGradient, 0);
        Lanes.AddScaled(InputGradient, 1, outputGradient);
    }

    public override void ParametersChanged() => _inner.ParametersChanged();
}

namespace TinyAI.GestureTrainer.Network;

/// <summary>Layers one behind the other; the last one's output is the logits.</summary>
internal sealed class Sequential(IReadOnlyList<Layer> layers)
{
    public IReadOnlyList<Layer> Layers { get; } = layers;

    public IReadOnlyList<Parameter> Parameters { get; } = [.. layers.SelectMany(l => l.Parameters)];

    public int ParameterCount => Parameters.Sum(p => p.Value.Length);

    public float[] Forward(float[] input, bool training)
    {
        foreach (Layer layer in Layers)
        {
            layer.Forward(input, training);
            input = layer.Output;
        }
        return input;
    }

    /// <summary>Must follow the <see cref="Forward"/> of the same input.</summary>
    public void Backward(float[] input, float[] logitsGradient, bool needsInputGradient = false)
    {
        float[] gradient = logitsGradient;
        for (int i = Layers.Count - 1; i >= 0; i--)
        {
            Layers[i].Backward(i == 0 ? input : Layers[i - 1].Output, gradient, needsInputGradient || i > 0);
            gradient = Layers[i].InputGradient;
        }
    }

    public void ParametersChanged()
    {
        foreach (Layer layer in Layers)
            layer.ParametersChanged();
    }
}

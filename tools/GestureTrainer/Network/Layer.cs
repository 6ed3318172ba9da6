namespace TinyAI.GestureTrainer.Network;

/// <summary>Weights that training changes, with the gradient summed over the samples of a batch.</summary>
internal sealed class Parameter(int size, bool decays)
{
    public float[] Value { get; } = new float[size];
    public float[] Gradient { get; } = new float[size];

    /// <summary>Whether weight decay applies; biases are left free.</summary>
    public bool Decays { get; } = decays;
}

/// <summary>
/// A layer works on one sample at a time in buffers of its own. Activations are laid out [time][channel], so that a
/// convolution's window is one contiguous stretch.
/// </summary>
internal abstract class Layer(int inputSize, int outputSize)
{
    public int InputSize { get; } = inputSize;
    public float[] Output { get; } = new float[outputSize];
    public float[] InputGradient { get; } = new float[inputSize];

    public virtual IReadOnlyList<Parameter> Parameters => [];

    public abstract void Forward(float[] input, bool training);

    /// <summary>Adds to the parameters' gradients and sets <see cref="InputGradient"/> unless the layer is the first.</summary>
    public abstract void Backward(float[] input, float[] outputGradient, bool needsInputGradient);

    /// <summary>Gives the parameters the values that training begins with.</summary>
    public virtual void Initialise(SeededRandom random)
    {
    }

    /// <summary>Called after the parameters have changed.</summary>
    public virtual void ParametersChanged()
    {
    }
}

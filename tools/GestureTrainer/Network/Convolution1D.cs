namespace TinyAI.GestureTrainer.Network;

/// <summary>A convolution along time without padding.</summary>
internal sealed class Convolution1D(int length, int inputChannels, int outputChannels, int kernel, int stride)
    : WeightedLayer(length * inputChannels, OutputLengthOf(length, kernel, stride) * outputChannels, kernel * inputChannels, outputChannels)
{
    public int Length { get; } = length;
    public int InputChannels { get; } = inputChannels;
    public int Kernel { get; } = kernel;
    public int Stride { get; } = stride;
    public int OutputLength { get; } = OutputLengthOf(length, kernel, stride);

    public override void Forward(float[] input, bool training)
    {
        for (int t = 0; t < OutputLength; t++)
            ForwardWindow(input.AsSpan(t * Stride * InputChannels, FanIn), Output.AsSpan(t * Outputs, Outputs));
    }

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        if (needsInputGradient)
            Array.Clear(InputGradient);
        for (int t = 0; t < OutputLength; t++)
        {
            int start = t * Stride * InputChannels;
            Span<float> windowGradient = needsInputGradient ? InputGradient.AsSpan(start, FanIn) : [];
            BackwardWindow(input.AsSpan(start, FanIn), outputGradient.AsSpan(t * Outputs, Outputs), windowGradient);
        }
    }

    private static int OutputLengthOf(int length, int kernel, int stride) => (length - kernel) / stride + 1;
}

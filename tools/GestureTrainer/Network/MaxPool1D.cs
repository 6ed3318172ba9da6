namespace TinyAI.GestureTrainer.Network;

/// <summary>The greatest of <paramref name="size"/> neighbouring times, channel by channel; a rest shorter than that is dropped.</summary>
internal sealed class MaxPool1D(int length, int channels, int size) : Layer(length * channels, length / size * channels)
{
    private readonly int[] _winners = new int[length / size * channels];

    public int Length { get; } = length;
    public int Channels { get; } = channels;
    public int Size { get; } = size;
    public int OutputLength { get; } = length / size;

    public override void Forward(float[] input, bool training)
    {
        for (int o = 0; o < Output.Length; o++)
        {
            int best = o / Channels * Size * Channels + o % Channels;
            for (int k = 1, i = best + Channels; k < Size; k++, i += Channels)
            {
                if (input[i] > input[best])
                    best = i;
            }
            _winners[o] = best;
            Output[o] = input[best];
        }
    }

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        Array.Clear(InputGradient);
        for (int o = 0; o < Output.Length; o++)
            InputGradient[_winners[o]] = outputGradient[o];
    }
}

namespace TinyAI.GestureTrainer.Network;

/// <summary>Silences a share of its inputs while training, and makes the others louder to keep the sum.</summary>
internal sealed class Dropout(int size, double rate, SeededRandom random) : Layer(size, size)
{
    private readonly float[] _gains = new float[size];

    public override void Forward(float[] input, bool training)
    {
        float gain = (float)(1 / (1 - rate));
        for (int i = 0; i < input.Length; i++)
        {
            _gains[i] = !training ? 1 : random.NextDouble() < rate ? 0 : gain;
            Output[i] = input[i] * _gains[i];
        }
    }

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        for (int i = 0; i < input.Length; i++)
            InputGradient[i] = outputGradient[i] * _gains[i];
    }
}

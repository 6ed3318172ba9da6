namespace TinyAI.GestureTrainer.Network;

/// <summary>max(0, x).</summary>
internal sealed class Relu(int size) : Layer(size, size)
{
    public override void Forward(float[] input, bool training)
    {
        for (int i = 0; i < input.Length; i++)
            Output[i] = Math.Max(0, input[i]);
    }

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        for (int i = 0; i < input.Length; i++)
            InputGradient[i] = input[i] > 0 ? outputGradient[i] : 0;
    }
}

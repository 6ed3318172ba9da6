namespace TinyAI.GestureTrainer.Network;

/// <summary>The Gaussian error linear unit by its tanh form (Hendrycks and Gimpel 2016): x * sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)).</summary>
internal sealed class Gelu(int size) : Layer(size, size)
{
    private const double Slope = 1.5957691216057308, Cubic = 0.044715;

    private readonly float[] _gates = new float[size];

    public override void Forward(float[] input, bool training)
    {
        for (int i = 0; i < input.Length; i++)
        {
            double x = input[i];
            _gates[i] = (float)(1 / (1 + DeterministicMath.Exp(Math.Clamp(-Slope * (x + Cubic * x * x * x), -80, 80))));
            Output[i] = input[i] * _gates[i];
        }
    }

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        for (int i = 0; i < input.Length; i++)
        {
            float gate = _gates[i], x = input[i];
            InputGradient[i] = outputGradient[i] * (gate + x * gate * (1 - gate) * (float)Slope * (1 + 3 * (float)Cubic * x * x));
        }
    }
}

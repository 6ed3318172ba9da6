namespace TinyAI.GestureTrainer.Network;

/// <summary>Adam with decoupled weight decay (AdamW).</summary>
internal sealed class Adam
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const float Epsilon = 1e-8f;

    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly float[][] _first;
    private readonly float[][] _second;
    private double _power1 = 1;
    private double _power2 = 1;

    public Adam(IReadOnlyList<Parameter> parameters)
    {
        _parameters = parameters;
        _first = [.. parameters.Select(p => new float[p.Value.Length])];
        _second = [.. parameters.Select(p => new float[p.Value.Length])];
    }

    /// <summary>One step along the mean gradient of <paramref name="samples"/> samples; clears the gradients.</summary>
    public void Step(double learningRate, double weightDecay, int samples)
    {
        // Running products rather than Math.Pow, which rounds differently between systems.
        _power1 *= Beta1;
        _power2 *= Beta2;
        float rate = (float)(learningRate / (1 - _power1));
        float correction = (float)(1 / (1 - _power2));
        for (int p = 0; p < _parameters.Count; p++)
        {
            Parameter parameter = _parameters[p];
            float decay = parameter.Decays ? (float)(1 - learningRate * weightDecay) : 1;
            float[] first = _first[p];
            float[] second = _second[p];
            for (int i = 0; i < first.Length; i++)
            {
                float gradient = parameter.Gradient[i] / samples;
                first[i] = (float)Beta1 * first[i] + (float)(1 - Beta1) * gradient;
                second[i] = (float)Beta2 * second[i] + (float)(1 - Beta2) * gradient * gradient;
                parameter.Value[i] = decay * parameter.Value[i] - rate * first[i] / (MathF.Sqrt(second[i] * correction) + Epsilon);
            }
            Array.Clear(parameter.Gradient);
        }
    }
}

namespace TinyAI.GestureTrainer.Network;

/// <summary>The loss: cross entropy of the softmax of the logits against a distribution over the classes.</summary>
internal static class SoftmaxCrossEntropy
{
    public static void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        float greatest = float.NegativeInfinity;
        foreach (float logit in logits)
            greatest = Math.Max(greatest, logit);
        double sum = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            double e = DeterministicMath.Exp(logits[i] - greatest);
            probabilities[i] = (float)e;
            sum += e;
        }
        for (int i = 0; i < logits.Length; i++)
            probabilities[i] = (float)(probabilities[i] / sum);
    }

    /// <summary>Sets the gradient with respect to the logits and returns the loss.</summary>
    public static double Backward(ReadOnlySpan<float> logits, ReadOnlySpan<float> target, Span<float> gradient)
    {
        Softmax(logits, gradient);
        double loss = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            // The loss is only shown, never trained on, so the system's logarithm does no harm here.
            loss -= target[i] * Math.Log(Math.Max(gradient[i], 1e-12));
            gradient[i] -= target[i];
        }
        return loss;
    }
}

using TinyAI.GestureTrainer.Network;
using TinyAI.ModelPacker.Build;

namespace TinyAI.GestureTrainer.Text;

/// <summary>What a training run depends on.</summary>
internal sealed record TextTrainingOptions
{
    public DecoderShape Shape { get; init; } = TextNetwork.Shape;
    public int Seed { get; init; } = 1;
    public int Steps { get; init; } = 2000;
    public int BatchSize { get; init; } = 12;
    public double LearningRate { get; init; } = 4e-3;
    public double WeightDecay { get; init; } = 0.02;
    public int WarmUp { get; init; } = 50;
}

/// <summary>Trains the decoder to name the next character.</summary>
internal static class TextTrainer
{
    public static TextNetwork Train(TextTrainingOptions options, Action<double, double>? progress = null)
    {
        SeededRandom random = new(options.Seed);
        TextNetwork network = new(options.Shape, random);
        Adam adam = new(network.Layers.Parameters);
        int length = options.Shape.Length, vocabulary = options.Shape.Vocabulary;
        float[] input = new float[length], gradient = new float[length * vocabulary], target = new float[vocabulary];
        for (int step = 0; step < options.Steps; step++)
        {
            double loss = 0;
            for (int i = 0; i < options.BatchSize; i++)
            {
                int[] text = Draw(random, length + 1, heldOut: false);
                for (int t = 0; t < length; t++)
                    input[t] = text[t];
                float[] logits = network.Layers.Forward(input, training: true);
                loss += Loss(logits, text, target, gradient);
                network.Layers.Backward(input, gradient);
            }

            // The gradient is that of the mean over all characters of the batch.
            adam.Step(options.LearningRate * Schedule(step, options), options.WeightDecay, options.BatchSize * length);
            network.Layers.ParametersChanged();
            progress?.Invoke((step + 1.0) / options.Steps, loss / options.BatchSize / length / Math.Log(2));
        }

        return network;
    }

    /// <summary>The first characters of sentences one behind the other, after the full stop that stands before every text.</summary>
    public static int[] Draw(SeededRandom random, int length, bool heldOut)
    {
        List<int> text = [0];
        while (text.Count < length)
            text.AddRange((text.Count > 1 ? " " : "").Concat(Spells.Sentence(random, heldOut).Text).Select(c => Spells.Alphabet.IndexOf(c)));
        return [.. text.Take(length)];
    }

    /// <summary>Sets the gradient along the logits of each time and returns the loss, summed over times, in nats.</summary>
    private static double Loss(float[] logits, int[] text, float[] target, float[] gradient)
    {
        double loss = 0;
        int vocabulary = target.Length;
        for (int t = 0; t < text.Length - 1; t++)
        {
            Array.Clear(target);
            target[text[t + 1]] = 1;
            loss += SoftmaxCrossEntropy.Backward(logits.AsSpan(t * vocabulary, vocabulary), target, gradient.AsSpan(t * vocabulary, vocabulary));
        }

        return loss;
    }

    private static double Schedule(int step, TextTrainingOptions options) => step < options.WarmUp
        ? (step + 1.0) / options.WarmUp
        : 0.5 + 0.5 * DeterministicMath.Cos(Math.PI * (step - options.WarmUp) / Math.Max(1, options.Steps - options.WarmUp));
}

using TinyAI.GestureTrainer.Network;

namespace TinyAI.GestureTrainer;

/// <summary>Everything a training run depends on besides the recordings.</summary>
internal sealed record TrainingOptions
{
    public Architecture Architecture { get; init; } = Architecture.Default;
    public AugmentationOptions Augmentation { get; init; } = new();
    public int Seed { get; init; } = 1;
    public int Epochs { get; init; } = 400;
    public int BatchSize { get; init; } = 16;
    public double LearningRate { get; init; } = 3e-3;
    public double WeightDecay { get; init; } = 0.02;
    public double Dropout { get; init; } = 0.3;

    /// <summary>The share of the target that is spread over all classes.</summary>
    public double LabelSmoothing { get; init; } = 0.1;
}

/// <summary>Trains one float network.</summary>
internal static class Trainer
{
    /// <summary>Epochs over which the learning rate climbs from nought.</summary>
    private const int WarmUpEpochs = 5;

    public static Sequential Train(
        IReadOnlyList<Recording> recordings, int classes, TrainingOptions options, Action<double>? progress = null)
    {
        SeededRandom random = new(options.Seed);
        Sequential network = options.Architecture.Build(classes, options.Dropout, random);
        Batches batches = new(recordings, classes, options, random);
        Adam adam = new(network.Parameters);
        float[] gradient = new float[classes];
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            double rate = options.LearningRate * Schedule(epoch, options.Epochs);
            foreach (int size in batches.Epoch())
            {
                for (int i = 0; i < size; i++)
                {
                    batches.Next();
                    float[] logits = network.Forward(batches.Input, training: true);
                    SoftmaxCrossEntropy.Backward(logits, batches.Target, gradient);
                    network.Backward(batches.Input, gradient);
                }
                adam.Step(rate, options.WeightDecay, size);
                network.ParametersChanged();
            }
            progress?.Invoke((epoch + 1.0) / options.Epochs);
        }
        return network;
    }

    public static int Predict(Sequential network, Recording recording)
    {
        float[] input = new float[recording.Values.Length];
        SensorInput.QuantiseDequantise(recording.Values, input);
        return Greatest(network.Forward(input, training: false));
    }

    public static int Greatest(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }
        return best;
    }

    /// <summary>A short linear climb, then half a cosine down to nought.</summary>
    private static double Schedule(int epoch, int epochs) => epoch < WarmUpEpochs
        ? (epoch + 1.0) / WarmUpEpochs
        : 0.5 + 0.5 * DeterministicMath.Cos(Math.PI * (epoch - WarmUpEpochs) / Math.Max(1, epochs - WarmUpEpochs));

    /// <summary>The stream of augmented training samples.</summary>
    private sealed class Batches(IReadOnlyList<Recording> recordings, int classes, TrainingOptions options, SeededRandom random)
    {
        private readonly int[] _order = [.. Enumerable.Range(0, recordings.Count)];
        private readonly Augmentation _augmentation = new(options.Augmentation);
        private readonly float[] _variant = new float[Recordings.Window * Recordings.Channels];
        private int _next;

        public float[] Input { get; } = new float[Recordings.Window * Recordings.Channels];

        public float[] Target { get; } = new float[classes];

        /// <summary>Shuffles, and gives the sizes of the epoch's batches.</summary>
        public IEnumerable<int> Epoch()
        {
            random.Shuffle(_order);
            _next = 0;
            for (int start = 0; start < _order.Length; start += options.BatchSize)
                yield return Math.Min(options.BatchSize, _order.Length - start);
        }

        public void Next()
        {
            Recording recording = recordings[_order[_next++]];
            _augmentation.Apply(recording.Values, _variant, random);
            Array.Fill(Target, (float)(options.LabelSmoothing / classes));
            Target[recording.Label] += (float)(1 - options.LabelSmoothing);
            SensorInput.QuantiseDequantise(_variant, Input);
        }
    }
}

using TinyAI.GestureTrainer.Network;
using TinyAI.GestureTrainer.Quantisation;
using TinyAI.ModelPacker.Demo;

namespace TinyAI.GestureTrainer.Tests;

public class TrainingTests
{
    private static readonly TrainingOptions Short = new() { Epochs = 2 };

    [Fact]
    public void Two_trainings_with_one_seed_give_the_same_file()
    {
        Recording[] recordings = Simulated(6);
        Assert.Equal(TrainedFile(recordings, Short), TrainedFile(recordings, Short));
        Assert.NotEqual(TrainedFile(recordings, Short), TrainedFile(recordings, Short with { Seed = 2 }));
    }

    [Fact]
    public void Quantised_probabilities_stay_near_the_float_ones()
    {
        Recording[] recordings = Simulated(8);
        TrainingOptions options = new() { Epochs = 20 };
        Sequential network = Trainer.Train(recordings, 5, options);
        DeviceModel model = new(Int8Quantiser.Quantise(network, recordings, options.Augmentation));
        float[] input = new float[Recordings.Window * Recordings.Channels];
        float[] expected = new float[5];
        foreach (Recording recording in recordings)
        {
            SensorInput.QuantiseDequantise(recording.Values, input);
            SoftmaxCrossEntropy.Softmax(network.Forward(input, training: false), expected);
            sbyte[] actual = model.Run(SensorInput.Quantise(recording.Values));
            for (int c = 0; c < expected.Length; c++)
                Assert.Equal(expected[c], (actual[c] + 128) / 256.0, 0.08);
        }
    }

    [Fact]
    public void An_augmentation_that_may_do_nothing_does_nothing()
    {
        AugmentationOptions none = new()
        {
            Rotation = 0, Shift = 0, Speed = 0, Warp = 0, Amplitude = 0, AccelerometerNoise = 0, GyroscopeNoise = 0,
        };
        float[] source = Simulated(1)[0].Values;
        float[] result = new float[source.Length];
        new Augmentation(none).Apply(source, result, new SeededRandom(1));
        for (int i = 0; i < source.Length; i++)
            Assert.Equal(source[i], result[i], 1e-3);
    }

    [Fact]
    public void Own_transcendental_functions_agree_with_the_systems()
    {
        for (double x = -20; x <= 20; x += 0.37)
        {
            Assert.Equal(Math.Exp(x), DeterministicMath.Exp(x), Math.Exp(x) * 1e-13);
            Assert.Equal(Math.Sin(x), DeterministicMath.Sin(x), 1e-12);
            Assert.Equal(Math.Cos(x), DeterministicMath.Cos(x), 1e-12);
        }
    }

    private static byte[] TrainedFile(Recording[] recordings, TrainingOptions options) =>
        Int8Quantiser.Quantise(Trainer.Train(recordings, 5, options), recordings, options.Augmentation);

    private static Recording[] Simulated(int each)
    {
        WandSimulator simulator = new(11);
        List<Recording> recordings = [];
        for (int i = 0; i < each * WandSimulator.Labels.Count; i++)
        {
            int label = i % WandSimulator.Labels.Count;
            short[] counts = simulator.Gesture(label);
            float[] values = [.. counts.Select((c, j) => (float)(c / SensorInput.Channels[j % Recordings.Channels].CountsPerUnit))];
            recordings.Add(new Recording(label, i / WandSimulator.Labels.Count, values));
        }
        return [.. recordings];
    }
}

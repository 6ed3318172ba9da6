using System.Globalization;
using System.Text.RegularExpressions;
using TinyAI.GestureTrainer.Quantisation;
using TinyAI.ModelPacker.Demo;

namespace TinyAI.GestureTrainer.Tests;

/// <summary>The checked-in model with attention and what is said about it.</summary>
public class AttentionModelTests
{
    private static readonly string s_folder = Path.Combine(Places.Root, "models", "gesture-attention");
    private static readonly byte[] s_file = File.ReadAllBytes(Path.Combine(s_folder, "gesture-attention.tflite"));
    private static readonly string s_results = File.ReadAllText(Path.Combine(s_folder, "results.md"));

    [Fact]
    public void Simulated_gestures_are_recognised()
    {
        DeviceModel model = new(s_file);
        int labels = WandSimulator.Labels.Count, correct = 0;
        WandSimulator simulator = new(2027);
        for (int i = 0; i < 20 * labels; i++)
        {
            if (model.Classify(SensorInput.Quantise(simulator.Gesture(i % labels))) == i % labels)
                correct++;
        }
        Assert.InRange(correct, 18 * labels, 20 * labels);
    }

    [Fact]
    public void It_answers_better_than_the_model_without_attention_with_fewer_multiply_accumulates()
    {
        DeviceModel model = new(s_file), plain = new(Places.ModelFile);
        Assert.True(model.Account.Macs < plain.Account.Macs);
        Assert.Contains($"| total | | {model.Account.Parameters} | {model.Account.Macs} |", s_results);
        Assert.True(Accuracy(@"Mean accuracy int8: ([\d.]+) %") > Accuracy(@"int8 ([\d.]+) %, float"));
    }

    [Fact]
    public void Training_again_gives_the_checked_in_bytes()
    {
        Recordings recordings = Places.RecordingsOrSkip();
        TrainingOptions options = new() { Architecture = Architecture.Attention };
        byte[] file = GraphQuantiser.Quantise(Trainer.Train(recordings.All, recordings.Labels.Count, options), recordings.All, options.Augmentation);
        Assert.Equal(s_file, file);
    }

    private static double Accuracy(string pattern) => double.Parse(Regex.Match(s_results, pattern).Groups[1].Value, CultureInfo.InvariantCulture);
}

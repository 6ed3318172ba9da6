using System.Globalization;
using System.Text.RegularExpressions;
using TinyAI.GestureTrainer.Text;
using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.GestureTrainer.Tests;

/// <summary>The checked-in decoder of characters, how it is trained, and what is said about it.</summary>
public class TextModelTests
{
    private static readonly string s_folder = Path.Combine(Places.Root, "models", "text");

    [Fact]
    public void The_checked_in_weights_give_the_checked_in_pack()
    {
        TextModel model = TextModel.Read(File.ReadAllBytes(Path.Combine(s_folder, "text.weights")));
        if (Environment.GetEnvironmentVariable("TINYAI_UPDATE_DOCS") == "1")
        {
            // The packer has changed, the weights have not.
            File.WriteAllBytes(Path.Combine(s_folder, "text.tai"), model.Packed.Pack);
            File.WriteAllText(Path.Combine(s_folder, "results.md"), TextReport.Write(model, new TextTrainingOptions()));
        }

        Assert.Equal(File.ReadAllBytes(Path.Combine(s_folder, "text.tai")), model.Packed.Pack);
        Assert.Equal(TextModel.Calibration.Select(TextModel.Letters), File.ReadAllLines(Path.Combine(s_folder, "calibration.txt")));
        Assert.Equal(TextModel.HeldOut(TextReport.Texts).Select(TextModel.Letters), File.ReadAllLines(Path.Combine(s_folder, "held-out.txt")));
    }

    [Fact]
    public void Results_say_what_the_checked_in_weights_give()
    {
        TextModel model = TextModel.Read(File.ReadAllBytes(Path.Combine(s_folder, "text.weights")));
        TextFigures figures = TextFigures.Measure(model, TextReport.Texts);
        string results = File.ReadAllText(Path.Combine(s_folder, "results.md"));
        Assert.InRange(figures.Agreement, 95, 100);
        Assert.Equal(double.Parse(Regex.Match(results, @"best character in ([\d.]+) %").Groups[1].Value, CultureInfo.InvariantCulture), figures.Agreement, 0.5);
        Assert.Contains($"{model.Packed.Pack.Length:N0} B", results);
        Assert.InRange(figures.DeviceBits, figures.FloatBits - 0.02, figures.FloatBits + 0.05);
    }

    [Fact]
    public void No_sentence_of_the_held_out_texts_is_drawn_for_training()
    {
        SeededRandom random = new(4);
        HashSet<string> trained = [.. Enumerable.Range(0, 20000).Select(_ => Spells.Sentence(random, heldOut: false).Text)];
        string[] whole = [.. TextModel.HeldOut(TextReport.Texts).Select(TextModel.Letters).SelectMany(t => Regex.Matches(t, @"[^. ][^.]*\.").Select(m => m.Value))];
        Assert.True(whole.Length > 100);
        Assert.DoesNotContain(whole, trained.Contains);
        Assert.All(trained, s => Assert.All(s, c => Assert.Contains(c, Spells.Alphabet)));
    }

    [Fact]
    public void Training_is_deterministic_and_the_loss_falls()
    {
        DecoderShape small = new(Spells.Alphabet.Length, Length: 16, Width: 8, Layers: 1, Heads: 2);
        TextTrainingOptions options = new() { Shape = small, Steps = 40, BatchSize = 4 };
        List<double> bits = [];
        float[] weights = TextTrainer.Train(options, (_, b) => bits.Add(b)).Weights();
        Assert.Equal(weights, TextTrainer.Train(options).Weights());
        Assert.NotEqual(weights, TextTrainer.Train(options with { Seed = 2 }).Weights());
        Assert.InRange(bits[^5..].Average(), 0, 0.85 * bits[..5].Average());
    }

    [Fact]
    public void The_packers_graph_of_the_weights_computes_what_the_trainer_computes()
    {
        DecoderShape small = new(Spells.Alphabet.Length, Length: 12, Width: 8, Layers: 2, Heads: 2);
        TextNetwork network = TextTrainer.Train(new TextTrainingOptions { Shape = small, Steps = 5, BatchSize = 2 });
        int[] text = TextTrainer.Draw(new SeededRandom(9), 12, heldOut: true);
        float[] expected = network.Layers.Forward([.. text.Select(t => (float)t)], training: false);
        Net net = new("text", network.Weights()), whole = new("text", network.Weights());
        Graph cached = small.Build(net, cached: true, net.GeluByTanh), once = small.Build(whole, cached: false, whole.GeluByTanh);
        FloatRunner runner = new(cached);
        float[] stepped = [.. text.SelectMany((t, i) => runner.Run([[t], [i]])[cached.Outputs[0]])];
        float[] together = FloatRunner.Run(once, [[.. text.Select(t => (float)t)], [.. text.Select((_, i) => (float)i)]])[once.Outputs[0]];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], stepped[i], 1e-4f);
            Assert.Equal(expected[i], together[i], 1e-4f);
        }
    }
}

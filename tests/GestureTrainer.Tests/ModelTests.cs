using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using TinyAI.GestureTrainer.Quantisation;
using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.GestureTrainer.Tests;

/// <summary>The checked-in model and what is said about it.</summary>
public class ModelTests
{
    private static readonly DeviceModel Model = new(Places.ModelFile);

    [Fact]
    public void The_model_is_small_and_has_the_borders_that_were_agreed()
    {
        Assert.InRange(Model.Account.Parameters, 1, 10_000);
        Assert.InRange(Model.Account.Macs, 1, 150_000);
        TfliteModel file = TfliteReader.Read(Places.ModelFile);
        TfliteSubgraph graph = file.Subgraphs[0];
        TfliteTensor input = graph.Tensors[graph.Inputs[0]];
        TfliteTensor output = graph.Tensors[graph.Outputs[0]];
        Assert.Equal((TfliteType.INT8, "1,119,6"), (input.Type, string.Join(',', input.Shape)));
        Assert.Equal((TfliteType.INT8, "1,5"), (output.Type, string.Join(',', output.Shape)));
        Assert.Equal((1f / 256, -128L), (output.Quantization!.Scale[0], output.Quantization.ZeroPointAt(0)));
        Assert.Equal((SensorInput.Scale, (long)SensorInput.ZeroPoint), (input.Quantization!.Scale[0], input.Quantization.ZeroPointAt(0)));
    }

    [Fact]
    public void Simulated_gestures_are_recognised()
    {
        int labels = WandSimulator.Labels.Count;
        int[] correct = new int[labels];
        const int each = 100;
        WandSimulator simulator = new(2026);
        for (int i = 0; i < each * labels; i++)
        {
            if (Model.Classify(SensorInput.Quantise(simulator.Gesture(i % labels))) == i % labels)
                correct[i % labels]++;
        }
        Assert.All(correct, c => Assert.InRange(c, each * 90 / 100, each));
    }

    [Fact]
    public void The_side_file_is_what_the_trainer_writes_and_names_the_simulators_gestures()
    {
        string json = File.ReadAllText(Path.Combine(Places.ModelFolder, "gesture.json"));
        Assert.Equal(ModelMetadata.Write(WandSimulator.Labels), json.ReplaceLineEndings("\n"));
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(Model.Classes, document.RootElement.GetProperty("labels").GetArrayLength());
        Assert.Equal(Recordings.Window, document.RootElement.GetProperty("input").GetProperty("window").GetInt32());
    }

    [Fact]
    public void The_results_promise_what_the_project_asks_for_and_name_this_models_size()
    {
        string results = Results();
        Assert.InRange(MeanAccuracy(results), 88, 100);
        Assert.Contains($"| total | | {Model.Account.Parameters} | {Model.Account.Macs} |", results);
        Assert.Contains($"File: {Places.ModelFile.Length} bytes.", results);
    }

    [Fact]
    public void The_recordings_it_was_trained_on_are_recognised()
    {
        Recordings recordings = Places.RecordingsOrSkip();
        Assert.Equal(WandSimulator.Labels, recordings.Labels);
        int correct = recordings.All.Count(r => Model.Classify(SensorInput.Quantise(r.Values)) == r.Label);
        Assert.Contains($"int8 on the training recordings themselves: {correct} of {recordings.All.Count}.", Results());
        Assert.InRange(correct, recordings.All.Count * 95 / 100, recordings.All.Count);
    }

    [Fact]
    public void One_fold_of_the_cross_validation_comes_out_as_the_results_say()
    {
        Recordings recordings = Places.RecordingsOrSkip();
        FoldResult fold = CrossValidation.RunFold(recordings, CrossValidation.Folds - 1, new TrainingOptions { Seed = 1 });
        Assert.Contains($"| 1 | {CrossValidation.Folds} | {fold.HeldOut.Count} | {fold.FloatCorrect} | {fold.IntegerCorrect} |", Results());
    }

    [Fact]
    public void Training_again_gives_the_checked_in_bytes()
    {
        Recordings recordings = Places.RecordingsOrSkip();
        TrainingOptions options = new();
        byte[] file = Int8Quantiser.Quantise(Trainer.Train(recordings.All, recordings.Labels.Count, options), recordings.All, options.Augmentation);
        Assert.Equal(Places.ModelFile, file);
    }

    private static string Results() => File.ReadAllText(Path.Combine(Places.ModelFolder, "results.md"));

    private static double MeanAccuracy(string results) =>
        double.Parse(Regex.Match(results, @"Mean accuracy int8: ([\d.]+) %").Groups[1].Value, CultureInfo.InvariantCulture);
}

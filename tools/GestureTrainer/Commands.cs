using TinyAI.GestureTrainer.Network;
using TinyAI.GestureTrainer.Quantisation;
using TinyAI.GestureTrainer.Text;

namespace TinyAI.GestureTrainer;

/// <summary>What the command line runs. Tables go to standard output, progress to standard error.</summary>
internal static class Commands
{
    /// <summary>Runs a command; what the user can mend is said in one sentence instead of a stack trace.</summary>
    public static int Run(Action command)
    {
        try
        {
            command();
            return 0;
        }
        catch (Exception e) when (e is RecordingsException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    public static void Train(string data, string folder, int seed, int seeds)
    {
        Recordings recordings = Recordings.Read(data);
        Directory.CreateDirectory(folder);
        TrainingOptions options = new() { Seed = seed };
        Sequential network = Train(recordings, options);
        QuantisedNetwork quantised = Int8Quantiser.Quantise(network, recordings.All, options.Augmentation);
        byte[] file = TfliteExport.Write(quantised);
        File.WriteAllBytes(Path.Combine(folder, "gesture.tflite"), file);
        File.WriteAllText(Path.Combine(folder, "gesture.json"), ModelMetadata.Write(recordings.Labels));

        IntegerReference reference = new(quantised);
        int correct = recordings.All.Count(r => reference.Classify(SensorInput.Quantise(r.Values)) == r.Label);
        string results = "# Results of the gesture model\n\nWritten by `gesturetrainer train`; do not edit.\n\n"
            + ResultsReport.WriteModel(quantised, file.Length, correct, recordings.All.Count)
            + ResultsReport.Write(recordings.Labels, Validate(recordings, seeds, Architecture.Default));
        File.WriteAllText(Path.Combine(folder, "results.md"), results);
        Console.Write(results);
    }

    /// <summary>Trains the network with attention, quantises it with the packer, and measures it beside the one without.</summary>
    public static void TrainAttention(string data, string folder, int seed, int seeds)
    {
        Recordings recordings = Recordings.Read(data);
        Directory.CreateDirectory(folder);
        TrainingOptions options = new() { Seed = seed, Architecture = Architecture.Attention };
        Sequential network = Train(recordings, options);
        byte[] file = GraphQuantiser.Quantise(network, recordings.All, options.Augmentation);
        File.WriteAllBytes(Path.Combine(folder, "gesture-attention.tflite"), file);
        File.WriteAllText(Path.Combine(folder, "gesture-attention.json"), ModelMetadata.Write(recordings.Labels));

        DeviceModel model = new(file);
        int correct = recordings.All.Count(r => model.Classify(SensorInput.Quantise(r.Values)) == r.Label);
        string results = "# Results of the gesture model with attention\n\nWritten by `gesturetrainer train-attention`; do not edit.\n\n"
            + ResultsReport.WriteModel(model.Account, file.Length, correct, recordings.All.Count)
            + ResultsReport.Write(recordings.Labels, Validate(recordings, seeds, Architecture.Attention))
            + ResultsReport.WriteComparison(Validate(recordings, seeds, Architecture.Default));
        File.WriteAllText(Path.Combine(folder, "results.md"), results);
        Console.Write(results);
    }

    /// <summary>Trains the decoder of characters and writes weights, pack and results.</summary>
    public static void TrainText(string folder, TextTrainingOptions options)
    {
        Directory.CreateDirectory(folder);
        TextModel model;
        using (Progress progress = new("training"))
            model = new TextModel(TextTrainer.Train(options, (part, _) => progress.Report(part)).Weights());
        File.WriteAllBytes(Path.Combine(folder, "text.weights"), model.Bytes());
        File.WriteAllBytes(Path.Combine(folder, "text.tai"), model.Packed.Pack);
        File.WriteAllLines(Path.Combine(folder, "calibration.txt"), TextModel.Calibration.Select(TextModel.Letters));
        File.WriteAllLines(Path.Combine(folder, "held-out.txt"), TextModel.HeldOut(TextReport.Texts).Select(TextModel.Letters));
        string results = TextReport.Write(model, options);
        File.WriteAllText(Path.Combine(folder, "results.md"), results);
        Console.Write(results);
    }

    public static void CrossValidate(string data, int seeds)
    {
        Recordings recordings = Recordings.Read(data);
        Console.Write(ResultsReport.Write(recordings.Labels, Validate(recordings, seeds, Architecture.Default)));
    }

    public static void Fit(string data, string file)
    {
        string table = SimulatorFit.Fit(Recordings.Read(data));
        File.WriteAllText(file, table);
        Console.WriteLine($"Wrote {file}.");
    }

    private static Sequential Train(Recordings recordings, TrainingOptions options)
    {
        using Progress progress = new("training");
        return Trainer.Train(recordings.All, recordings.Labels.Count, options, progress.Report);
    }

    private static List<SeedResult> Validate(Recordings recordings, int seeds, Architecture architecture)
    {
        List<SeedResult> results = [];
        for (int seed = 1; seed <= seeds; seed++)
        {
            List<FoldResult> folds = [];
            for (int fold = 0; fold < CrossValidation.Folds; fold++)
            {
                using Progress progress = new($"cross-validation, seed {seed} of {seeds}, fold {fold + 1} of {CrossValidation.Folds}");
                folds.Add(CrossValidation.RunFold(recordings, fold, new TrainingOptions { Seed = seed, Architecture = architecture }, progress.Report));
            }
            results.Add(new SeedResult(seed, folds));
        }
        return results;
    }

    /// <summary>A line of percentages that is overwritten on a terminal and written once where output goes to a file.</summary>
    private sealed class Progress(string what) : IDisposable
    {
        private int _shown = -1;

        public void Report(double part)
        {
            int percent = (int)(100 * part);
            if (percent == _shown || Console.IsErrorRedirected)
                return;
            _shown = percent;
            Console.Error.Write($"\r{what}: {percent} %");
        }

        public void Dispose() => Console.Error.WriteLine(Console.IsErrorRedirected ? what + ": done" : "");
    }
}

using System.Globalization;
using System.Text;
using TinyAI.GestureTrainer.Quantisation;
using TinyAI.ModelPacker.Accounts;

namespace TinyAI.GestureTrainer;

/// <summary>One cross-validation: all folds with one seed.</summary>
internal sealed record SeedResult(int Seed, IReadOnlyList<FoldResult> Folds);

/// <summary>Writes the results of cross-validation as Markdown; every number in it was counted by this run.</summary>
internal static class ResultsReport
{
    public static string Write(IReadOnlyList<string> labels, IReadOnlyList<SeedResult> seeds)
    {
        StringBuilder text = new();
        double integerMean = MeanAccuracy(seeds, f => f.IntegerCorrect);
        double floatMean = MeanAccuracy(seeds, f => f.FloatCorrect);
        Line(text, $"## Cross-validation");
        Line(text, $"");
        Line(text, $"{CrossValidation.Folds} stratified folds, {seeds.Count} seeds. \"int8\" is the quantised model, evaluated in integers;");
        Line(text, $"\"float\" the same network before quantisation. Every recording was held out once a seed.");
        Line(text, $"");
        Line(text, $"Mean accuracy int8: {integerMean:F1} %");
        Line(text, $"Mean accuracy float: {floatMean:F1} %");
        Line(text, $"");
        Line(text, $"| seed | fold | held out | correct float | correct int8 | accuracy int8 |");
        Line(text, $"|--|--|--|--|--|--|");
        foreach (SeedResult seed in seeds)
        {
            foreach (FoldResult fold in seed.Folds)
            {
                int count = fold.HeldOut.Count;
                double accuracy = 100.0 * fold.IntegerCorrect / count;
                Line(text, $"| {seed.Seed} | {fold.Fold + 1} | {count} | {fold.FloatCorrect} | {fold.IntegerCorrect} | {accuracy:F1} % |");
            }
        }
        Line(text, $"");
        WriteConfusion(text, labels, seeds);
        return text.ToString();
    }

    public static string WriteModel(QuantisedNetwork network, int fileBytes, int trainCorrect, int trainCount)
    {
        StringBuilder text = new();
        Line(text, $"## The model");
        Line(text, $"");
        Line(text, $"Trained on all recordings.");
        Line(text, $"");
        Line(text, $"| layer | output | parameters | multiply-accumulates |");
        Line(text, $"|--|--|--|--|");
        foreach (QuantisedLayer layer in network.Layers)
            Line(text, $"| {Describe(layer)} | {layer.ParameterCount} | {layer.Macs} |");
        Line(text, $"| softmax | {network.Classes} | 0 | 0 |");
        Line(text, $"| total | | {network.ParameterCount} | {network.Macs} |");
        Line(text, $"");
        Line(text, $"File: {fileBytes} bytes. int8 on the training recordings themselves: {trainCorrect} of {trainCount}.");
        Line(text, $"");
        return text.ToString();
    }

    /// <summary>The same table for a model that the packer quantised, from the packer's account.</summary>
    public static string WriteModel(Account account, int fileBytes, int trainCorrect, int trainCount)
    {
        StringBuilder text = new();
        Line(text, $"## The model");
        Line(text, $"");
        Line(text, $"Trained on all recordings.");
        Line(text, $"");
        Line(text, $"| kernel | output | parameters | multiply-accumulates |");
        Line(text, $"|--|--|--|--|");
        foreach (LayerAccount layer in account.Layers)
            Line(text, $"| {layer.Kernel} | {layer.Output} | {layer.Parameters} | {layer.Macs} |");
        Line(text, $"| total | | {account.Parameters} | {account.Macs} |");
        Line(text, $"");
        Line(text, $"File: {fileBytes} bytes. int8 on the training recordings themselves: {trainCorrect} of {trainCount}.");
        Line(text, $"");
        return text.ToString();
    }

    public static string WriteComparison(IReadOnlyList<SeedResult> seeds)
    {
        StringBuilder text = new();
        Line(text, $"");
        Line(text, $"## Against the network without attention");
        Line(text, $"");
        Line(text, $"The shape without attention (models/gesture) in the same folds with the same seeds:");
        Line(text, $"int8 {MeanAccuracy(seeds, f => f.IntegerCorrect):F1} %, float {MeanAccuracy(seeds, f => f.FloatCorrect):F1} %.");
        return text.ToString();
    }

    public static double MeanAccuracy(IReadOnlyList<SeedResult> seeds, Func<FoldResult, int> correct)
    {
        FoldResult[] folds = [.. seeds.SelectMany(s => s.Folds)];
        return 100.0 * folds.Sum(correct) / folds.Sum(f => f.HeldOut.Count);
    }

    private static string Describe(QuantisedLayer layer) => layer switch
    {
        QuantisedConvolution c => $"convolution {c.Kernel}, stride {c.Stride}, ReLU | {c.OutputLength} × {c.Outputs}",
        QuantisedMaxPool m => $"max pool {m.Size} | {m.OutputLength} × {m.Channels}",
        QuantisedDense d => $"fully connected | {d.Outputs}",
        _ => throw new NotSupportedException(layer.GetType().Name),
    };

    private static void WriteConfusion(StringBuilder text, IReadOnlyList<string> labels, IReadOnlyList<SeedResult> seeds)
    {
        int[,] counts = new int[labels.Count, labels.Count];
        foreach (FoldResult fold in seeds.SelectMany(s => s.Folds))
        {
            for (int i = 0; i < fold.HeldOut.Count; i++)
                counts[fold.HeldOut[i].Label, fold.IntegerAnswers[i]]++;
        }

        Line(text, $"Confusion of the int8 models, all seeds together (rows: what was drawn, columns: what was answered):");
        Line(text, $"");
        Line(text, $"| | {string.Join(" | ", labels)} |");
        Line(text, $"|--|{string.Concat(Enumerable.Repeat("--|", labels.Count))}");
        for (int row = 0; row < labels.Count; row++)
            Line(text, $"| {labels[row]} | {string.Join(" | ", Enumerable.Range(0, labels.Count).Select(c => counts[row, c]))} |");
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}

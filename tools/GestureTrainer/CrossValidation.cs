using TinyAI.GestureTrainer.Network;
using TinyAI.GestureTrainer.Quantisation;

namespace TinyAI.GestureTrainer;

/// <summary>What one fold's network answered for the recordings it had not seen.</summary>
internal sealed record FoldResult(int Fold, IReadOnlyList<Recording> HeldOut, int[] FloatAnswers, int[] IntegerAnswers)
{
    public int FloatCorrect => HeldOut.Where((r, i) => r.Label == FloatAnswers[i]).Count();

    public int IntegerCorrect => HeldOut.Where((r, i) => r.Label == IntegerAnswers[i]).Count();
}

/// <summary>
/// Stratified 5-fold cross-validation. Recording i of a class is in fold i mod 5: the folds are fixed, and each variant of
/// a recording, made only while training, stays on the training side. Calibration sees the training side alone too.
/// </summary>
internal static class CrossValidation
{
    public const int Folds = 5;

    public static FoldResult RunFold(Recordings recordings, int fold, TrainingOptions options, Action<double>? progress = null)
    {
        Recording[] heldOut = [.. recordings.All.Where(r => r.Index % Folds == fold)];
        Recording[] training = [.. recordings.All.Where(r => r.Index % Folds != fold)];
        Sequential network = Trainer.Train(training, recordings.Labels.Count, options, progress);
        DeviceModel model = new(Int8Quantiser.Quantise(network, training, options.Augmentation));
        return new FoldResult(
            fold,
            heldOut,
            [.. heldOut.Select(r => Trainer.Predict(network, r))],
            [.. heldOut.Select(r => model.Classify(SensorInput.Quantise(r.Values)))]);
    }
}

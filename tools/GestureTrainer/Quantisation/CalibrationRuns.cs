using TinyAI.GestureTrainer.Network;

namespace TinyAI.GestureTrainer.Quantisation;

/// <summary>The forward passes over which both quantisers measure ranges: every recording, and augmented variants of it.</summary>
internal static class CalibrationRuns
{
    /// <summary>Augmented variants per recording that take part in the calibration, besides the recording itself.</summary>
    private const int Variants = 4;

    /// <summary>Calls seen after every pass, while the layers hold its values.</summary>
    public static void Each(Sequential network, IReadOnlyList<Recording> recordings, AugmentationOptions options, Action seen)
    {
        Augmentation augmentation = new(options);
        float[] variant = new float[Recordings.Window * Recordings.Channels];
        float[] input = new float[variant.Length];
        SeededRandom random = new(recordings.Count);
        foreach (Recording recording in recordings)
        {
            for (int v = 0; v <= Variants; v++)
            {
                recording.Values.CopyTo(variant, 0);
                if (v > 0)
                    augmentation.Apply(recording.Values, variant, random);
                SensorInput.QuantiseDequantise(variant, input);
                network.Forward(input, training: false);
                seen();
            }
        }
    }
}

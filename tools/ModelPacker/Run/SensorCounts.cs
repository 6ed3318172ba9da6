using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Run;

/// <summary>Rows of a file as the raw counts that a board's sensor would have given.</summary>
internal static class SensorCounts
{
    /// <summary>Counts that make a physical unit of each channel of a model's normalisation; empty where it has none.</summary>
    public static float[] PerUnit(Model model)
    {
        var perUnit = new float[model.Word(PackFormat.NormalisationChannelsAt)];
        for (int i = 0; i < perUnit.Length; i++)
        {
            int at = model.Word(PackFormat.NormalisationAt) + i * Normalisation.ChannelBytes + Normalisation.CountsPerUnitAt;
            perUnit[i] = BitConverter.Int32BitsToSingle(model.Word(at));
        }

        return perUnit;
    }

    /// <summary>Whether rows are in physical units: as the user says, and for auto where any value has a fraction.</summary>
    public static bool ArePhysical(IEnumerable<List<double[]>> recordings, string units) =>
        units == "physical" || (units == "auto" && recordings.Any(r => r.Any(row => row.Any(v => v != Math.Floor(v)))));

    /// <summary>The rows as counts, row after row, clamped to what a sensor can say.</summary>
    public static short[] Of(IReadOnlyList<double[]> rows, float[] perUnit, bool physical)
    {
        int channels = perUnit.Length;
        var counts = new short[rows.Count * channels];
        for (int i = 0; i < counts.Length; i++)
        {
            double value = rows[i / channels][i % channels] * (physical ? perUnit[i % channels] : 1);
            counts[i] = (short)Math.Clamp(Math.Round(value, MidpointRounding.AwayFromZero), short.MinValue, short.MaxValue);
        }

        return counts;
    }
}

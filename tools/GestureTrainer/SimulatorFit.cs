using System.Globalization;
using System.Text;

namespace TinyAI.GestureTrainer;

/// <summary>
/// Fits the wand simulator: the mean motion of each gesture after alignment in time, as the first terms of a cosine series
/// in counts of the sensor. Recordings of hardly any motion (a trigger without a gesture) take no part.
/// </summary>
internal static class SimulatorFit
{
    private const int Terms = 28;
    private const int Rounds = 6;
    private const int GreatestShift = 16;

    public static string Fit(Recordings recordings)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $$"""
            namespace TinyAI.ModelPacker.Demo;

            /// <summary>
            /// The gestures of <see cref="WandSimulator"/>: for each gesture and channel the terms of a cosine series in counts
            /// of the sensor. Written by `gesturetrainer simulate-fit`; do not edit.
            /// </summary>
            internal static class WandMotion
            {
                public static readonly string[] Labels = [{{string.Join(", ", recordings.Labels.Select(l => $"\"{l}\""))}}];

                public static readonly short[][][] Series =
                [

            """);
        for (int label = 0; label < recordings.Labels.Count; label++)
        {
            float[] motion = MeanMotion([.. recordings.All.Where(r => r.Label == label)]);
            text.Append("        [\n");
            for (int c = 0; c < Recordings.Channels; c++)
                text.Append(CultureInfo.InvariantCulture, $"            [{string.Join(", ", Series(motion, c))}],\n");
            text.Append("        ],\n");
        }
        text.Append("    ];\n}\n");
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static float[] MeanMotion(IReadOnlyList<Recording> recordings)
    {
        double[] energies = [.. recordings.Select(Energy)];
        double median = energies.Order().ElementAt(energies.Length / 2);
        float[][] moving = [.. recordings.Where((_, i) => energies[i] > median / 2).Select(r => r.Values)];

        // The recording nearest to all the others starts; a plain mean would blur what has not been aligned yet.
        float[] mean = moving.MinBy(a => moving.Sum(b => Distance(a, b)))!;
        for (int round = 0; round < Rounds; round++)
        {
            float[] target = mean;
            mean = new float[target.Length];
            foreach (float[] values in moving)
            {
                float[] aligned = Align(values, target);
                for (int i = 0; i < mean.Length; i++)
                    mean[i] += aligned[i] / moving.Length;
            }
        }
        return mean;
    }

    /// <summary>The shift and speed that bring a recording closest to the target.</summary>
    private static float[] Align(float[] values, float[] target)
    {
        float[] best = values;
        double least = double.MaxValue;
        float[] candidate = new float[values.Length];
        for (int percent = 80; percent <= 125; percent += 3)
        {
            for (int shift = -GreatestShift; shift <= GreatestShift; shift++)
            {
                Resample(values, candidate, percent / 100.0, shift);
                double distance = Distance(candidate, target);
                if (distance < least)
                {
                    least = distance;
                    best = [.. candidate];
                }
            }
        }
        return best;
    }

    private static void Resample(float[] values, float[] result, double speed, double shift)
    {
        for (int t = 0; t < Recordings.Window; t++)
        {
            double time = Math.Clamp(t * speed + shift, 0, Recordings.Window - 1);
            int before = Math.Min((int)time, Recordings.Window - 2);
            float part = (float)(time - before);
            for (int c = 0; c < Recordings.Channels; c++)
            {
                float a = values[before * Recordings.Channels + c];
                result[t * Recordings.Channels + c] = a + part * (values[(before + 1) * Recordings.Channels + c] - a);
            }
        }
    }

    /// <summary>Squared distance with each channel on the scale the network sees it.</summary>
    private static double Distance(float[] a, float[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double difference = (a[i] - b[i]) / SensorInput.Channels[i % Recordings.Channels].Divisor;
            sum += difference * difference;
        }
        return sum;
    }

    private static double Energy(Recording recording)
    {
        double sum = 0;
        for (int i = 0; i < recording.Values.Length; i++)
        {
            if (i % Recordings.Channels >= 3)
                sum += recording.Values[i] * recording.Values[i];
        }
        return Math.Sqrt(sum);
    }

    /// <summary>The discrete cosine transform's first terms, rounded to counts.</summary>
    private static short[] Series(float[] motion, int channel)
    {
        short[] series = new short[Terms];
        for (int k = 0; k < Terms; k++)
        {
            double sum = 0;
            for (int t = 0; t < Recordings.Window; t++)
                sum += motion[t * Recordings.Channels + channel] * DeterministicMath.Cos(Math.PI * k * (t + 0.5) / Recordings.Window);
            double counts = sum * (k == 0 ? 1 : 2) / Recordings.Window * SensorInput.Channels[channel].CountsPerUnit;
            series[k] = (short)Math.Round(counts, MidpointRounding.AwayFromZero);
        }
        return series;
    }
}

namespace TinyAI.ModelPacker.Demo;

/// <summary>
/// A simulated wand: raw counts of a six-axis sensor as a hand drawing one of five gestures would give, for demonstrations
/// and tests that must run without recordings. Each gesture is a short cosine series (<see cref="WandMotion"/>) fitted by
/// `gesturetrainer simulate-fit`, varied in speed, start, size, angle and noise. It is cleaner than people are: what a model
/// scores here says that the pipeline is whole, not how well it will do in the hand.
/// </summary>
/// <remarks>
/// Windows are 119 samples of aX aY aZ gX gY gZ, sample by sample; accelerometer at ±8 g (4096 counts per g), gyroscope at
/// ±2000 degrees per second (16.4 counts per degree per second), as the MPU6886 gives them. The same seed gives the same motion.
/// </remarks>
public sealed class WandSimulator(int seed)
{
    /// <summary>Samples of a window.</summary>
    public const int Window = 119;

    /// <summary>Channels of a sample.</summary>
    public const int Channels = 6;

    private const double AccelerometerNoise = 60;
    private const double GyroscopeNoise = 16;

    /// <summary>Samples over which the hand goes from one posture to the next in a stream.</summary>
    private const int Transition = 12;

    // The wand at rest in the hand, in g: of length one, tilted as people hold it.
    private static readonly double[] Rest = [0.67, 0.16, 0.72];

    private readonly Random _random = new(seed);

    /// <summary>Names of the gestures; the position is the label.</summary>
    public static IReadOnlyList<string> Labels => WandMotion.Labels;

    /// <summary>One window in which a hand draws the gesture.</summary>
    public short[] Gesture(int label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, Labels.Count);
        short[][] series = WandMotion.Series[label];
        double speed = 1 + 0.06 * Normal();
        double start = 3 * Normal();
        double size = 1 + 0.08 * Normal();
        double[] tilt = [0.05 * Normal(), 0.05 * Normal(), 0.05 * Normal()];

        short[] window = new short[Window * Channels];
        double[] sample = new double[Channels];
        for (int t = 0; t < Window; t++)
        {
            double time = Math.Clamp(t * speed - start, 0, Window - 1);
            for (int c = 0; c < Channels; c++)
                sample[c] = Evaluate(series[c], time, size);
            Write(sample, tilt, window.AsSpan(t * Channels, Channels));
        }
        return window;
    }

    /// <summary>A hand that holds the wand and does nothing.</summary>
    public short[] Still(int samples = Window)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        double[] tilt = [0.1 * Normal(), 0.1 * Normal(), 0.1 * Normal()];
        short[] window = new short[samples * Channels];
        for (int t = 0; t < samples; t++)
            Write([Rest[0] * 4096, Rest[1] * 4096, Rest[2] * 4096, 0, 0, 0], tilt, window.AsSpan(t * Channels, Channels));
        return window;
    }

    /// <summary>
    /// Stillness, a gesture, stillness, the next gesture … and stillness at the end, the hand moving smoothly in between.
    /// Gesture i begins at sample pause + i * (Window + pause).
    /// </summary>
    public short[] Stream(IEnumerable<int> labels, int pause = Window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pause, 2 * Transition);
        List<short> stream = [.. Still(pause)];
        foreach (int label in labels)
        {
            short[] gesture = Gesture(label);
            short[] still = Still(pause);
            Approach(stream, gesture);
            Depart(gesture, still);
            stream.AddRange(gesture);
            stream.AddRange(still);
        }
        return [.. stream];
    }

    /// <summary>Bends the end of the stillness so far towards the gesture's first sample.</summary>
    private static void Approach(List<short> stream, short[] gesture)
    {
        int first = stream.Count - Transition * Channels;
        for (int i = 0; i < Transition * Channels; i++)
            stream[first + i] = Blend(stream[first + i], gesture[i % Channels], (i / Channels + 1.0) / (Transition + 1));
    }

    /// <summary>Bends the beginning of the stillness from the gesture's last sample.</summary>
    private static void Depart(short[] gesture, short[] still)
    {
        for (int i = 0; i < Transition * Channels; i++)
            still[i] = Blend(gesture[^(Channels - i % Channels)], still[i], (i / Channels + 1.0) / (Transition + 1));
    }

    private static short Blend(short from, short to, double part) => (short)Math.Round(from + part * (to - from));

    /// <summary>The series at a time; the first term is the level, which does not grow with the size of the motion.</summary>
    private static double Evaluate(short[] series, double time, double size)
    {
        double motion = 0;
        for (int k = 1; k < series.Length; k++)
            motion += series[k] * Math.Cos(Math.PI * k * (time + 0.5) / Window);
        return series[0] + size * motion;
    }

    /// <summary>Turns both sensors by the small angles of the tilt and adds noise.</summary>
    private void Write(double[] sample, double[] tilt, Span<short> counts)
    {
        for (int sensor = 0; sensor < Channels; sensor += 3)
        {
            double noise = sensor == 0 ? AccelerometerNoise : GyroscopeNoise;
            for (int i = 0; i < 3; i++)
            {
                int next = (i + 1) % 3;
                int last = (i + 2) % 3;
                double turned = sample[sensor + i] - tilt[last] * sample[sensor + next] + tilt[next] * sample[sensor + last];
                counts[sensor + i] = (short)Math.Clamp(Math.Round(turned + noise * Normal()), short.MinValue, short.MaxValue);
            }
        }
    }

    private double Normal()
    {
        double sum = -6;
        for (int i = 0; i < 12; i++)
            sum += _random.NextDouble();
        return sum;
    }
}

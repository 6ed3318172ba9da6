using static TinyAI.GestureTrainer.DeterministicMath;

namespace TinyAI.GestureTrainer;

/// <summary>How far an augmented recording may stray from the recorded one. Angles in degrees, times in samples.</summary>
internal sealed record AugmentationOptions
{
    /// <summary>Standard deviation of the sensor's rotation in the hand. Kept small: the posture of rest tells classes apart.</summary>
    public double Rotation { get; init; } = 5;

    /// <summary>Greatest shift of the gesture in the window.</summary>
    public double Shift { get; init; } = 6;

    /// <summary>Standard deviation of the overall speed.</summary>
    public double Speed { get; init; } = 0.08;

    /// <summary>Greatest local displacement of the smooth time warp.</summary>
    public double Warp { get; init; } = 4;

    /// <summary>Standard deviation of the motion's amplitude around the recording's mean.</summary>
    public double Amplitude { get; init; } = 0.1;

    public double AccelerometerNoise { get; init; } = 0.02;

    public double GyroscopeNoise { get; init; } = 1.5;
}

/// <summary>
/// Makes variants of a recording such as another hand would give: the gesture earlier or later, slower or faster, larger or
/// smaller, with the sensor held at a slightly different angle.
/// </summary>
internal sealed class Augmentation(AugmentationOptions options)
{
    private const double Degree = Math.PI / 180;
    private readonly float[] _means = new float[Recordings.Channels];
    private readonly double[] _matrix = new double[9];

    public void Apply(ReadOnlySpan<float> source, Span<float> result, SeededRandom random)
    {
        double speed = Math.Clamp(1 + options.Speed * random.Normal(), 0.6, 1.6);
        double shift = random.Uniform(-options.Shift, options.Shift);
        double accelerometerGain = 1 + options.Amplitude * random.Normal();
        double gyroscopeGain = 1 + options.Amplitude * random.Normal();
        WarpTime(source, result, speed, shift, random);
        SetRotation(random);
        SetMeans(result);

        for (int t = 0; t < result.Length; t += Recordings.Channels)
        {
            Span<float> sample = result.Slice(t, Recordings.Channels);
            for (int c = 0; c < Recordings.Channels; c++)
                sample[c] = _means[c] + (float)((c < 3 ? accelerometerGain : gyroscopeGain) * (sample[c] - _means[c]));
            Rotate(sample[..3], options.AccelerometerNoise, random);
            Rotate(sample[3..], options.GyroscopeNoise, random);
        }
    }

    /// <summary>Reads the source along a bent time axis; before the first and after the last sample the hand is taken to rest.</summary>
    private void WarpTime(ReadOnlySpan<float> source, Span<float> result, double speed, double shift, SeededRandom random)
    {
        double depth = options.Warp * random.NextDouble();
        double waves = random.Uniform(1, 3);
        double phase = random.Uniform(0, 2 * Math.PI);
        for (int t = 0; t < Recordings.Window; t++)
        {
            double time = t * speed - shift + depth * Sin(waves * 2 * Math.PI * t / Recordings.Window + phase);
            time = Math.Clamp(time, 0, Recordings.Window - 1);
            int before = Math.Min((int)time, Recordings.Window - 2);
            float part = (float)(time - before);
            for (int c = 0; c < Recordings.Channels; c++)
            {
                float a = source[before * Recordings.Channels + c];
                float b = source[(before + 1) * Recordings.Channels + c];
                result[t * Recordings.Channels + c] = a + part * (b - a);
            }
        }
    }

    private void SetMeans(ReadOnlySpan<float> values)
    {
        Array.Clear(_means);
        for (int i = 0; i < values.Length; i++)
            _means[i % Recordings.Channels] += values[i] / Recordings.Window;
        // The gyroscope rests at zero whatever the posture: only the accelerometer has a level to keep.
        for (int c = 3; c < Recordings.Channels; c++)
            _means[c] = 0;
    }

    /// <summary>The rotation matrix of three small turns, one about each axis.</summary>
    private void SetRotation(SeededRandom random)
    {
        double x = options.Rotation * Degree * random.Normal();
        double y = options.Rotation * Degree * random.Normal();
        double z = options.Rotation * Degree * random.Normal();
        (double sx, double cx, double sy, double cy, double sz, double cz) = (Sin(x), Cos(x), Sin(y), Cos(y), Sin(z), Cos(z));
        _matrix[0] = cy * cz;
        _matrix[1] = sx * sy * cz - cx * sz;
        _matrix[2] = cx * sy * cz + sx * sz;
        _matrix[3] = cy * sz;
        _matrix[4] = sx * sy * sz + cx * cz;
        _matrix[5] = cx * sy * sz - sx * cz;
        _matrix[6] = -sy;
        _matrix[7] = sx * cy;
        _matrix[8] = cx * cy;
    }

    private void Rotate(Span<float> vector, double noise, SeededRandom random)
    {
        (float x, float y, float z) = (vector[0], vector[1], vector[2]);
        for (int i = 0; i < 3; i++)
            vector[i] = (float)(_matrix[3 * i] * x + _matrix[3 * i + 1] * y + _matrix[3 * i + 2] * z + noise * random.Normal());
    }
}

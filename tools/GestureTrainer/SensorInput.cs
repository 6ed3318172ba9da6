namespace TinyAI.GestureTrainer;

/// <summary>A channel of the sensor: real = (counts / CountsPerUnit + Offset) / Divisor.</summary>
internal sealed record SensorChannel(string Name, string Unit, double CountsPerUnit, double Offset, double Divisor);

/// <summary>
/// How six sensor channels become the network's int8 input. The steps are 1/32 g and 3.9 degrees per second: fine enough
/// to tell resting postures apart, while ±4 g and ±500 degrees per second take in all but the tips of the hardest swings.
/// </summary>
internal static class SensorInput
{
    public const float Scale = 1f / 128;
    public const int ZeroPoint = 0;

    // MPU6886 and MPU6050 at ±8 g and ±2000 degrees per second.
    private const double AccelerometerCounts = 4096;
    private const double GyroscopeCounts = 16.4;

    public static IReadOnlyList<SensorChannel> Channels { get; } =
    [
        new("aX", "g", AccelerometerCounts, 0, 4),
        new("aY", "g", AccelerometerCounts, 0, 4),
        new("aZ", "g", AccelerometerCounts, 0, 4),
        new("gX", "deg/s", GyroscopeCounts, 0, 500),
        new("gY", "deg/s", GyroscopeCounts, 0, 500),
        new("gZ", "deg/s", GyroscopeCounts, 0, 500),
    ];

    /// <summary>Values in g and degrees per second to the int8 the model is given.</summary>
    public static sbyte[] Quantise(ReadOnlySpan<float> values)
    {
        sbyte[] quantised = new sbyte[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            SensorChannel channel = Channels[i % Channels.Count];
            quantised[i] = Step((values[i] + channel.Offset) / channel.Divisor);
        }
        return quantised;
    }

    /// <summary>Raw counts of the sensor to the int8 the model is given.</summary>
    public static sbyte[] Quantise(ReadOnlySpan<short> counts)
    {
        sbyte[] quantised = new sbyte[counts.Length];
        for (int i = 0; i < counts.Length; i++)
        {
            SensorChannel channel = Channels[i % Channels.Count];
            quantised[i] = Step((counts[i] / channel.CountsPerUnit + channel.Offset) / channel.Divisor);
        }
        return quantised;
    }

    /// <summary>
    /// What the network is trained on: the real values after the input's rounding and clipping, so that float training
    /// already lives with both.
    /// </summary>
    public static void QuantiseDequantise(ReadOnlySpan<float> values, Span<float> real)
    {
        for (int i = 0; i < values.Length; i++)
        {
            SensorChannel channel = Channels[i % Recordings.Channels];
            real[i] = (Step((values[i] + channel.Offset) / channel.Divisor) - ZeroPoint) * Scale;
        }
    }

    private static sbyte Step(double real) =>
        (sbyte)Math.Clamp(Math.Round(real / Scale, MidpointRounding.AwayFromZero) + ZeroPoint, sbyte.MinValue, sbyte.MaxValue);
}

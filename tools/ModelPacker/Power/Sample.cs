namespace TinyAI.ModelPacker.Power;

/// <summary>One sample of a capture.</summary>
/// <param name="Seconds">When, on the capture's own clock; NaN where the file has no time and the rate is known.</param>
/// <param name="Amperes">Current, or NaN where the analyser lost the sample.</param>
/// <param name="Volts">Supply voltage, or NaN where the capture has none.</param>
/// <param name="High">Logic pins that are high, bit i for pin i of <see cref="ICapture.Pins"/>.</param>
/// <param name="Known">Logic pins whose level the sample tells; the others keep theirs.</param>
public readonly record struct Sample(double Seconds, double Amperes, double Volts, ushort High, ushort Known);

/// <summary>A power analyser's recording, read once from front to back in pieces.</summary>
public interface ICapture : IDisposable
{
    /// <summary>What the file is, for people.</summary>
    string Format { get; }

    /// <summary>Names of the logic pins that the file holds.</summary>
    IReadOnlyList<string> Pins { get; }

    /// <summary>Whether samples carry a voltage.</summary>
    bool HasVoltage { get; }

    /// <summary>Seconds from sample to sample where the file says so, else null.</summary>
    double? Period { get; }

    /// <summary>How much of the file has been read, from 0 to 1.</summary>
    double Progress { get; }

    /// <summary>What was wrong with the file and did not stop the reading.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>Reads the next samples; 0 at the end.</summary>
    int Read(Span<Sample> samples);
}

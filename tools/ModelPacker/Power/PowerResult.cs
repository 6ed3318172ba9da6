using System.Text.Json.Serialization;

namespace TinyAI.ModelPacker.Power;

/// <summary>What a capture says. Units stand in the names; energies are above the baseline unless they are called gross.</summary>
public sealed record PowerResult
{
    /// <summary>What wrote the file.</summary>
    public required string Format { get; init; }

    /// <summary>Samples read.</summary>
    public required long Samples { get; init; }

    /// <summary>Length of the capture.</summary>
    public required double Seconds { get; init; }

    /// <summary>Samples per second.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>Average supply voltage.</summary>
    public required double Volts { get; init; }

    /// <summary>Average current of the whole capture.</summary>
    public required double AverageMilliamperes { get; init; }

    /// <summary>Highest sample.</summary>
    public required double PeakMilliamperes { get; init; }

    /// <summary>Energy of the whole capture.</summary>
    public required double GrossMillijoules { get; init; }

    /// <summary>Current between the cycles, or null where the capture has no idle time and none was given.</summary>
    public required double? BaselineMilliamperes { get; init; }

    /// <summary>Power between the cycles.</summary>
    public required double? BaselineMilliwatts { get; init; }

    /// <summary>What the marker pins enclose, or null where no complete cycle was found.</summary>
    public CycleResult? Cycles { get; init; }

    /// <summary>What the time stamps enclose, or null where there is no complete pair.</summary>
    public StretchResult? Stretches { get; init; }

    /// <summary>Life of a battery, by rate.</summary>
    public BatteryResult? Battery { get; init; }

    /// <summary>What a reader must know about the capture.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Whether the capture holds logic pins.</summary>
    public required bool HasPins { get; init; }

    /// <summary>What a page draws.</summary>
    [JsonIgnore]
    public PowerPictures Pictures { get; init; } = PowerPictures.None;
}

/// <summary>Curves of a capture.</summary>
/// <param name="Whole">The current over the whole capture.</param>
/// <param name="Shown">Some of the cycles, evenly spread over the capture.</param>
/// <param name="TypicalCycle">The cycle of median energy, or null.</param>
/// <param name="Typical">The current around that cycle, or null.</param>
public sealed record PowerPictures(Trace Whole, IReadOnlyList<Cycle> Shown, Cycle? TypicalCycle, Trace? Typical)
{
    /// <summary>No curves.</summary>
    public static PowerPictures None { get; } = new(new Trace(2, 0, 1), [], null, null);
}

/// <summary>Cycles of the application, told by the marker pins.</summary>
/// <param name="Count">Complete cycles.</param>
/// <param name="LeftOut">Complete cycles with too many samples missing, which do not count.</param>
/// <param name="InferenceMicrojoules">Energy of the inference phase.</param>
/// <param name="InferenceMilliseconds">Time of the inference phase.</param>
/// <param name="CycleMicrojoules">Energy of a whole cycle.</param>
/// <param name="CycleGrossMicrojoules">Energy of a whole cycle with the baseline.</param>
/// <param name="CycleMilliseconds">Time of a whole cycle.</param>
/// <param name="AverageMilliamperes">Average current within cycles.</param>
/// <param name="PeakMilliamperes">Highest sample within cycles.</param>
/// <param name="Phases">The phases of a cycle in their order.</param>
public sealed record CycleResult(
    long Count, long LeftOut, Spread InferenceMicrojoules, Spread InferenceMilliseconds, Spread CycleMicrojoules, Spread CycleGrossMicrojoules,
    Spread CycleMilliseconds, double AverageMilliamperes, double PeakMilliamperes, PhaseResult[] Phases);

/// <summary>A phase of the cycles: medians.</summary>
public sealed record PhaseResult(string Name, double Microjoules, double GrossMicrojoules, double Milliseconds, double AverageMilliamperes);

/// <summary>Stretches between time stamps.</summary>
/// <param name="Count">Complete stretches.</param>
/// <param name="LeftOut">Stretches with too many samples missing, which do not count.</param>
/// <param name="Inferences">Inferences in a stretch, as given.</param>
/// <param name="InferenceMicrojoules">Energy per inference.</param>
/// <param name="InferenceGrossMicrojoules">Energy per inference with the baseline, which is what the benchmark's rules count.</param>
/// <param name="InferenceMilliseconds">Time per inference.</param>
/// <param name="StretchSeconds">Time of a stretch.</param>
public sealed record StretchResult(
    long Count, long LeftOut, int Inferences, Spread InferenceMicrojoules, Spread InferenceGrossMicrojoules, Spread InferenceMilliseconds, Spread StretchSeconds);

/// <summary>Projected life of a battery.</summary>
/// <param name="MilliampereHours">Capacity.</param>
/// <param name="SleepMicroamperes">Current between cycles.</param>
/// <param name="Basis">What is repeated.</param>
/// <param name="Rates">A row per rate.</param>
public sealed record BatteryResult(double MilliampereHours, double SleepMicroamperes, string Basis, BatteryRate[] Rates);

/// <summary>Life at one rate.</summary>
/// <param name="PerHour">Inferences per hour.</param>
/// <param name="Possible">False where that many do not fit into an hour: the row then tells the greatest rate that does.</param>
/// <param name="AverageMilliamperes">Average current.</param>
/// <param name="Hours">Life.</param>
public sealed record BatteryRate(double PerHour, bool Possible, double AverageMilliamperes, double Hours);

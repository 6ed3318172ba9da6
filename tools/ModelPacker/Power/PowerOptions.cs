namespace TinyAI.ModelPacker.Power;

/// <summary>What a user says about a capture and its application.</summary>
public sealed record PowerOptions
{
    /// <summary>Supply voltage, or null where the capture tells it.</summary>
    public double? Volts { get; init; }

    /// <summary>Names of the one or two marker pins, or null for the capture's first two.</summary>
    public string[]? MarkerPins { get; init; }

    /// <summary>Name of the time-stamp pin, or null for none.</summary>
    public string? TimeStampPin { get; init; }

    /// <summary>Inferences between two time stamps.</summary>
    public int InferencesPerStretch { get; init; } = 1;

    /// <summary>Idle current in amperes, or null to measure it between the cycles.</summary>
    public double? BaselineAmperes { get; init; }

    /// <summary>Current in amperes that the board would draw between cycles in use, or null for the measured one.</summary>
    public double? SleepAmperes { get; init; }

    /// <summary>Capacity of the battery in milliampere hours.</summary>
    public double BatteryMilliampereHours { get; init; } = 1000;

    /// <summary>Inferences per hour for which to tell the battery's life.</summary>
    public double[] PerHour { get; init; } = [60, 600, 3600];
}

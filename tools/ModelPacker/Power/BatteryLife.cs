namespace TinyAI.ModelPacker.Power;

/// <summary>
/// Life of a battery for a duty cycle: cycles of a known charge, sleep between them. The board is taken to draw the same
/// current whatever the battery's voltage, as it does behind a linear regulator; self-discharge and the loss of capacity at
/// high currents are not in it.
/// </summary>
internal static class BatteryLife
{
    private const double SecondsPerHour = 3600;

    /// <summary>Rows for the rates that are asked for.</summary>
    /// <param name="cycleJoules">Energy of a cycle with the baseline.</param>
    /// <param name="cycleSeconds">Time of a cycle.</param>
    /// <param name="volts">Supply voltage.</param>
    /// <param name="sleepAmperes">Current between cycles.</param>
    /// <param name="basis">What a cycle is, for people.</param>
    /// <param name="options">Battery and rates.</param>
    public static BatteryResult Of(double cycleJoules, double cycleSeconds, double volts, double sleepAmperes, string basis, PowerOptions options)
    {
        double cycleCoulombs = cycleJoules / volts;
        BatteryRate Row(double asked)
        {
            double most = SecondsPerHour / cycleSeconds, rate = Math.Min(asked, most);
            double asleep = Math.Max(0, SecondsPerHour - rate * cycleSeconds);
            double amperes = (rate * cycleCoulombs + asleep * sleepAmperes) / SecondsPerHour;
            return new BatteryRate(rate, asked <= most, amperes * 1e3, options.BatteryMilliampereHours / (amperes * 1e3));
        }

        return new BatteryResult(options.BatteryMilliampereHours, sleepAmperes * 1e6, basis, [.. options.PerHour.Select(Row)]);
    }
}

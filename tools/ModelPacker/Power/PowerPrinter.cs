using System.Text.Json;
using Spectre.Console;
using TinyAI.ModelPacker.Accounts;

namespace TinyAI.ModelPacker.Power;

/// <summary>Prints the result of a capture for people and for machines, and says how figures are written.</summary>
internal static class PowerPrinter
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>A spread with its name and how its values are shown.</summary>
    public sealed record NamedSpread(string Name, Spread Spread, Func<double, string> Show);

    /// <summary>The result as JSON.</summary>
    public static string Json(PowerResult result) => JsonSerializer.Serialize(result, s_json);

    /// <summary>A number with three to four figures.</summary>
    public static string Figures(double value) => Math.Abs(value) switch
    {
        >= 1000 => $"{value:N0}",
        >= 100 => $"{value:N1}",
        >= 10 => $"{value:N2}",
        >= 0.001 or 0 => $"{value:N3}",
        _ => $"{value:0.###E0}",
    };

    /// <summary>Microjoules in the unit that suits them.</summary>
    public static (string Value, string Unit) Energy(double microjoules) => Math.Abs(microjoules) switch
    {
        >= 1e6 => (Figures(microjoules * 1e-6), "J"),
        >= 1e3 => (Figures(microjoules * 1e-3), "mJ"),
        _ => (Figures(microjoules), "µJ"),
    };

    /// <summary>Microjoules with their unit.</summary>
    public static string EnergyText(double microjoules) => string.Join(' ', Energy(microjoules).Value, Energy(microjoules).Unit);

    /// <summary>Microamperes in the unit that suits them.</summary>
    public static string Current(double microamperes) => microamperes >= 1e3 ? $"{Figures(microamperes * 1e-3)} mA" : $"{Figures(microamperes)} µA";

    /// <summary>Seconds as people say them.</summary>
    public static string Time(double seconds) => seconds switch
    {
        < 1 => $"{Figures(seconds * 1e3)} ms",
        < 120 => $"{Figures(seconds)} s",
        _ => $"{(long)Math.Round(seconds) / 60:N0} min {(long)Math.Round(seconds) % 60} s",
    };

    /// <summary>Hours as people say them.</summary>
    public static string Life(double hours) => hours switch
    {
        < 48 => $"{Figures(hours)} hours",
        < 24 * 365 => $"{hours / 24:N1} days",
        _ => $"{hours / 24 / 365.25:N1} years",
    };

    /// <summary>Every quantity that has a spread.</summary>
    public static IEnumerable<NamedSpread> Spreads(PowerResult result)
    {
        if (result.Cycles is { } c)
        {
            yield return new NamedSpread("inference, energy", c.InferenceMicrojoules, EnergyText);
            yield return new NamedSpread("inference, time", c.InferenceMilliseconds, Milliseconds);
            yield return new NamedSpread("whole cycle, energy", c.CycleMicrojoules, EnergyText);
            yield return new NamedSpread("whole cycle, gross", c.CycleGrossMicrojoules, EnergyText);
            yield return new NamedSpread("whole cycle, time", c.CycleMilliseconds, Milliseconds);
        }

        if (result.Stretches is not { } s) yield break;
        yield return new NamedSpread("per inference between time stamps, energy", s.InferenceMicrojoules, EnergyText);
        yield return new NamedSpread("per inference between time stamps, gross", s.InferenceGrossMicrojoules, EnergyText);
        yield return new NamedSpread("per inference between time stamps, time", s.InferenceMilliseconds, Milliseconds);
    }

    /// <summary>The result as text.</summary>
    public static void Print(PowerResult result)
    {
        Console.WriteLine($"capture      {result.Samples:N0} samples, {Time(result.Seconds)}, {result.SamplesPerSecond:N0} per second, {result.Volts:0.00#} V ({result.Format})");
        Console.WriteLine($"current      average {Figures(result.AverageMilliamperes)} mA, peak {Figures(result.PeakMilliamperes)} mA");
        Console.WriteLine($"energy       {EnergyText(result.GrossMillijoules * 1e3)} in all");
        if (result.BaselineMilliamperes is { } idle) Console.WriteLine($"baseline     {Figures(idle)} mA, {Figures(result.BaselineMilliwatts!.Value)} mW (subtracted below)");
        if (result.Cycles is { } c) Console.WriteLine($"cycles       {c.Count:N0} complete, average {Figures(c.AverageMilliamperes)} mA, peak {Figures(c.PeakMilliamperes)} mA");
        if (result.Stretches is { } s) Console.WriteLine($"time stamps  {s.Count:N0} pairs around {s.Inferences:N0} {(s.Inferences == 1 ? "inference" : "inferences")} each");
        if (result.Cycles is not null || result.Stretches is not null)
        {
            var table = new Table().Border(TableBorder.Simple).AddColumn("").AddColumn("least", Right).AddColumn("lower quartile", Right).AddColumn("median", Right)
                .AddColumn("upper quartile", Right).AddColumn("greatest", Right);
            foreach (NamedSpread n in Spreads(result))
                table.AddRow(n.Name, n.Show(n.Spread.Minimum), n.Show(n.Spread.LowerQuartile), n.Show(n.Spread.Median), n.Show(n.Spread.UpperQuartile), n.Show(n.Spread.Maximum));
            Tables.Write(table);
        }

        if (result.Cycles is { Phases.Length: > 1 } phased)
        {
            var table = new Table().Border(TableBorder.Simple).AddColumn("phase").AddColumn("energy", Right).AddColumn("gross", Right).AddColumn("time", Right).AddColumn("average", Right);
            foreach (PhaseResult p in phased.Phases)
                table.AddRow(p.Name, EnergyText(p.Microjoules), EnergyText(p.GrossMicrojoules), Milliseconds(p.Milliseconds), $"{Figures(p.AverageMilliamperes)} mA");
            Tables.Write(table);
        }

        if (result.Battery is { } battery)
        {
            Console.WriteLine($"battery      {battery.MilliampereHours:N0} mAh, {Current(battery.SleepMicroamperes)} between cycles; a projection from {battery.Basis}");
            foreach (BatteryRate r in battery.Rates)
                Console.WriteLine($"             {r.PerHour,8:N0} an hour{(r.Possible ? "" : " (the most that fit)")}: {Figures(r.AverageMilliamperes)} mA on average, {Life(r.Hours)}");
        }
    }

    private static string Milliseconds(double value) => $"{Figures(value)} ms";

    private static void Right(TableColumn column) => column.RightAligned();
}

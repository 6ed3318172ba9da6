using System.CommandLine;
using Spectre.Console;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Power;

namespace TinyAI.ModelPacker.Commands;

/// <summary>power analyze CAPTURE: energy per inference, currents and battery life from a power analyser's export.</summary>
internal static class PowerAnalyzeCommand
{
    public static Command Create()
    {
        var capture = new Argument<string>("CAPTURE") { Description = "A Power Profiler's .ppk2 or CSV export, a Joulescope's CSV export, or a plain CSV with a header." };
        var format = new Option<string>("--format") { Description = "ppk2, joulescope or csv; default: found out from the file.", DefaultValueFactory = _ => "auto" };
        format.AcceptOnlyFromAmong(CaptureFile.Formats);
        var voltage = new Option<double?>("--voltage") { Description = "Supply voltage in volts; needed where the capture has none." };
        var pins = new Option<string?>("--pins") { Description = "The marker pins, such as D0,D1: both low idle, first high pre-inference, both inference, second post-inference. One pin: high is inference. Default: the first two." };
        var stamp = new Option<string?>("--timestamp-pin") { Description = "The pin whose falling edges enclose measured stretches, as in the energy mode of the MLPerf Tiny protocol." };
        var inferences = new Option<int>("--inferences") { Description = "Inferences between two time stamps.", DefaultValueFactory = _ => 1 };
        var baseline = new Option<double?>("--baseline-ua") { Description = "Idle current in microamperes; default: the median between the cycles." };
        var sleep = new Option<double?>("--sleep-ua") { Description = "Current between cycles in use, for the battery's life; default: the baseline." };
        var battery = new Option<double>("--battery-mah") { Description = "Capacity of the battery.", DefaultValueFactory = _ => 1000 };
        var rates = new Option<double[]>("--per-hour") { Description = "Inferences per hour for the battery's life; may be given several times.", DefaultValueFactory = _ => [60, 600, 3600] };
        var rate = new Option<double?>("--rate") { Description = "Samples per second of a text capture, instead of its time column." };
        var html = new Option<string?>("--html") { Description = "Write a page with the current and the phases to this file." };
        var json = new Option<bool>("--json") { Description = "Print as JSON." };
        var command = new Command("analyze", "Energy per inference, currents and battery life from a power analyser's capture.")
        {
            capture, format, voltage, pins, stamp, inferences, baseline, sleep, battery, rates, rate, html, json,
        };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            string path = parse.GetRequiredValue(capture), kind = parse.GetRequiredValue(format);
            double? perSecond = Positive(parse.GetValue(rate), "--rate");
            var options = new PowerOptions
            {
                Volts = Positive(parse.GetValue(voltage), "--voltage"),
                MarkerPins = parse.GetValue(pins) is { } named ? Pins(named) : null,
                TimeStampPin = parse.GetValue(stamp),
                InferencesPerStretch = parse.GetValue(inferences) is > 0 and var n ? n : throw new ModelFormatException("--inferences must be 1 or more."),
                BaselineAmperes = NotNegative(parse.GetValue(baseline), "--baseline-ua") * 1e-6,
                SleepAmperes = NotNegative(parse.GetValue(sleep), "--sleep-ua") * 1e-6,
                BatteryMilliampereHours = Positive(parse.GetValue(battery), "--battery-mah")!.Value,
                PerHour = [.. parse.GetRequiredValue(rates).Select(r => Positive(r, "--per-hour")!.Value)],
            };
            PowerResult result = Analyse(() => CaptureFile.Open(path, kind, perSecond), options);
            if (parse.GetValue(html) is { } page) ModelFile.WriteWhole(page, PowerPage.Write(Path.GetFileName(path), result));
            return Tell(result, parse.GetValue(json));
        }));
        return command;
    }

    private static int Tell(PowerResult result, bool json)
    {
        if (json) Console.WriteLine(PowerPrinter.Json(result));
        else PowerPrinter.Print(result);
        foreach (string note in result.Notes) Console.Error.WriteLine("note: " + note);
        bool hasPins = result.Cycles is null && result.Stretches is null && result.HasPins;
        return hasPins
            ? CommandGuard.Refuse("The marker pins enclose no complete inference, so only totals could be told: check which pins are wired (--pins, --timestamp-pin).")
            : CommandGuard.Ok;
    }

    private static PowerResult Analyse(Func<ICapture> open, PowerOptions options)
    {
        if (Console.IsErrorRedirected) return PowerAnalysis.Run(open, options);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().AutoClear(true).Start(bars =>
        {
            ProgressTask bar = bars.AddTask("reading the capture", maxValue: 1);
            return PowerAnalysis.Run(open, options, part => bar.Value = part);
        });
    }

    private static string[] Pins(string named)
    {
        string[] pins = named.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return pins.Length is 1 or 2 && pins.Distinct().Count() == pins.Length ? pins : throw new ModelFormatException($"--pins {named} must name one pin or two different ones, such as D0,D1.");
    }

    private static double? Positive(double? value, string option) =>
        value is null or > 0 and <= 1e12 ? value : throw new ModelFormatException($"{option} {value} must be a number above 0.");

    private static double? NotNegative(double? value, string option) =>
        value is null or >= 0 and <= 1e12 ? value : throw new ModelFormatException($"{option} {value} must be 0 or more.");
}

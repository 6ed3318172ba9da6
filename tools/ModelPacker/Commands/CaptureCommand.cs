using System.CommandLine;
using Spectre.Console;
using TinyAI.Boards;
using TinyAI.ModelPacker.Device;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Recording;

namespace TinyAI.ModelPacker.Commands;

/// <summary>capture --port PORT -o FILE --label NAME: labelled windows from a board that runs Gesture.</summary>
internal static class CaptureCommand
{
    public static Command Create()
    {
        var port = new Option<string>("--port") { Description = "The board: COM5, /dev/ttyUSB0 or tcp:HOST:PORT.", Required = true };
        var baud = new Option<int>("--baud") { Description = "Bits a second of a serial port.", DefaultValueFactory = _ => 115200 };
        var output = new Option<string>("--output", "-o") { Description = "The CSV file; windows are appended. A folder: NAME.csv in it.", Required = true };
        var label = new Option<string>("--label") { Description = "What is being recorded.", Required = true };
        var count = new Option<int>("--count") { Description = "Windows to record.", DefaultValueFactory = _ => 20 };
        var always = new Option<bool>("--always") { Description = "Window after window, whether the board moves or not: for rest and for activities." };
        var threshold = new Option<int>("--threshold") { Description = "Counts above which the board moves.", DefaultValueFactory = _ => MotionGate.DefaultThreshold };
        var model = new Option<string?>("--model") { Description = "The model whose .json names the channels and their units; default: the gesture model." };
        var counts = new Option<bool>("--counts") { Description = "Write raw counts instead of physical units." };
        var command = new Command("capture", "Records labelled windows from a board that runs Gesture; the trainer takes the files as they are.")
        {
            port, baud, output, label, count, always, threshold, model, counts,
        };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            string name = parse.GetRequiredValue(label), path = Target(parse.GetRequiredValue(output), name);
            int wanted = parse.GetValue(count);
            if (wanted < 1) throw new ModelFormatException("--count must be 1 or more.");
            if (parse.GetValue(threshold) < 1) throw new ModelFormatException("--threshold must be 1 or more; --always records without one.");
            SensorChannel[] channels = Channels(parse.GetValue(model));
            double[] perUnit = [.. channels.Select(c => parse.GetValue(counts) ? 1 : c.CountsPerUnit)];
            GestureSettings? gate = parse.GetValue(always) ? null : new GestureSettings { GateThreshold = parse.GetValue(threshold) };
            using IDevicePort board = DevicePort.Open(parse.GetRequiredValue(port), parse.GetValue(baud));
            return Record(board, path, name, wanted, gate, [.. channels.Select(c => c.Name)], perUnit);
        }));
        return command;
    }

    private static int Record(IDevicePort port, string path, string label, int wanted, GestureSettings? gate, string[] channels, double[] perUnit)
    {
        bool stopped = false;
        void Stop(object? sender, ConsoleCancelEventArgs e) => (stopped, e.Cancel) = (true, true);
        Console.CancelKeyPress += Stop;
        try
        {
            WindowFile Open(GestureLine.Head head)
            {
                if (head.Channels != channels.Length)
                    throw new ModelFormatException($"The board sends {head.Channels} channels, the model names {channels.Length} ({string.Join(", ", channels)}): give the board's model with --model.");
                if (gate is not null && gate.GateFirst + gate.GateCount > head.Channels)
                    throw new ModelFormatException($"The motion gate watches channels {gate.GateFirst}..{gate.GateFirst + gate.GateCount - 1}, of which the board sends {head.Channels}: use --always.");
                return new WindowFile(path, channels, perUnit, head.WindowRows);
            }

            CaptureResult Run(LiveDisplayContext? live) =>
                new CaptureSession(port, new CaptureScreen(label, wanted, channels, perUnit, live)).Run(Open, gate, wanted, () => stopped);
            CaptureResult result = Console.IsOutputRedirected ? Run(null) : AnsiConsole.Live(new Text("waiting for the board")).Start(Run);
            return Tell(result, path, label, wanted);
        }
        finally
        {
            Console.CancelKeyPress -= Stop;
        }
    }

    private static int Tell(CaptureResult result, string path, string label, int wanted)
    {
        Console.WriteLine($"{result.Windows} {(result.Windows == 1 ? "window" : "windows")} of {label} written to {path}");
        foreach (string fault in result.Faults.Distinct()) Console.Error.WriteLine($"note: the board says: {fault}.");
        if (result.LostRows > 0) Console.Error.WriteLine($"note: {result.LostRows} rows were lost on the way.");
        if (result.BrokenWindows > 0) Console.Error.WriteLine($"note: {result.BrokenWindows} {(result.BrokenWindows == 1 ? "window was" : "windows were")} dropped, because rows of them are missing.");
        if (result.Garbage > 0) Console.Error.WriteLine($"note: {result.Garbage} lines could not be read.");
        return result.Ended is null ? CommandGuard.Ok : CommandGuard.Refuse($"{result.Ended} {result.Windows} of {wanted} windows were recorded and are in {path}.");
    }

    /// <summary>The trainer takes the label from the file's name.</summary>
    private static string Target(string output, string label)
    {
        if (label.Trim().Length == 0 || label.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || label.Contains(',')) throw new ModelFormatException($"The label \"{label}\" cannot be the name of a file.");
        if (Directory.Exists(output) || output.EndsWith('/')) return Path.Combine(output, label + ".csv");
        if (!Path.GetFileNameWithoutExtension(output).Equals(label, StringComparison.Ordinal))
            Console.Error.WriteLine($"note: the trainer takes the label from the file's name, so these windows will be called {Path.GetFileNameWithoutExtension(output)}, not {label}.");
        return output;
    }

    private static SensorChannel[] Channels(string? model)
    {
        string path = model ?? DemoCommand.ModelPath;
        string json = Path.ChangeExtension(path, ".json");
        if (!File.Exists(json)) throw new ModelFormatException($"There is no {json}, which would name the channels of the model and their units.");
        return ModelFile.MetadataFor(path, json).Input?.Channels is { Length: > 0 } channels && channels.All(c => c.Name.Length > 0 && c.CountsPerUnit > 0)
            ? channels
            : throw new ModelFormatException($"{json} names no channels with counts per unit.");
    }
}

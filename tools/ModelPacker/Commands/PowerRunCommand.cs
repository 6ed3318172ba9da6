using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using TinyAI.ModelPacker.Device;
using TinyAI.ModelPacker.Power;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Commands;

/// <summary>power run --port P --model M: drives a board, or `dut`, through the benchmark's sequence and writes what it measured.</summary>
internal static class PowerRunCommand
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var port = new Option<string>("--port") { Description = "COM5, /dev/ttyUSB0 or tcp:HOST:PORT.", Required = true };
        var model = new Option<string>("--model") { Description = "The .tflite model or pack that the board runs.", DefaultValueFactory = _ => DemoCommand.ModelPath };
        var mode = DutCommand.Mode();
        var inputs = new Option<string?>("--inputs") { Description = $"Folder of {PowerInputs.Count} or more NNN.in.bin, with labels.csv (CASE,CLASS) where classes are known; default: simulated gestures or noise." };
        var output = new Option<string>("--output", "-o") { Description = "The result file.", DefaultValueFactory = _ => "power-run.json" };
        var baud = new Option<int?>("--baud") { Description = "Default: 115200, in energy mode 9600." };
        var seconds = new Option<double>("--seconds") { Description = "Shorter than the rules ask for, to try things.", Hidden = true, DefaultValueFactory = _ => PowerRun.RuleSeconds };
        var command = new Command("run", $"Runs {PowerInputs.Count} inputs, each at least {PowerRun.RuleSeconds} s and {PowerRun.LeastIterations} inferences, and takes the median.")
        {
            port, model, mode, inputs, output, baud, seconds,
        };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            bool energy = parse.GetValue(mode) == "energy";
            return Run(
                parse.GetRequiredValue(port), parse.GetValue(baud) ?? (energy ? 9600 : 115200), ModelFile.PackOf(parse.GetValue(model)!), energy,
                parse.GetValue(inputs), parse.GetValue(output)!, parse.GetValue(seconds));
        }));
        return command;
    }

    private static int Run(string portName, int baud, byte[] pack, bool energy, string? folder, string output, double seconds)
    {
        var runner = new ModelRunner(pack);
        PowerInput[] inputs = folder is null ? PowerInputs.Default(runner) : PowerInputs.From(folder, runner);
        using IDevicePort port = DevicePort.Open(portName, baud);
        var device = new DutClient(port);
        var run = new PowerRun(device, pack, seconds);
        string name = "", model = "", fault = "";
        try
        {
            name = device.Name();
            model = device.ModelName();
            Console.WriteLine($"device {name}, model {model}, {(energy ? "energy" : "performance")} mode");
            run.Run(inputs, Say);
        }
        catch (Exception e) when (e is DutException or DevicePortException && run.Done.Count > 0)
        {
            fault = e.Message;
        }

        double latency = PowerRun.Median(run.Done.Select(d => d.LatencyMicroseconds)), throughput = PowerRun.Median(run.Done.Select(d => d.Throughput));
        PowerInputResult[] labelled = [.. run.Done.Where(d => d.Label is not null)];
        double? accuracy = labelled.Length == 0 ? null : (double)labelled.Count(d => d.Answer == d.Label) / labelled.Length;
        bool asHere = run.Done.All(d => d.AsHere);
        ModelFile.WriteWhole(output, JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                complete = fault.Length == 0, fault = fault.Length == 0 ? null : fault, port = portName, device = name, model, mode = energy ? "energy" : "performance",
                rules = new { inputs = PowerInputs.Count, leastSeconds = seconds, leastIterations = PowerRun.LeastIterations, met = fault.Length == 0 && seconds >= PowerRun.RuleSeconds },
                clock = energy ? "host" : "device", medianLatencyMicroseconds = latency, medianThroughputPerSecond = throughput, accuracy, sameResultsAsDesktop = asHere,
                inputs = run.Done.Select(d => new { input = d.Input, iterations = d.Iterations, microseconds = d.Microseconds, latencyMicroseconds = d.LatencyMicroseconds, throughputPerSecond = d.Throughput, label = d.Label, answer = d.Answer, sameResultsAsDesktop = d.AsHere }),
            },
            s_json));
        Console.WriteLine($"median {latency:N1} us, {throughput:N2} inferences a second{(accuracy is { } a ? $", {a:P0} of {labelled.Length} inputs right" : "")}; written to {output}");
        if (energy) Console.WriteLine("Times are this computer's clock around the device's lines; energy comes from the analyser's capture: `power analyze`.");
        if (fault.Length > 0) return CommandGuard.Refuse($"{fault.TrimEnd('.')}; {run.Done.Count} of {inputs.Length} inputs were measured and are in {output}.");
        if (asHere) return CommandGuard.Ok;
        Console.WriteLine("The device's results are not those of this computer: is it the same model?");
        return CommandGuard.Difference;
    }

    private static void Say(PowerInputResult done) =>
        Console.WriteLine($"  {done.Input,-32} {done.Iterations,8} inferences {done.LatencyMicroseconds,12:N1} us each  {(done.AsHere ? "as on the desktop" : "NOT as on the desktop")}");
}

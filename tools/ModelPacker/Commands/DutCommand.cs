using System.CommandLine;
using TinyAI.ModelPacker.Device;

namespace TinyAI.ModelPacker.Commands;

/// <summary>dut --model M --listen tcp:PORT|pty: the boards' protocol code on the desktop.</summary>
internal static class DutCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A .tflite model or a pack.", DefaultValueFactory = _ => DemoCommand.ModelPath };
        var listen = new Option<string>("--listen") { Description = "tcp:PORT (this computer only), tcp:ADDRESS:PORT, or pty for a pseudo-terminal.", Required = true };
        var mode = Mode();
        var command = new Command("dut", "Behaves like a board with the Power test application, so that runners can be tried without one. Ends with Ctrl+C.") { model, listen, mode };
        command.SetAction((parse, stop) => Task.FromResult(CommandGuard.Run(() =>
        {
            using var server = new DutServer(ModelFile.PackOf(parse.GetValue(model)!), parse.GetRequiredValue(listen), parse.GetValue(mode) == "energy");
            Console.WriteLine($"listening at {server.Address}");
            server.Run(stop);
            return CommandGuard.Ok;
        })));
        return command;
    }

    /// <summary>The option --mode.</summary>
    public static Option<string> Mode()
    {
        var mode = new Option<string>("--mode") { Description = "perf (default) or energy.", DefaultValueFactory = _ => "perf" };
        mode.AcceptOnlyFromAmong("perf", "energy");
        return mode;
    }
}

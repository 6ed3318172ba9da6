using System.CommandLine;

namespace TinyAI.ModelPacker.Commands;

/// <summary>The command line: every command, a line each.</summary>
public static class Cli
{
    /// <summary>Parses and runs a command line; 0 is success, 1 a difference found, 2 input that cannot be used.</summary>
    public static int Run(string[] args)
    {
        var root = new RootCommand("TinyAI ModelPacker: turns small INT8 models into packs for .NET nanoFramework, and runs them with the device's own code.")
        {
            DemoCommand.Create(),
            InspectCommand.Create(),
            PackCommand.Create(),
            RunCommand.Create(),
            VerifyCommand.Create(),
            ClassifyCommand.Create(),
        };
        ParseResult parsed = root.Parse(args);
        int code = parsed.Invoke();
        return parsed.Errors.Count > 0 ? CommandGuard.BadInput : code;
    }
}

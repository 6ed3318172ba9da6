using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Commands;

/// <summary>The command line: every command, a line each.</summary>
public static partial class Cli
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
            GenerateCommand.Create(),
            QuantizeCommand.Create(),
            SurveyCommand.Create(),
            CaptureCommand.Create(),
            ReplayCommand.Create(),
            ReportCommand.Create(),
            BoardCommand.Create(),
            DutCommand.Create(),
            PowerCommand.Create(),
        };
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count == 0) return parsed.Invoke();
        if (args.Length == 0)
        {
            root.Parse(["--help"]).Invoke();
            return CommandGuard.BadInput;
        }

        return CommandGuard.Refuse($"{string.Join(" ", parsed.Errors.Select(Words))} See `{string.Join(' ', Path(parsed.CommandResult))} --help`.");
    }

    /// <summary>The parser's words without the names of .NET types.</summary>
    private static string Words(ParseError error) => TypeName().Replace(Sentences.OneLine(error.Message), "");

    private static IEnumerable<string> Path(CommandResult command) =>
        (command.Parent is CommandResult parent ? Path(parent) : []).Append(command.Command.Name);

    [GeneratedRegex(" as expected type '[^']*'")]
    private static partial Regex TypeName();
}

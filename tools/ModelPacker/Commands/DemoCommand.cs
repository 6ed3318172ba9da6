using System.CommandLine;

namespace TinyAI.ModelPacker.Commands;

internal static class DemoCommand
{
    public static Command Create() => new("demo", "");
}

using System.CommandLine;

namespace TinyAI.ModelPacker.Commands;

/// <summary>power: what an inference costs in energy. Its own commands follow, a line each.</summary>
internal static class PowerCommand
{
    public static Command Create() => new("power", "Measures what an inference costs a board.")
    {
        PowerAnalyzeCommand.Create(),
    };
}

using System.CommandLine;

namespace TinyAI.ModelPacker.Commands;

/// <summary>power: what an inference costs in energy. Its own commands follow, a line each.</summary>
internal static class PowerCommand
{
    public static Command Create() => new("power", "Measures a board's latency and energy.")
    {
        PowerRunCommand.Create(), PowerAnalyzeCommand.Create(),
    };
}

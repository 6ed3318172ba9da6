using System.CommandLine;

namespace TinyAI.ModelPacker.Commands;

/// <summary>power: measures latency and energy; its parts are commands of their own.</summary>
internal static class PowerCommand
{
    public static Command Create() => new("power", "Measures a board's latency and energy.") { PowerRunCommand.Create() };
}

using Spectre.Console;

namespace TinyAI.ModelPacker.Accounts;

/// <summary>Writes tables: as wide as the terminal, or wide enough for a row a line where output goes to a file.</summary>
internal static class Tables
{
    private const int FileWidth = 180;
    private const int RoomyWidth = 130;

    /// <summary>Whether a row of several shapes would be broken: then they stand one below the other.</summary>
    public static bool IsNarrow => !Console.IsOutputRedirected && AnsiConsole.Profile.Width < RoomyWidth;

    /// <summary>Writes a table to standard output.</summary>
    public static void Write(Table table)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = FileWidth;
        AnsiConsole.Write(table);
    }
}

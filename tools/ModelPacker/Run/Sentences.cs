using System.Text.RegularExpressions;

namespace TinyAI.ModelPacker.Run;

/// <summary>Brings words of others into the form of this tool's messages.</summary>
internal static partial class Sentences
{
    /// <summary>The text in one line, each run of white space a single space.</summary>
    public static string OneLine(string text) => WhiteSpace().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}

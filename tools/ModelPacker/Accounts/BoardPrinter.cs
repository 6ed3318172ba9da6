namespace TinyAI.ModelPacker.Accounts;

/// <summary>Says for people which boards a model fits, and what stands against the others.</summary>
internal static class BoardPrinter
{
    /// <summary>A line of boards that fit, then a line per reason against each other board: all of them, or the first.</summary>
    public static void Print(IReadOnlyList<BoardVerdict> boards, bool allReasons)
    {
        Console.WriteLine($"fits         {string.Join(", ", boards.Where(b => b.Fits).Select(b => b.Board).DefaultIfEmpty("none of the known boards"))}");
        foreach (BoardVerdict verdict in boards.Where(b => !b.Fits))
        {
            foreach (string reason in verdict.Reasons.Take(allReasons ? int.MaxValue : 1)) Console.WriteLine($"does not fit {verdict.Board}: {reason}");
            if (!allReasons && verdict.Reasons.Count > 1) Console.WriteLine($"             and {verdict.Reasons.Count - 1} more, which `inspect` lists");
        }
    }
}

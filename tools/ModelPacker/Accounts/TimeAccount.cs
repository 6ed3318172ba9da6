using TinyAI.CostModel;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Accounts;

/// <summary>What an inference of a pack takes, predicted by counting the IL operations that the device would execute.</summary>
/// <param name="Board">The board whose operation costs it was weighed with.</param>
/// <param name="IsEstimate">Whether that is not the board that was asked for, or none was: only ratios are good then.</param>
/// <param name="Milliseconds">One inference.</param>
/// <param name="LayerMilliseconds">The same by layers.</param>
/// <param name="KernelMilliseconds">What the kernels alone take of that: a library that calls them has no records to read.</param>
/// <param name="RuntimeCodeBytes">IL of runtime and kernels, which all models share.</param>
/// <param name="NanosecondsPerAdd">Unit of cost estimates of other forms.</param>
public sealed record TimeAccount(string Board, bool IsEstimate, double Milliseconds, double[] LayerMilliseconds, double[] KernelMilliseconds, int RuntimeCodeBytes, double NanosecondsPerAdd)
{
    /// <summary>
    /// Runs the pack once on fixed noise in instrumented copies of the device code. The table is that of the board, where
    /// it has been measured, or the host's.
    /// </summary>
    public static TimeAccount Of(PackResult packed, string? board)
    {
        bool known = board is not null && CostTable.Exists(board);
        CostTable table = known ? CostTable.Find(board!) : CostTable.Host;
        using var profiler = new PackProfiler(packed.Pack);
        PackPrediction run = profiler.Run(profiler.Noise(), table);
        return new TimeAccount(table.Board, !known, run.Total.Milliseconds, [.. run.Layers.Select(l => l.Cost.Milliseconds)],
            [.. run.Layers.Select(l => l.KernelAdds * table.NanosecondsPerAdd / 1e6)], profiler.CodeBytes, table.NanosecondsPerAdd);
    }

    /// <summary>A sentence on where the figures come from.</summary>
    public string Source => IsEstimate
        ? $"estimate with the operation costs of {Board}: good for comparing layers and forms, not a board's time"
        : $"predicted with the operation costs measured on {Board}";
}

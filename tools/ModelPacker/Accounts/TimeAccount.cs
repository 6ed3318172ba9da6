using TinyAI.CostModel;
using TinyAI.ModelPacker.Lower;
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
    /// <remarks>Layers that run row by row together share their time by what each is estimated to cost.</remarks>
    public static TimeAccount Of(PackResult packed, string? board) => Of(packed.Pack, board, i => Share(packed.Model, i));

    /// <summary>The same for a pack alone.</summary>
    public static TimeAccount Of(byte[] pack, string? board) => Of(pack, board, _ => 1);

    private static double Share(LoweredModel model, int index)
    {
        Layer layer = model.Layers[index];
        return layer.Form.Length > 0 ? LaneCost.Of(layer) : 10.0 * layer.Macs + 12 * (layer.Output?.Bytes ?? 1);
    }

    private static TimeAccount Of(byte[] pack, string? board, Func<int, double> share)
    {
        bool known = board is not null && CostTable.Exists(board);
        CostTable table = known ? CostTable.Find(board!) : CostTable.Host;
        using var profiler = new PackProfiler(pack);
        PackPrediction run = profiler.Run(profiler.Noise(), table);
        return new TimeAccount(table.Board, !known, run.Total.Milliseconds, [.. run.Layers.SelectMany(l => Spread(l, l.Cost.Milliseconds, share))],
            [.. run.Layers.SelectMany(l => Spread(l, l.KernelAdds * table.NanosecondsPerAdd / 1e6, share))], profiler.CodeBytes, table.NanosecondsPerAdd);
    }

    private static IEnumerable<double> Spread(LayerCost cost, double time, Func<int, double> share)
    {
        if (cost.Layers == 1) return [time];
        double[] parts = [.. Enumerable.Range(cost.Index, cost.Layers).Select(share)];
        return parts.Select(p => time * p / parts.Sum());
    }

    /// <summary>A sentence on where the figures come from.</summary>
    public string Source => IsEstimate
        ? $"estimate with the operation costs of {Board}: good for comparing layers and forms, not a board's time"
        : $"predicted with the operation costs measured on {Board}";
}

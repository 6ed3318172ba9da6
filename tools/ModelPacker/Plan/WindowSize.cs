using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Plan;

/// <summary>
/// Chooses the paging window: the piece of the pack that is in RAM at a time. It must hold a layer record and the
/// largest piece that a kernel needs at once; beyond that a larger window means fewer reads, so it grows with the
/// activation memory (a sixteenth of it, at most 4 KB), where it is no longer what makes the peak.
/// </summary>
public static class WindowSize
{
    private const int Least = 128;
    private const int Most = 4096;

    /// <summary>Bytes of the window.</summary>
    public static int Choose(LoweredModel model, MemoryPlan plan)
    {
        int need = Math.Max(PackFormat.LayerHeaderWords, model.Layers.Select(l => l.Parameters.Length).DefaultIfEmpty(0).Max()) * 4;
        need = Math.Max(need, model.Layers.Select(l => l.WindowBytes).DefaultIfEmpty(0).Max());
        int largest = model.Layers.Select(l => l.Weights.Length).DefaultIfEmpty(0).Max();
        int wanted = Math.Min(Math.Clamp(plan.TotalBytes / 16, Least, Most), Math.Max(largest, Least));
        return (Math.Max(need, wanted) + PackFormat.Alignment - 1) / PackFormat.Alignment * PackFormat.Alignment;
    }
}

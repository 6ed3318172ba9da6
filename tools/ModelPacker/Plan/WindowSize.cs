using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Plan;

/// <summary>
/// Chooses the paging window: the piece of the pack that is in RAM at a time. It must hold a layer record and the
/// largest piece that a kernel needs at once. Beyond that a larger window means fewer reads, but a read costs no more than
/// some twenty multiply-accumulates: a thirty-second of the activation memory, at most 512 bytes, makes reading a matter of
/// percents without making the peak.
/// </summary>
public static class WindowSize
{
    private const int Least = 128;
    private const int Most = 512;

    /// <summary>Bytes of the window.</summary>
    public static int Choose(LoweredModel model, MemoryPlan plan)
    {
        int need = Math.Max(PackFormat.LayerHeaderWords, model.Layers.Select(l => l.Parameters.Length).DefaultIfEmpty(0).Max()) * 4;
        need = Math.Max(need, model.Layers.Select(l => l.WindowBytes).DefaultIfEmpty(0).Max());
        int largest = model.Layers.Select(l => l.Weights.Length).DefaultIfEmpty(0).Max();
        int wanted = Math.Min(Math.Clamp(plan.TotalBytes / 32, Least, Most), Math.Max(largest, Least));
        return (Math.Max(need, wanted) + PackFormat.Alignment - 1) / PackFormat.Alignment * PackFormat.Alignment;
    }
}

using TinyAI.ModelPacker.Lower;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Plan;

/// <summary>Addresses for all buffers: how large each activation block is, and how close that is to the least possible.</summary>
/// <param name="BlockBytes">Bytes of each activation block.</param>
/// <param name="LowerBound">Bytes that some layer needs at once: no plan can take less in all.</param>
/// <param name="PeakLayer">A layer at which that much is needed.</param>
public sealed record MemoryPlan(int[] BlockBytes, int LowerBound, int PeakLayer)
{
    /// <summary>Bytes of all blocks together.</summary>
    public int TotalBytes => BlockBytes.Sum();

    /// <summary>Bytes that live at a layer.</summary>
    public static int LiveAt(LoweredModel model, int layer) =>
        model.Buffers.Where(b => b.FirstUse <= layer && layer <= b.LastUse).Sum(b => b.Bytes);
}

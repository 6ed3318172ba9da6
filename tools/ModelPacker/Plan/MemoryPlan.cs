using TinyAI.ModelPacker.Lower;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Plan;

/// <summary>Addresses for all buffers: how large each activation block is, and how close that is to the least possible.</summary>
/// <param name="BlockBytes">Bytes of each activation block.</param>
/// <param name="LowerBound">Bytes that some layer needs at once: no plan can take less in all.</param>
/// <param name="PeakLayer">A layer at which that much is needed.</param>
public sealed record MemoryPlan(int[] BlockBytes, int LowerBound, int PeakLayer)
{
    /// <summary>Buffers placed in the search for this plan, each passing at most over all others: the search's effort.</summary>
    public long Placements { get; init; }

    /// <summary>Bytes of all blocks together.</summary>
    public int TotalBytes => BlockBytes.Sum();

    /// <summary>Bytes that live before the first layer, at each layer, and after the last one; layer i is element i + 1.</summary>
    public static int[] LiveBytes(LoweredModel model)
    {
        var live = new int[model.Layers.Count + 3];
        foreach (Buffer buffer in model.Buffers)
        {
            live[buffer.FirstUse + 1] += buffer.Held;
            live[buffer.LastUse + 2] -= buffer.Held;
        }

        for (int i = 1; i < live.Length; i++) live[i] += live[i - 1];
        return live[..^1];
    }
}

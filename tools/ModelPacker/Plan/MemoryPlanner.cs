using TinyAI.ModelPacker.Lower;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Plan;

/// <summary>
/// Gives every buffer a block and an offset so that no two buffers that live at the same time overlap.
/// <para>
/// One buffer after another is put at the lowest free offset of the first block that has room. The result depends on
/// the order, so several orders are tried (by size, by lifetime, by first use, by the load at the moment a buffer is
/// needed), and then the best is improved by moving buffers that reach the top to the front of the order, until the
/// lower bound is met or no move helps. The lower bound is the largest sum of buffers that live at one layer. Limit: the
/// search is a heuristic with a fixed number of steps; the account prints the bound beside the result.
/// </para>
/// </summary>
public static class MemoryPlanner
{
    private const int MaxSteps = 200;

    /// <summary>Plans the model. No block becomes larger than maxBlockBytes unless a single buffer is.</summary>
    public static MemoryPlan Run(LoweredModel model, int maxBlockBytes = int.MaxValue)
    {
        Buffer[] buffers = [.. model.Buffers];
        (int bound, int peakLayer) = LowerBound(model);
        int blockLimit = Math.Max(maxBlockBytes, buffers.Select(b => b.Bytes).DefaultIfEmpty(0).Max());

        List<Buffer>[] orders =
        [
            [.. buffers.OrderByDescending(b => b.IsState).ThenByDescending(b => b.Bytes)],
            [.. buffers.OrderByDescending(b => b.IsState).ThenByDescending(b => (long)b.Bytes * (b.LastUse - b.FirstUse + 1))],
            [.. buffers.OrderByDescending(b => b.IsState).ThenByDescending(b => b.LastUse - b.FirstUse).ThenByDescending(b => b.Bytes)],
            [.. buffers.OrderByDescending(b => b.IsState).ThenBy(b => b.FirstUse).ThenByDescending(b => b.Bytes)],
            [.. buffers.OrderByDescending(b => b.IsState).ThenByDescending(b => PeakWhileAlive(model, b)).ThenByDescending(b => b.Bytes)],
        ];
        List<Buffer> best = orders[0];
        int[] bestBlocks = Place(best, blockLimit);
        foreach (List<Buffer> order in orders.Skip(1))
        {
            int[] blocks = Place(order, blockLimit);
            if (blocks.Sum() < bestBlocks.Sum()) (best, bestBlocks) = (order, blocks);
        }

        for (int step = 0; step < MaxSteps && bestBlocks.Sum() > bound; step++)
        {
            int[] blocks = Place(best, blockLimit);
            Buffer[] tops = [.. best.Where(b => b.Bytes > 0 && b.Offset + b.Bytes == blocks[b.Block]).OrderByDescending(b => b.Bytes)];
            bool improved = false;
            foreach (Buffer top in tops)
            {
                int at = best.IndexOf(top);
                for (int to = 0; to < at && !improved; to++)
                {
                    var order = new List<Buffer>(best);
                    order.RemoveAt(at);
                    order.Insert(to, top);
                    blocks = Place(order, blockLimit);
                    if (blocks.Sum() >= bestBlocks.Sum()) continue;
                    (best, bestBlocks, improved) = (order, blocks, true);
                }

                if (improved) break;
            }

            if (!improved) break;
        }

        bestBlocks = Place(best, blockLimit);
        return new MemoryPlan(bestBlocks, bound, peakLayer);
    }

    private static (int Bytes, int Layer) LowerBound(LoweredModel model)
    {
        (int bytes, int at) = (0, 0);
        for (int layer = -1; layer <= model.Layers.Count; layer++)
        {
            int live = MemoryPlan.LiveAt(model, layer);
            if (live > bytes) (bytes, at) = (live, layer);
        }

        return (bytes, at);
    }

    private static int PeakWhileAlive(LoweredModel model, Buffer buffer)
    {
        int peak = 0;
        for (int layer = Math.Max(buffer.FirstUse, 0); layer <= Math.Min(buffer.LastUse, model.Layers.Count - 1); layer++)
            peak = Math.Max(peak, MemoryPlan.LiveAt(model, layer));
        return peak;
    }

    /// <summary>Places the buffers in this order and returns the size of each block.</summary>
    private static int[] Place(List<Buffer> order, int blockLimit)
    {
        var placed = new List<Buffer>();
        var blocks = new List<int>();
        foreach (Buffer buffer in order)
        {
            (int block, int offset) = (blocks.Count, 0);
            for (int b = 0; b < blocks.Count; b++)
            {
                int at = LowestFree(buffer, placed.Where(p => p.Block == b && p.LivesWith(buffer)).OrderBy(p => p.Offset));
                if (at > blockLimit - buffer.Bytes) continue;
                (block, offset) = (b, at);
                break;
            }

            if (block == blocks.Count) blocks.Add(0);
            (buffer.Block, buffer.Offset) = (block, offset);
            blocks[block] = Math.Max(blocks[block], offset + buffer.Bytes);
            placed.Add(buffer);
        }

        return [.. blocks];
    }

    private static int LowestFree(Buffer buffer, IEnumerable<Buffer> neighbours)
    {
        int at = 0;
        foreach (Buffer other in neighbours)
        {
            if (other.Offset - at >= buffer.Bytes) return at;
            at = Math.Max(at, other.Offset + other.Bytes);
        }

        return at;
    }
}

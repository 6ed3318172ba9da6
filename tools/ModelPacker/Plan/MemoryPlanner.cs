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
/// search is a heuristic with a fixed number of trials, fewer for larger models; the account prints the bound beside
/// the result.
/// </para>
/// </summary>
public sealed class MemoryPlanner
{
    /// <summary>Trials times the square of the number of buffers: a few tenths of a second at most.</summary>
    private const long Effort = 30_000_000;
    private const int MostTrials = 3_000;

    private readonly Buffer[] _buffers;
    private readonly bool[] _together;
    private readonly int[] _block;
    private readonly int[] _offset;
    private readonly int[] _placed;
    private readonly int _blockLimit;
    private long _trials;
    private long _placements;

    private MemoryPlanner(Buffer[] buffers, int maxBlockBytes)
    {
        int n = buffers.Length;
        _buffers = buffers;
        _block = new int[n];
        _offset = new int[n];
        _placed = new int[n];
        _together = new bool[n * n];
        _blockLimit = Math.Max(maxBlockBytes, buffers.Select(b => b.Held).DefaultIfEmpty(0).Max());
        _trials = n == 0 ? 0 : Math.Min(MostTrials, Effort / ((long)n * n));
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++) _together[i * n + j] = buffers[i].LivesWith(buffers[j]);
        }
    }

    /// <summary>Plans the model. No block becomes larger than maxBlockBytes unless a single buffer is.</summary>
    public static MemoryPlan Run(LoweredModel model, int maxBlockBytes = int.MaxValue)
    {
        int[] live = MemoryPlan.LiveBytes(model);
        int bound = live.Max(), peakLayer = Array.IndexOf(live, bound) - 1;
        var planner = new MemoryPlanner([.. model.Buffers], maxBlockBytes);
        return new MemoryPlan(planner.Search(live, bound), bound, peakLayer) { Placements = planner._placements };
    }

    private int[] Search(int[] live, int bound)
    {
        int[] all = [.. Enumerable.Range(0, _buffers.Length)];
        long Duration(int i) => _buffers[i].LastUse - _buffers[i].FirstUse + 1;
        int Peak(int i) => live.AsSpan((_buffers[i].FirstUse + 1)..(_buffers[i].LastUse + 2)).ToArray().Max();
        int[][] orders =
        [
            Order(all, i => _buffers[i].Held),
            Order(all, i => _buffers[i].Held * Duration(i)),
            Order(all, Duration),
            Order(all, i => -_buffers[i].FirstUse),
            Order(all, i => Peak(i)),
        ];
        int[] best = orders[0];
        long bestBytes = Place(best).Sum();
        foreach (int[] order in orders.Skip(1))
        {
            long bytes = Place(order).Sum();
            if (bytes < bestBytes) (best, bestBytes) = (order, bytes);
        }

        while (bestBytes > bound && Improve(ref best, ref bestBytes))
        {
        }

        int[] blocks = Place(best);
        for (int i = 0; i < _buffers.Length; i++) (_buffers[i].Block, _buffers[i].Offset) = (_block[i], _offset[i]);
        return blocks;
    }

    /// <summary>States first, then by the key, then by size; where all is equal, in the order of the model.</summary>
    private int[] Order(int[] all, Func<int, long> key) =>
        [.. all.OrderByDescending(i => _buffers[i].IsState).ThenByDescending(key).ThenByDescending(i => _buffers[i].Held)];

    /// <summary>Moves one buffer that reaches the top of its block forward in the order, if that makes the blocks smaller.</summary>
    private bool Improve(ref int[] best, ref long bestBytes)
    {
        int[] blocks = Place(best);
        int[] tops = [.. best.Where(i => _buffers[i].Held > 0 && _offset[i] + _buffers[i].Held == blocks[_block[i]]).OrderByDescending(i => _buffers[i].Held)];
        var order = new int[best.Length];
        foreach (int top in tops)
        {
            int at = Array.IndexOf(best, top);
            for (int to = 0; to < at; to++)
            {
                if (_trials-- <= 0) return false;
                best.CopyTo(order, 0);
                Array.Copy(best, to, order, to + 1, at - to);
                order[to] = top;
                long bytes = Place(order).Sum();
                if (bytes >= bestBytes) continue;
                (best, bestBytes) = (order, bytes);
                return true;
            }
        }

        return false;
    }

    /// <summary>Places the buffers in this order and returns the size of each block.</summary>
    private int[] Place(int[] order)
    {
        int n = order.Length;
        _placements += n;
        var blocks = new List<int>();
        for (int count = 0; count < n; count++)
        {
            // The placed buffers are kept in the order of block and offset, so one pass finds the lowest gap.
            int buffer = order[count], bytes = _buffers[buffer].Held, block = 0, at = 0;
            for (int k = 0; k < count; k++)
            {
                int other = _placed[k];
                if (_block[other] < block || !_together[buffer * n + other]) continue;
                if (_block[other] > block)
                {
                    if (at <= _blockLimit - bytes) break;
                    (block, at) = (block + 1, 0);
                    if (_block[other] > block) break;
                }

                if (_offset[other] - at >= bytes && at <= _blockLimit - bytes) break;
                at = Math.Max(at, _offset[other] + _buffers[other].Held);
            }

            if (at > _blockLimit - bytes) (block, at) = (block + 1, 0);
            while (blocks.Count <= block) blocks.Add(0);
            blocks[block] = Math.Max(blocks[block], at + bytes);
            (_block[buffer], _offset[buffer]) = (block, at);
            int place = count;
            while (place > 0 && IsBefore(buffer, _placed[place - 1]))
            {
                _placed[place] = _placed[place - 1];
                place--;
            }

            _placed[place] = buffer;
        }

        return [.. blocks];
    }

    private bool IsBefore(int a, int b) => _block[a] != _block[b] ? _block[a] < _block[b] : _offset[a] < _offset[b];
}

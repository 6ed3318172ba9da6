using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Plan;

/// <summary>
/// The way of a lowered model to a plan: groups, shared memory, lane forms, schedules, addresses, window. Where it cannot be
/// told beforehand which way takes less memory, all are gone and the best is kept; the first of equals, so that nothing
/// runs row by row in vain.
/// </summary>
public static class Planning
{
    /// <summary>Plans a model, which stays as it is; the result is a copy.</summary>
    public static (LoweredModel Model, MemoryPlan Plan, int Window, SessionHeap Heap) Run(
        LoweredModel model, RowPolicy rows, LanePolicy lanes, int maxBlockBytes, string name)
    {
        (LoweredModel Model, MemoryPlan Plan, int Window, SessionHeap Heap)? best = null;
        foreach (RowPolicy way in rows.Streams ? new[] { RowPolicy.Never, rows with { FeedsInput = false }, rows }.Distinct() : [rows])
        {
            LoweredModel grouped = model.Copy();
            if (way.Streams)
            {
                GroupPlanner.Choose(grouped, way.FeedsInput, way.Limit);
                if (grouped.Groups.Count == 0) continue;
            }

            foreach (bool keepSize in new[] { false, true })
            {
                LoweredModel copy = grouped.Copy();
                copy.Groups.AddRange(grouped.Groups);
                var planned = One(copy, way, lanes, maxBlockBytes, keepSize, name);
                if (best is null || planned.Heap.Total < best.Value.Heap.Total) best = planned;
            }
        }

        return best!.Value;
    }

    private static (LoweredModel Model, MemoryPlan Plan, int Window, SessionHeap Heap) One(
        LoweredModel model, RowPolicy rows, LanePolicy lanes, int maxBlockBytes, bool keepSize, string name)
    {
        RowGroup[] groups = [.. model.Groups];
        model.Groups.Clear();
        Lifetimes.Set(model);
        model.Groups.AddRange(groups);
        InPlaceSharing.Apply(model, keepSize);
        LaneChoice.Run(model, lanes, maxBlockBytes);
        GroupPlanner.Schedule(model, rows.FeedsInput);
        MemoryPlan plan = MemoryPlanner.Run(model, maxBlockBytes);
        int window = WindowSize.Choose(model, plan);
        return (model, plan, window, SessionHeap.Of(model, plan, window, name));
    }
}

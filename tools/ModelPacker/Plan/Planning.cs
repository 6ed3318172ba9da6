using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Plan;

/// <summary>A model with all decisions made: what the pack is written from.</summary>
/// <param name="Model">The layers on buffers with addresses.</param>
/// <param name="Plan">The blocks.</param>
/// <param name="Window">Bytes of the paging window.</param>
/// <param name="Heap">What a session takes.</param>
public sealed record Planned(LoweredModel Model, MemoryPlan Plan, int Window, SessionHeap Heap)
{
    /// <summary>Estimated interpreter cost of the weighted layers, in additions: for comparing plans of one model.</summary>
    public double Cost { get; } = LaneCost.Of(Model);
}

/// <summary>
/// The way of a lowered model to a plan: groups, shared memory, lane forms, schedules, addresses, window. Where it cannot be
/// told beforehand which way takes less memory, all are gone and the best is kept; the first of equals, so that nothing
/// runs row by row in vain.
/// </summary>
public static class Planning
{
    /// <summary>Plans a model, which stays as it is; the result is a copy.</summary>
    public static Planned Run(
        LoweredModel model, RowPolicy rows, LanePolicy lanes, int maxBlockBytes, string name)
    {
        Planned? best = null;
        foreach (RowPolicy way in rows.Streams && rows.Limit == 0 ? new[] { RowPolicy.Never, rows with { FeedsInput = false }, rows }.Distinct() : [rows])
        {
            LoweredModel grouped = model.Copy();
            if (way.Streams)
            {
                GroupPlanner.Choose(grouped, way.FeedsInput, way.Limit);
                if (grouped.Groups.Count == 0 && best is not null) continue;
            }

            foreach (bool keepSize in new[] { false, true })
            {
                LoweredModel copy = grouped.Copy();
                copy.Groups.AddRange(grouped.Groups);
                Planned planned = One(copy, way, lanes, maxBlockBytes, keepSize, name);
                if (best is null || planned.Heap.Total < best.Heap.Total) best = planned;
            }
        }

        return best!;
    }

    private static Planned One(
        LoweredModel model, RowPolicy rows, LanePolicy lanes, int maxBlockBytes, bool keepSize, string name)
    {
        RowGroup[] groups = [.. model.Groups];
        model.Groups.Clear();
        Lifetimes.Set(model);
        model.Groups.AddRange(groups);
        InPlaceSharing.Apply(model, keepSize);
        GroupPlanner.Schedule(model, rows.FeedsInput);
        LaneChoice.Run(model, lanes, maxBlockBytes);
        if (lanes.Bytes > 0) GroupPlanner.Schedule(model, rows.FeedsInput);
        MemoryPlan plan = MemoryPlanner.Run(model, maxBlockBytes);
        int window = WindowSize.Choose(model, plan);
        return new Planned(model, plan, window, SessionHeap.Of(model, plan, window, name));
    }
}

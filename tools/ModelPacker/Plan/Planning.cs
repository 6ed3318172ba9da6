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
        if (lanes.Bytes > 0) model = SvdfSteps.Apply(model);
        Planned? best = null;
        foreach (RowPolicy way in rows.Streams && rows.Limit == 0 ? new[] { RowPolicy.Never, rows with { FeedsInput = false }, rows }.Distinct() : [rows])
        {
            GroupChoice[] groups = way.Streams ? GroupPlanner.Choose(model, way.FeedsInput, way.Limit) : [];
            if (way.Streams && groups.Length == 0 && best is not null) continue;
            Planned planned = With(model, groups, way.FeedsInput, lanes, maxBlockBytes, name);
            if (best is null || planned.Heap.Total < best.Heap.Total) best = planned;
        }

        return best!;
    }

    /// <summary>Plans a model with given groups.</summary>
    public static Planned With(LoweredModel model, IReadOnlyList<GroupChoice> groups, bool feedsInput, LanePolicy lanes, int maxBlockBytes, string name)
    {
        LoweredModel grouped = model.Copy();
        Layer[] forms = RowForm.Of(grouped);
        foreach (GroupChoice group in groups)
        {
            for (int i = group.Start; i <= group.End; i++) grouped.Layers[i] = forms[i];
        }

        Planned Variant(bool keepSize)
        {
            LoweredModel copy = grouped.Copy();
            Lifetimes.Set(copy);
            copy.Groups.AddRange(groups.Select(g => new RowGroup(g.Start, g.End, g.RowsPerStep, [], [], null)));
            return One(copy, feedsInput, lanes, maxBlockBytes, keepSize, name);
        }

        Planned shrinking = Variant(false), keeping = Variant(true);
        return keeping.Heap.Total < shrinking.Heap.Total ? keeping : shrinking;
    }

    private static Planned One(
        LoweredModel model, bool feedsInput, LanePolicy lanes, int maxBlockBytes, bool keepSize, string name)
    {
        InPlaceSharing.Apply(model, keepSize);
        GroupPlanner.Schedule(model, feedsInput);
        LaneChoice.Run(model, lanes, maxBlockBytes);
        if (lanes.Bytes > 0) GroupPlanner.Schedule(model, feedsInput);
        PoolFusion.Apply(model);
        MemoryPlan plan = MemoryPlanner.Run(model, maxBlockBytes);
        int window = WindowSize.Choose(model, plan);
        return new Planned(model, plan, window, SessionHeap.Of(model, plan, window, name));
    }
}

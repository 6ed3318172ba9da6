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
/// runs row by row in vain. What does not depend on the policies is worked out once for all plans of the model.
/// </summary>
/// <param name="model">The model, which stays as it is: plans are made of copies.</param>
/// <param name="maxBlockBytes">No array of activations becomes larger, unless a single tensor is.</param>
/// <param name="name">The name that the pack carries.</param>
public sealed class Planning(LoweredModel model, int maxBlockBytes, string name)
{
    private readonly LaneProofs _proofs = new();
    private readonly Dictionary<bool, GroupPlanner> _planners = [];
    private Planning? _steps;

    /// <summary>Plans for lanes: of the model with layers divided that have lane forms only in parts.</summary>
    private Planning Steps => _steps ??= SvdfSteps.Apply(model) is var divided && divided != model ? new Planning(divided, maxBlockBytes, name) : this;

    /// <summary>Plans the model as the policies say.</summary>
    public Planned Run(RowPolicy rows, LanePolicy lanes)
    {
        if (lanes.Bytes > 0 && Steps != this) return Steps.Run(rows, lanes);
        Planned? best = null;
        foreach (RowPolicy way in rows.Streams && rows.Limit == 0 ? new[] { RowPolicy.Never, rows with { FeedsInput = false }, rows }.Distinct() : [rows])
        {
            GroupChoice[] groups = way.Streams ? Groups(way.FeedsInput).Choose(way.Limit) : [];
            if (way.Streams && groups.Length == 0 && best is not null) continue;
            Planned planned = With(groups, way.FeedsInput, lanes);
            if (best is null || planned.Heap.Total < best.Heap.Total) best = planned;
        }

        return best!;
    }

    /// <summary>Plans the model with given groups.</summary>
    public Planned With(IReadOnlyList<GroupChoice> groups, bool feedsInput, LanePolicy lanes)
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
            return One(copy, feedsInput, lanes, keepSize);
        }

        Planned shrinking = Variant(false), keeping = Variant(true);
        return keeping.Heap.Total < shrinking.Heap.Total ? keeping : shrinking;
    }

    private GroupPlanner Groups(bool feedsInput) =>
        _planners.TryGetValue(feedsInput, out GroupPlanner? known) ? known : _planners[feedsInput] = new GroupPlanner(model, feedsInput);

    private Planned One(LoweredModel copy, bool feedsInput, LanePolicy lanes, bool keepSize)
    {
        InPlaceSharing.Apply(copy, keepSize);
        GroupPlanner.Schedule(copy, feedsInput);
        LaneChoice.Run(copy, lanes, _proofs, maxBlockBytes);
        if (lanes.Bytes > 0) GroupPlanner.Schedule(copy, feedsInput);
        PoolFusion.Apply(copy);
        MemoryPlan plan = MemoryPlanner.Run(copy, maxBlockBytes);
        int window = WindowSize.Choose(copy, plan);
        return new Planned(copy, plan, window, SessionHeap.Of(copy, plan, window, name));
    }
}

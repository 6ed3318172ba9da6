using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Plan;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Rows;

/// <summary>Random networks row by row give what they give layer by layer, with every plan that there may be.</summary>
public class RowByRowTests
{
    private const int Seeds = 250;

    [Fact]
    public void The_plan_of_least_memory_gives_what_layer_by_layer_gives()
    {
        (int groups, int fed, int joined, int carried, int turned) = (0, 0, 0, 0, 0);
        for (int seed = 0; seed < Seeds; seed++)
        {
            LoweredModel model = RandomImageGraph.Make(seed);
            PackResult layered = Packer.Pack(model, new Metadata(), int.MaxValue);
            foreach (RowPolicy policy in new[] { RowPolicy.LeastMemory, RowPolicy.WholeInput, RowPolicy.Within(layered.Plan.TotalBytes * 3 / 4) })
            {
                PackResult rows = Packer.Pack(model, new Metadata(), int.MaxValue, rows: policy);
                Same(seed, layered, rows);
                if (policy.Limit == 0) Assert.True(rows.Heap.Total <= layered.Heap.Total);
                groups += rows.Model.Groups.Count;
                fed += rows.Model.Groups.Count(g => g.Fed is not null);
                joined += rows.Model.Groups.Count(g => g.Count > 3);
                carried += rows.Model.Layers.Count(l => l.Kind == PackFormat.KindMeanRows);
                turned += rows.Model.Layers.Zip(model.Layers).Count(p => p.First.Kind == PackFormat.KindConv2D && p.First.Rows > p.Second.Rows);
            }
        }

        // The networks must really contain what the test is about.
        Assert.True(groups > 150 && fed > 20 && joined > 40 && carried > 10 && turned > 3, $"{groups} groups, {fed} fed, {joined} of four and more, {carried} carried, {turned} turned");
    }

    [Fact]
    public void Any_choice_of_groups_gives_what_layer_by_layer_gives()
    {
        int steps = 0;
        for (int seed = 1000; seed < 1000 + Seeds; seed++)
        {
            var random = new Random(seed);
            LoweredModel model = RandomImageGraph.Make(seed);
            PackResult layered = Packer.Pack(model, new Metadata(), int.MaxValue);
            var groups = new List<GroupChoice>();
            for (int at = random.Next(3); at < model.Layers.Count; at++)
            {
                int end = Math.Min(at + random.Next(8), model.Layers.Count - 1);
                if (model.Layers[at..(end + 1)].All(l => RowMap.Of(l) is not null)) groups.Add(new GroupChoice(at, end, random.Next(1, 5)));
                at = end + random.Next(2);
            }

            LanePolicy lanes = random.Next(2) == 0 ? LanePolicy.Never : LanePolicy.WithinBudget(1 << random.Next(8, 15));
            Planned planned = new Planning(model, int.MaxValue, "random").With(groups, random.Next(2) == 0, lanes);
            byte[] pack = PackWriter.Write(planned.Model, planned.Plan, new Metadata(), planned.Window, planned.Heap.Total);
            Same(seed, layered, new PackResult(pack, planned.Model, planned.Plan, planned.Heap, planned.Window));
            steps += planned.Model.Groups.Sum(g => g.Steps.Count);
        }

        Assert.True(steps > 3000, $"{steps} steps");
    }

    [Fact]
    public void Lanes_and_rows_within_a_budget_give_what_layer_by_layer_gives()
    {
        int both = 0;
        for (int seed = 2000; seed < 2150; seed++)
        {
            LoweredModel model = RandomImageGraph.Make(seed);
            PackResult layered = Packer.Pack(model, new Metadata(), int.MaxValue);
            Planned planned = new Planning(model, int.MaxValue, "random").With(new GroupPlanner(model, feeds: false).Choose(), false, LanePolicy.WithinBudget(20_000));
            byte[] pack = PackWriter.Write(planned.Model, planned.Plan, new Metadata(), planned.Window, planned.Heap.Total);
            var rows = new PackResult(pack, planned.Model, planned.Plan, planned.Heap, planned.Window);
            Same(seed, layered, rows);
            both += rows.Model.Groups.Sum(g => Enumerable.Range(g.Start, g.Count).Count(l => LaneWeightsKind(rows.Model.Layers[l].Kind)));
        }

        Assert.True(both > 10, $"{both} layers in lanes inside of groups");
    }

    private static bool LaneWeightsKind(int kind) => kind is >= PackFormat.KindConv2DLanes and <= PackFormat.KindFullyConnectedLanes;

    /// <summary>Invariants, then bytes: a session in place, one that pages, and one whose input comes in pieces, twice each.</summary>
    private static void Same(int seed, PackResult layered, PackResult rows)
    {
        PlanInvariants.Check(rows.Model, rows.Plan);
        var expected = new ModelRunner(layered.Pack);
        ModelRunner[] runners = [new(rows.Pack), new(new PagedSource(rows.Pack, rows.WindowBytes))];
        var random = new Random(seed);
        for (int run = 0; run < 2; run++)
        {
            byte[][] inputs = [.. Enumerable.Range(0, expected.InputCount).Select(i => new byte[expected.InputBytes(i)])];
            foreach (byte[] input in inputs) random.NextBytes(input);
            byte[][] golden = expected.Run(inputs);
            foreach (ModelRunner runner in runners)
            {
                byte[][] actual = runner.Run(inputs);
                for (int o = 0; o < golden.Length; o++)
                    Assert.True(golden[o].AsSpan().SequenceEqual(actual[o]), $"seed {seed}, output {o} of {rows.Model.Layers.Count} layers, groups {string.Join(' ', rows.Model.Groups.Select(g => $"{g.Start}..{g.End}x{g.RowsPerStep}"))}");
            }
        }
    }
}

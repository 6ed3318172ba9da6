using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Plan;
using TinyAI.ModelPacker.Tests.Support;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Tests.Plan;

/// <summary>The memory planner on random sets of buffers.</summary>
public class MemoryPlannerTests
{
    [Fact]
    public void No_two_live_buffers_overlap_and_the_bound_is_the_fullest_layer()
    {
        int tight = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            LoweredModel model = RandomModel(random, random.Next(1, 40), random.Next(1, 25));
            MemoryPlan plan = MemoryPlanner.Run(model);
            PlanInvariants.Check(model, plan);
            Assert.Single(plan.BlockBytes);
            int[] live = [.. Enumerable.Range(-1, model.Layers.Count + 2).Select(layer => model.Buffers.Where(b => b.FirstUse <= layer && layer <= b.LastUse).Sum(b => b.Bytes))];
            Assert.Equal(live.Max(), plan.LowerBound);
            Assert.Equal(plan.LowerBound, live[plan.PeakLayer + 1]);
            if (plan.TotalBytes == plan.LowerBound) tight++;
        }

        Assert.True(tight > 200, $"only {tight} of 300 plans meet the lower bound");
    }

    [Fact]
    public void No_block_is_larger_than_its_limit_or_the_largest_buffer()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            LoweredModel model = RandomModel(random, random.Next(1, 40), random.Next(1, 25));
            int limit = random.Next(1, 2000), largest = model.Buffers.Max(b => b.Bytes);
            MemoryPlan plan = MemoryPlanner.Run(model, limit);
            PlanInvariants.Check(model, plan);
            Assert.All(plan.BlockBytes, bytes => Assert.InRange(bytes, 1, Math.Max(limit, largest)));
        }
    }

    [Fact]
    public void The_same_model_gets_the_same_plan()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            (LoweredModel one, LoweredModel two) = (RandomModel(new Random(seed), 30, 20), RandomModel(new Random(seed), 30, 20));
            (MemoryPlan first, MemoryPlan second) = (MemoryPlanner.Run(one, 1500), MemoryPlanner.Run(two, 1500));
            Assert.Equal(first.BlockBytes, second.BlockBytes);
            Assert.Equal(one.Buffers.Select(b => (b.Block, b.Offset)), two.Buffers.Select(b => (b.Block, b.Offset)));
        }
    }

    /// <summary>A placement passes over at most all buffers; the search stops after 30 million such steps, some tenths of a second.</summary>
    [Fact]
    public void The_search_stops_after_thirty_million_steps_however_many_buffers_there_are()
    {
        foreach (int buffers in new[] { 20, 200, 600 })
        {
            for (int seed = 0; seed < 3; seed++)
            {
                MemoryPlan plan = MemoryPlanner.Run(RandomModel(new Random(seed), buffers, buffers / 2));
                Assert.InRange(plan.Placements * buffers, 1, 36_000_000);
            }
        }
    }

    private static LoweredModel RandomModel(Random random, int buffers, int layers)
    {
        var model = new LoweredModel { Name = "random" };
        var origin = new Node { Operator = BuiltinOperator.RELU, Inputs = [], Outputs = [], Origin = 0 };
        var uses = Enumerable.Range(0, layers).Select(_ => new List<Place>()).ToArray();
        for (int i = 0; i < buffers; i++)
        {
            int bytes = random.Next(3) == 0 ? random.Next(1, 2000) : random.Next(1, 200);
            bool state = random.Next(15) == 0;
            var place = new Place(new Buffer { Name = $"b{i}", Bytes = bytes, IsState = state }, 0, bytes);
            int first = random.Next(layers), last = Math.Min(layers - 1, first + random.Next(random.Next(2) == 0 ? 3 : layers));
            uses[first].Add(place);
            if (last != first) uses[last].Add(place);
            if (state) model.States.Add(new State(place.Buffer.Name, place, 1, 0, null));
            else if (random.Next(20) == 0) model.Inputs.Add(new Border(null!, place));
            else if (random.Next(20) == 0) model.Outputs.Add(new Border(null!, place));
        }

        // A layer names four places at most, so a moment of the random model is as many layers as it needs.
        foreach (List<Place> moment in uses)
        {
            foreach (Place[] four in moment.Chunk(4))
            {
                model.Layers.Add(new Layer
                {
                    Kind = 0, Name = "layer", Origin = origin, Rows = 1, Input = four[0], Input2 = four.Length > 1 ? four[1] : null,
                    Output = four.Length > 2 ? four[2] : null, Scratch = four.Length > 3 ? four[3] : null,
                });
            }
        }

        Lifetimes.Set(model);
        return model;
    }
}

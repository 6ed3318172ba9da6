using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Lower;

/// <summary>Views, slices written in place, memory shared by kernels, streaming variables and the planner, all together.</summary>
public class RandomGraphTests
{
    [Fact]
    public void A_packed_graph_gives_what_its_operators_give_with_memory_of_their_own()
    {
        (int views, int copies, int inPlace, int states) = (0, 0, 0, 0);
        for (int seed = 0; seed < 250; seed++)
        {
            var graph = new RandomGraph(seed);
            PackResult packed = Packer.Pack(graph.File(), "random");
            PlanInvariants.Check(packed.Model, packed.Plan);
            var runner = new ModelRunner(packed.Pack);
            for (int run = 0; run < 3; run++)
            {
                byte[][] inputs = graph.RandomInputs();
                byte[][] expected = graph.Evaluate(inputs), actual = runner.Run(inputs);
                for (int o = 0; o < expected.Length; o++)
                    Assert.True(expected[o].AsSpan().SequenceEqual(actual[o]), $"seed {seed}, run {run}, output {graph.Outputs[o]} of {graph}");
            }

            views += packed.Model.Layers.Count(l => l.Input is { } p && p.Bytes < p.Buffer.Bytes);
            copies += packed.Model.Layers.Count(l => l.Kind == PackFormat.KindStridedCopy);
            inPlace += packed.Model.Layers.Count(l => l.Output is { } y && (l.Input?.Buffer == y.Buffer || l.Input2?.Buffer == y.Buffer) && l.Kind != PackFormat.KindStridedCopy);
            states += packed.Model.States.Count;
        }

        // The graphs must really contain what the test is about.
        Assert.True(views > 60 && copies > 300 && inPlace > 30 && states > 30, $"{views} views, {copies} copies, {inPlace} in place, {states} states");
    }

    [Fact]
    public void Several_small_blocks_give_the_same_as_one()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var graph = new RandomGraph(seed);
            byte[] file = graph.File();
            PackResult one = Packer.Pack(file, "random");
            int limit = Math.Max(one.Plan.TotalBytes / 3, one.Model.Buffers.Select(b => b.Bytes).Max());
            PackResult split = Packer.Pack(file, "random", maxBlockBytes: limit);
            PlanInvariants.Check(split.Model, split.Plan);
            Assert.All(split.Plan.BlockBytes, b => Assert.InRange(b, 0, limit));
            byte[][] inputs = graph.RandomInputs();
            Assert.Equal(new ModelRunner(one.Pack).Run(inputs), new ModelRunner(split.Pack).Run(inputs));
        }
    }
}

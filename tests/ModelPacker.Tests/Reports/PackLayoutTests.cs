using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Reports;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.ModelPacker.Tests.Zoo;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Reports;

public sealed class PackLayoutTests
{
    [Fact]
    public void A_chain_of_two_layers_has_three_values_that_follow_each_other()
    {
        PackLayout layout = Layout(Packer.Pack(SmallModels.FullyConnected(), "m"));
        Assert.Single(layout.Layers);
        Assert.Equal(["input", "output of layer 0 FullyConnected"], layout.Values.Select(v => v.Name));
        Assert.Equal((-1, 0), (layout.Values[0].Writer, layout.Values[0].LastUse));
        Assert.Equal((0, 1), (layout.Values[1].Writer, layout.Values[1].LastUse));
        Assert.Equal(12, layout.LiveBytes(0));
        Assert.False(layout.ReadsUnwritten);
    }

    public static TheoryData<string> Zoo() => [.. ZooModels.Int8];

    [Theory]
    [MemberData(nameof(Zoo))]
    public void What_the_pack_says_agrees_with_the_packers_account(string name)
    {
        byte[] model = File.ReadAllBytes(Path.Combine(SharedFolder.ZooOrSkip(), "models", name + ".tflite"));
        PackResult packed = Packer.Pack(model, name);
        PackLayout layout = Layout(packed);
        Account account = Account.Of(packed);
        Assert.False(layout.ReadsUnwritten);
        Assert.Equal(account.Layers.Length, layout.Layers.Length);
        // The planner gives a buffer its whole size for its whole life; bytes of it that nothing reads are not live here.
        foreach (PackLayer layer in layout.Layers) Assert.InRange(layout.LiveBytes(layer.Index), 1, account.Layers[layer.Index].LiveBytes);
        foreach (Value value in layout.Values) Assert.InRange(value.Region.End, 1, layout.BlockBytes[value.Region.Block]);
        Assert.All(layout.Outputs, o => Assert.Contains(layout.Values, v => v.Readers.Contains(layout.Layers.Length) && v.Region.Block == o.Block));
    }

    [Fact]
    public void No_layer_of_a_random_graph_reads_what_was_not_written_before()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            PackResult packed = Packer.Pack(new RandomGraph(seed).File(), "random");
            PackLayout layout = Layout(packed);
            Assert.False(layout.ReadsUnwritten, $"seed {seed}");
            Assert.All(layout.Values, v => Assert.All(v.Readers, r => Assert.True(r > v.Writer)));
            Assert.All(layout.Layers, l => Assert.InRange(layout.LiveBytes(l.Index), 1, packed.Plan.TotalBytes));
        }
    }

    private static PackLayout Layout(PackResult packed) => PackLayout.Of(Model.Load(new ByteArraySource(packed.Pack)));
}

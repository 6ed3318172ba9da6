using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Passes.CleanUp;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;

namespace TinyAI.ModelPacker.Tests.Passes;

/// <summary>Branches of one input that come together again become one product, and give the same.</summary>
public class MergeParallelTests
{
    [Fact]
    public void Products_that_are_joined_become_one_with_as_many_multiplications()
    {
        Graph Make(Net net)
        {
            Tensor x = net.Input("x", 3, 10);
            return net.Build(net.Join(1, net.Dense(x, 4), net.Dense(x, 6, bias: false), net.Dense(x, 5)));
        }

        Graph merged = Check(Make, 3 * 10);
        Assert.Equal([15, 10], Assert.Single(merged.Nodes).Input(1).Shape);
        Assert.Equal(15, merged.Nodes[0].Input(2).Count);
    }

    [Fact]
    public void Convolutions_that_are_joined_become_one_as_far_as_they_stand_together_and_are_alike()
    {
        Graph Make(Net net)
        {
            Tensor x = net.Input("x", 1, 6, 5, 3);
            return net.Build(net.Join(3, net.Conv(x, 2, 3), net.Conv(x, 4, 3), net.Conv(x, 3, 1), x, net.Conv(x, 2, 1), net.Conv(x, 1, 1)));
        }

        Graph merged = Check(Make, 6 * 5 * 3);
        Assert.Equal([3, 3, 6], merged.Nodes.Where(n => n.Operator == BuiltinOperator.CONV_2D).Select(n => n.Input(1).Shape[0]).Order());
        Assert.Equal(4, merged.Nodes[^1].Inputs.Count);
    }

    [Theory]
    [InlineData(TfliteActivation.NONE)]
    [InlineData(TfliteActivation.RELU)]
    public void Products_that_are_added_become_one_with_half_the_multiplications(TfliteActivation activation)
    {
        Graph Make(Net net)
        {
            Tensor x = net.Input("x", 1, 4, 4, 3);
            return net.Build(net.Sum(net.Conv(x, 5, 3, bias: false), net.Conv(x, 5, 3), activation));
        }

        Graph merged = Check(Make, 4 * 4 * 3);
        Assert.Equal([5, 3, 3, 3], Assert.Single(merged.Nodes).Input(1).Shape);
    }

    [Fact]
    public void Branches_that_differ_or_are_read_elsewhere_stay_apart()
    {
        Graph Make(Net net)
        {
            Tensor x = net.Input("x", 1, 4, 4, 3), read = net.Conv(x, 2, 1);
            Tensor strided = net.Conv(x, 2, 3, padding: TflitePadding.VALID), relu = net.Conv(x, 2, 3, activation: TfliteActivation.RELU);
            return net.Build(net.Join(3, read, net.Conv(x, 2, 1, activation: TfliteActivation.RELU)), read, strided, net.Sum(net.Conv(x, 2, 3), relu), net.Join(1, net.Conv(x, 2, 1), net.Conv(x, 2, 1)));
        }

        Graph merged = Check(Make, 4 * 4 * 3);
        Assert.Equal(Make(new Net("m", 1)).Nodes.Count, merged.Nodes.Count);
    }

    [Fact]
    public void Query_key_and_value_keep_a_scale_each()
    {
        Graph Make(Net net) => net.Build(net.Attention(net.Input("x", 1, 5, 8), new AttentionSettings(2)));
        Assert.Equal(4, Check(Make, 5 * 8).Nodes.Count(n => n.Operator == BuiltinOperator.FULLY_CONNECTED));
    }

    [Fact]
    public void Grids_of_weights_stay_those_of_their_rows()
    {
        var net = new Net("m", 3);
        Tensor x = net.Input("x", 1, 4);
        Graph graph = net.Build(net.Join(1, net.Dense(x, 2), net.Dense(x, 3)));
        graph.Nodes[0].Input(1).Quantisation = new Quantisation([0.5f], [0], 0);
        graph.Nodes[1].Input(1).Quantisation = new Quantisation([1, 2, 3], [0, 0, 0], 0);
        MergeParallel.Run(graph);
        Assert.Equal([0.5f, 0.5f, 1, 2, 3], Assert.Single(graph.Nodes).Input(1).Quantisation!.Scales);
    }

    /// <summary>The merged graph: equal in float, and on the device as near to float as the one that was not merged.</summary>
    private static Graph Check(Func<Net, Graph> make, int inputs)
    {
        Graph plain = make(new Net("m", 1)), merged = make(new Net("m", 1));
        MergeParallel.Run(merged);
        var random = new Random(2);
        float[][][] cases = [.. Enumerable.Range(0, 5).Select(_ => (float[][])[[.. Enumerable.Range(0, inputs).Select(_ => (float)(random.NextDouble() * 2 - 1))]])];
        foreach (float[][] one in cases)
        {
            Dictionary<Tensor, float[]> expected = FloatRunner.Run(plain, one), got = FloatRunner.Run(merged, one);
            for (int o = 0; o < plain.Outputs.Count; o++)
            {
                float[] a = expected[plain.Outputs[o]], b = got[merged.Outputs[o]];
                Assert.Equal(a.Length, b.Length);
                for (int i = 0; i < a.Length; i++) Assert.Equal(a[i], b[i], 1e-5f);
            }
        }

        double before = ShootOut.Run(plain, cases, null, [new MinMaxCalibrator()]).Chosen.Measured.Output, after = ShootOut.Run(merged, cases, null, [new MinMaxCalibrator()]).Chosen.Measured.Output;
        Assert.True(after > before - 1, $"{after:0.0} dB merged, {before:0.0} dB before");
        return merged;
    }
}

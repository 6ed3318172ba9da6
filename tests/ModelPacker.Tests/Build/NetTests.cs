using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Tests.Build;

/// <summary>The builder of float graphs.</summary>
public class NetTests
{
    [Fact]
    public void The_same_calls_with_the_same_seed_make_the_same_weights_and_another_seed_others()
    {
        byte[][] Weights(int seed)
        {
            var net = new Net("n", seed);
            Graph graph = net.Build(net.PreNorm(net.Input("x", 1, 4, 8), new AttentionSettings(2), 16));
            return [.. graph.Nodes.SelectMany(n => n.Inputs).Where(t => t is { IsConstant: true }).Select(t => t!.Data!)];
        }

        Assert.Equal(Weights(1), Weights(1));
        Assert.NotEqual(Weights(1), Weights(2));
    }

    [Fact]
    public void Weights_have_the_deviations_with_which_frameworks_begin()
    {
        var net = new Net("n", 3);
        float[] glorot = RealNumbers.Of(net.Glorot("g", 200, 300));
        Assert.Equal(Math.Sqrt(2.0 / 500), Deviation(glorot), 0.0005);
        Assert.True(glorot.Max(Math.Abs) <= Math.Sqrt(6.0 / 500) + 1e-6);
        Tensor x = net.Input("x", 1, 8, 8, 16);
        Graph graph = net.Build(net.Conv(x, 64, 3), net.Conv(x, 64, 3, standardised: true));
        Assert.Equal(Math.Sqrt(2.0 / 144), Deviation(RealNumbers.Of(graph.Nodes[0].Input(1))), 0.003);
        foreach (float[] filter in RealNumbers.Of(graph.Nodes[1].Input(1)).Chunk(144))
        {
            Assert.Equal(0, filter.Average(), 1e-6);
            Assert.Equal(Math.Sqrt(2.0 / 144), Deviation(filter), 1e-5);
        }
    }

    [Fact]
    public void The_wiring_of_a_neural_circuit_policy_has_no_synapse_that_goes_back()
    {
        var net = new Net("n", 4);
        var wiring = new Wiring(12, 6, 1, 4, 4, 6, 6);
        Node cell = net.Build(net.Liquid(net.Input("x", 3, 1, 8), wiring, 0.1, 1)).Nodes[0];
        float[] w = RealNumbers.Of(cell.Input(1)), r = RealNumbers.Of(cell.Input(2));
        string Sort(int neuron) => neuron < 1 ? "motor" : neuron < 7 ? "command" : "inter";
        Assert.Equal(19, wiring.Neurons);
        Assert.Equal(8 * 4, w.Count(v => v != 0));
        Assert.All(Enumerable.Range(0, w.Length).Where(i => w[i] != 0), i => Assert.Equal("inter", Sort(i / 8)));
        string[] allowed = ["inter command", "command command", "command motor"];
        Assert.All(Enumerable.Range(0, r.Length).Where(i => r[i] != 0), i => Assert.Contains($"{Sort(i % 19)} {Sort(i / 19)}", allowed));
    }

    [Fact]
    public void Grouped_queries_give_what_as_many_equal_key_heads_give()
    {
        // Two query heads over one key head, computed by hand from the graph's own constants.
        var net = new Net("n", 5);
        Graph graph = net.Build(net.Attention(net.Input("x", 1, 3, 4), new AttentionSettings(2, KeyHeads: 1, Bias: false)));
        float[] x = [.. Enumerable.Range(0, 12).Select(i => (float)Math.Sin(i))];
        float[] actual = FloatRunner.Run(graph, [x])[graph.Outputs[0]];
        float[][] w = [.. graph.Nodes.Where(n => n.Options is Import.Tflite.FullyConnectedOptions).Select(n => RealNumbers.Of(n.Input(1)))];
        double Dense(float[] weights, Func<int, double> input, int unit) => Enumerable.Range(0, 4).Sum(i => weights[unit * 4 + i] * input(i));
        for (int t = 0; t < 3; t++)
        {
            var mixed = new double[4];
            for (int head = 0; head < 2; head++)
            {
                double[] scores = [.. Enumerable.Range(0, 3).Select(s => Enumerable.Range(0, 2).Sum(d =>
                    Dense(w[0], i => x[4 * t + i], 2 * head + d) * Dense(w[1], i => x[4 * s + i], d)) / Math.Sqrt(2))];
                double sum = scores.Sum(Math.Exp);
                for (int d = 0; d < 2; d++) mixed[2 * head + d] = Enumerable.Range(0, 3).Sum(s => Math.Exp(scores[s]) / sum * Dense(w[2], i => x[4 * s + i], d));
            }

            for (int u = 0; u < 4; u++) Assert.Equal(Dense(w[3], i => mixed[i], u), actual[4 * t + u], 1e-5);
        }
    }

    private static double Deviation(float[] values)
    {
        double mean = values.Average(v => (double)v);
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }
}

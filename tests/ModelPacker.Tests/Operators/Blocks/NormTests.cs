using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Norms against their definition in real numbers: the rounded result is exact but next to ties, as the kernel's documentation bounds.</summary>
public class NormTests
{
    public static TheoryData<string, int, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (string kind in new[] { "layer", "rms", "group" })
                for (int seed = 0; seed < 12; seed++) data.Add(kind, seed, seed == 11 ? 4096 : seed == 10 ? 1 : 2 + seed * seed * 3);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_norm_gives_the_exactly_rounded_result_but_next_to_ties(string kind, int seed, int size)
    {
        var random = new Random(seed * 31 + kind[0]);
        for (int round = 0; round < 8; round++)
        {
            Node node = Make(random, kind, size, out int groupSize);
            sbyte[] x = Input(random, node.Input().Count, groupSize, round);
            sbyte[] actual = Signed(BlockNode.Run(node, Bytes(x)));
            double[] exact = Exact(node, x);
            double factor = node.OptionalInput(1) is { } s ? BlockNode.Numbers(s).Max(Math.Abs) : 1, bound = Math.Pow(2, -14) + factor / node.Output.Scale * Math.Pow(2, -20);
            for (int i = 0; i < x.Length; i++)
            {
                double real = Math.Clamp(exact[i], -128, 127), distance = Math.Abs(real - actual[i]);
                Assert.True(distance <= 0.5 + bound, $"value {i}: {actual[i]}, in real numbers {exact[i]}, bound {bound}");
            }
        }
    }

    [Fact]
    public void The_inverse_root_is_exact_to_two_to_the_minus_27()
    {
        var random = new Random(5);
        long[] edges = [1L << 30, (1L << 30) + 1, (1L << 32) - 1, 1L << 31, (1L << 31) - 1, 2332033024];
        foreach (long value in edges.Concat(Enumerable.Range(0, 100000).Select(_ => random.NextInt64(1L << 30, 1L << 32))))
        {
            double exact = Math.Pow(2, 46) / Math.Sqrt(value);
            Assert.True(Math.Abs(GroupNorm.InverseRoot(value) / exact - 1) < Math.Pow(2, -27), $"{value}");
        }
    }

    [Fact]
    public void The_largest_group_neither_overflows_nor_loses_its_precision()
    {
        var random = new Random(3);
        foreach (bool spike in new[] { true, false })
        {
            Node node = BlockNode.Of(new GroupNormOptions(1, 1e-5f), [Activation("x", [1, 64, 64, 16], 0.02f, -7)], Activation("y", [1, 64, 64, 16], spike ? 2.1f : 0.03f, 3));
            sbyte[] x = spike ? [.. new sbyte[65535], 127] : [.. Enumerable.Range(0, 65536).Select(i => (sbyte)(i % 2 * 255 - 128))];
            sbyte[] actual = Signed(BlockNode.Run(node, Bytes(x)));
            double[] exact = Exact(node, x);
            for (int i = 0; i < x.Length; i++) Assert.True(Math.Abs(Math.Clamp(exact[i], -128, 127) - actual[i]) < 0.51, $"{i}: {actual[i]} {exact[i]}");
        }
    }

    [Fact]
    public void Parts_of_rows_can_be_computed_in_place()
    {
        var random = new Random(9);
        foreach (string kind in new[] { "layer", "rms", "group" })
        {
            Node node = Make(random, kind, 24, out _);
            Layer layer = SingleNode.Lower(node).Layers[0];
            sbyte[] x = Values(random, node.Input().Count), expected = Signed(BlockNode.Run(node, Bytes(x)));
            foreach ((int from, int to) in Cuts(random, layer.Rows))
                GroupNorm.Run(layer.Parameters, x, 0, x, 0, [1, 2, 3, .. layer.Weights], 3, from, to);
            Assert.Equal(expected, x);
        }
    }

    [Fact]
    public void What_cannot_run_is_refused_in_words()
    {
        Tensor X() => Activation("x", [2, 6], 0.1f, 0);
        Assert.Contains("4 groups", Refusal(BlockNode.Of(new GroupNormOptions(4, 0), [X()], X())));
        Assert.Contains("epsilon", Refusal(BlockNode.Of(new LayerNormOptions(float.NaN), [X()], X())));
        Assert.Contains("65536", Refusal(BlockNode.Of(new LayerNormOptions(0), [Activation("x", [65537], 1, 0)], Activation("y", [65537], 1, 0))));
        Assert.Contains("5 values where 6", Refusal(BlockNode.Of(new LayerNormOptions(0), [X(), BlockNode.Reals("s", [5], new double[5])], X())));
        Assert.Contains("not numbers", Refusal(BlockNode.Of(new RmsNormOptions(0), [X(), BlockNode.Reals("s", [6], [1, 2, 3, double.NaN, 5, 6])], X())));
    }

    private static Node Make(Random random, string kind, int size, out int groupSize)
    {
        float epsilon = (float)Math.Pow(10, -random.Next(2, 13)), scale = (float)Math.Pow(2, -random.NextDouble() * 12);
        int groups = random.Next(1, 5);
        int[] shape = kind == "group" ? [2, random.Next(1, 4), 2, size * groups] : [random.Next(1, 4), 3, size];
        int channels = shape[^1];
        groupSize = kind == "group" ? shape[1] * shape[2] * size : size;
        bool plain = random.Next(4) == 0;
        double spread = Math.Pow(2, random.NextDouble() * 6 - 3);
        Tensor? gamma = plain ? null : BlockNode.Reals("g", [channels], Enumerable.Range(0, channels).Select(_ => random.Normal() * spread));
        Tensor? beta = plain || kind == "rms" ? null : BlockNode.Reals("b", [channels], Enumerable.Range(0, channels).Select(_ => random.Normal()));
        BlockOptions options = kind switch
        {
            "layer" => new LayerNormOptions(epsilon), "rms" => new RmsNormOptions(epsilon), _ => new GroupNormOptions(groups, epsilon),
        };
        float output = (float)Math.Pow(2, random.NextDouble() * 4 - 6);
        return BlockNode.Of(options, [Activation("x", shape, scale, random.Next(-128, 128)), gamma, beta], Activation("y", shape, output, random.Next(-128, 128)));
    }

    /// <summary>Random values, extremes, a constant group, one value that differs, small differences.</summary>
    private static sbyte[] Input(Random random, int count, int group, int round) => round switch
    {
        0 => [.. Enumerable.Repeat((sbyte)random.Next(-128, 128), count)],
        1 => [.. Enumerable.Range(0, count).Select(i => (sbyte)(i % group == 0 ? 1 : 0))],
        2 => [.. Enumerable.Range(0, count).Select(i => (sbyte)(i % group == 0 ? 127 : -128))],
        3 => [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-1, 2))],
        _ => Values(random, count),
    };

    /// <summary>The definition in double, before the last rounding, in output steps.</summary>
    private static double[] Exact(Node node, sbyte[] x)
    {
        Tensor input = node.Input(), output = node.Output;
        int[] shape = input.Shape;
        int channels = shape[^1], groups = node.Options is GroupNormOptions g ? g.Groups : 1, width = channels / groups;
        int positions = node.Options is GroupNormOptions ? shape[1..^1].Aggregate(1, (a, b) => a * b) : 1;
        double epsilon = node.Options switch { LayerNormOptions o => o.Epsilon, RmsNormOptions o => o.Epsilon, GroupNormOptions o => o.Epsilon, _ => 0.0 };
        double[]? gamma = node.OptionalInput(1) is { } s ? BlockNode.Numbers(s) : null, beta = node.OptionalInput(2) is { } b ? BlockNode.Numbers(b) : null;
        var result = new double[x.Length];
        for (int start = 0; start < x.Length; start += positions * channels)
        {
            for (int group = 0; group < groups; group++)
            {
                int[] at = [.. Enumerable.Range(0, positions).SelectMany(p => Enumerable.Range(0, width).Select(c => start + p * channels + group * width + c))];
                double[] real = [.. at.Select(i => (double)input.Scale * (x[i] - input.ZeroPoint))];
                double mean = node.Options is RmsNormOptions ? 0 : (double)input.Scale * (at.Sum(i => (double)x[i]) / at.Length - input.ZeroPoint);
                double variance = real.Sum(v => (v - mean) * (v - mean)) / at.Length;
                for (int k = 0; k < at.Length; k++)
                {
                    int channel = at[k] % channels;
                    double norm = variance + epsilon == 0 ? 0 : (real[k] - mean) / Math.Sqrt(variance + epsilon);
                    result[at[k]] = (norm * (gamma?[channel] ?? 1) + (beta?[channel] ?? 0)) / output.Scale + output.ZeroPoint;
                }
            }
        }

        return result;
    }
}

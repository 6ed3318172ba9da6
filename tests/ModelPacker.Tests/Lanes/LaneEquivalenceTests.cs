using TinyAI.Kernels;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Lanes;

/// <summary>Random layers in lane form against the plain form, byte by byte. Plain forms are tested against the definition.</summary>
public class LaneEquivalenceTests
{
    public static TheoryData<string, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string kind in new[] { "convolution", "depthwise", "fully connected" })
                for (int part = 0; part < 10; part++) data.Add(kind, part);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_lane_form_gives_the_bytes_of_the_plain_form(string kind, int part)
    {
        int compared = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(1000 * part + seed);
            LaneCase c = Make(kind, random);
            if (c.Lanes.Layer is not { } lanes) continue;
            compared++;
            ModelRunner plain = c.PlainRunner();
            ModelRunner[] runners = [.. Forms(lanes, random).SelectMany(c.Runners)];
            foreach (byte[] input in c.Inputs(random))
            {
                byte[] expected = plain.Run([input])[0];
                foreach (ModelRunner runner in runners)
                    Assert.True(expected.AsSpan().SequenceEqual(runner.Run([input])[0]), $"{kind} {1000 * part + seed}: {c.Node.Inputs[0]} by {c.Node.Inputs[1]} differs");
            }
        }

        Assert.True(compared > 30, $"only {compared} of 60 layers have a lane form");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parts_of_rows_give_the_same_as_the_whole(string kind, int part)
    {
        int compared = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(1000 * part + 500 + seed);
            LaneCase c = Make(kind, random);
            if (c.Lanes.Layer is not { } lanes) continue;
            byte[] input = c.Inputs(random).First();
            byte[] expected = c.PlainRunner().Run([input])[0];
            sbyte[] x = [9, 9, 9, .. SingleNode.Signed(input)], y = new sbyte[expected.Length + 5];
            var kernel = new LaneKernel(lanes);
            foreach ((int from, int to) in SingleNode.Cuts(random, lanes.Rows)) kernel.Run(x, 3, y, 4, from, to);
            Assert.Equal(expected, SingleNode.Bytes(y[4..^1]));
            Assert.True(y.Take(4).All(v => v == 0) && y[^1] == 0, "the kernel wrote outside its output");
            compared++;
        }

        Assert.True(compared > 10);
    }

    [Fact]
    public void Sums_of_the_last_bit_that_fits_stay_whole_and_one_more_is_split()
    {
        // All weights positive: the sums reach from -128 * s to 127 * s, 255 * s + 1 values; 2^21 allow s = 8224.
        foreach ((int last, bool split) in new[] { (96, false), (97, true) })
        {
            sbyte[] row = [.. Enumerable.Repeat((sbyte)127, 64), (sbyte)last];
            LaneCase c = LaneCase.FullyConnected(new Random(last), 5, 4, row.Length, [.. row, .. row.Select(v => (sbyte)-v), .. row, .. row]);
            Layer lanes = c.Lanes.Layer!;
            Assert.Equal(split ? 1 : 0, lanes.Parameters[Conv2DLanes.Split]);
            foreach (byte[] input in c.Inputs(new Random(1)))
            {
                byte[] expected = c.PlainRunner().Run([input])[0];
                foreach (ModelRunner runner in c.Runners(lanes with { Slot = 1 })) Assert.Equal(expected, runner.Run([input])[0]);
            }
        }
    }

    [Fact]
    public void Without_the_split_that_the_proof_asks_for_the_answer_would_be_wrong()
    {
        sbyte[] row = [.. Enumerable.Repeat((sbyte)127, 64), 97];
        LaneCase c = LaneCase.FullyConnected(new Random(5), 5, 3, row.Length, [.. row, .. row, .. row]);
        Layer lanes = c.Lanes.Layer!;
        ChannelBlock[] channels = ChannelBlock.Read(c.Plain, row.Length);
        Assert.Equal(0, LaneBlocks.Segment(channels, -128, 127, LayerLanes.Eights(row.Length), canSplit: false));
        long[] sums = [255L * channels[0].Taps.Sum(t => t)];
        Assert.True(sums[0] > LayerLanes.LaneMask, "the largest sum with its offset leaves the lane");
        Assert.Equal(1, lanes.Parameters[Conv2DLanes.Split]);
    }

    [Fact]
    public void Layers_without_a_lane_form_say_why()
    {
        var reasons = new HashSet<string>();
        for (int seed = 0; seed < 400; seed++)
        {
            foreach (string kind in new[] { "convolution", "depthwise", "fully connected" })
            {
                (Layer? layer, string reason) = Make(kind, new Random(seed)).Lanes;
                Assert.Equal(layer is null, reason.Length > 0);
                reasons.Add(reason);
            }
        }

        Assert.Superset(new HashSet<string> { "", "it has fewer than three output rows" }, reasons);
    }

    internal static LaneCase Make(string kind, Random random) => kind switch
    {
        "convolution" => LaneCase.Convolution(random),
        "depthwise" => LaneCase.Depthwise(random),
        _ => LaneCase.FullyConnected(random),
    };

    private static IEnumerable<Layer> Forms(Layer lanes, Random random)
    {
        yield return lanes with { Slot = lanes.Kind == PackFormat.KindDepthwiseConv2DLanes ? 0 : 1 };
        if (lanes.Kind != PackFormat.KindConv2DLanes) yield return lanes;
        else yield return LaneForm.Paged(lanes, Math.Min(3 * random.Next(1, 5), lanes.Parameters[Conv2D.OutChannels]));
    }
}

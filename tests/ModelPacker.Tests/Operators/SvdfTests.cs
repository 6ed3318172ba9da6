using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Reference;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>SVDF against the step-by-step form of TFLite Micro.</summary>
public class SvdfTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Several_runs_with_states_and_a_reset_equal_the_reference(int seed)
    {
        var random = new Random(seed);
        (Node node, SvdfReference reference) = Make(random);
        foreach (ModelRunner runner in SingleNode.Runners(node))
        {
            reference.Reset();
            for (int run = 0; run < 12; run++)
            {
                if (run == 9)
                {
                    reference.Reset();
                    runner.Reset();
                }

                sbyte[] input = SingleNode.Values(random, node.Input().Count);
                sbyte[] expected = reference.Run(input);
                Assert.Equal(expected, SingleNode.Signed(runner.Run([SingleNode.Bytes(input)])[0]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Parts_of_units_and_of_rows_give_the_same_as_the_whole(int seed)
    {
        var random = new Random(seed);
        (Node node, SvdfReference reference) = Make(random);
        Layer layer = SingleNode.Lower(node).Layers[0];
        Tensor state = node.Input(4);
        var s = new sbyte[state.Bytes + 4];
        if (state.Type == TfliteType.INT8) Array.Fill(s, (sbyte)state.ZeroPoint);
        reference.Reset();
        for (int run = 0; run < 4; run++)
        {
            sbyte[] input = SingleNode.Values(random, node.Input().Count), y = new sbyte[node.Output.Count + 1];
            sbyte[] expected = reference.Run(input);
            foreach ((int rowFrom, int rowTo) in SingleNode.Cuts(random, layer.Rows))
            {
                foreach ((int from, int to) in SingleNode.Cuts(random, node.Output.Shape[1]))
                    Svdf.Run(layer.Parameters, [9, .. input], 1, y, 1, s, 4, layer.Weights, from * layer.BlockBytes, from, to, rowFrom, rowTo);
            }

            Assert.Equal(expected, y[1..]);
        }
    }

    [Fact]
    public void A_filter_per_unit_with_int8_states_in_steps_equals_the_reference_at_the_extremes()
    {
        int inSteps = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            (Node node, SvdfReference reference) = Make(random, zero: random.Next(-128, 128));
            LoweredModel whole = SingleNode.Lower(node), steps = SvdfSteps.Apply(whole);
            if (steps == whole) continue;
            inSteps++;
            Assert.DoesNotContain(steps.Layers, l => l.Kind == PackFormat.KindSvdf);
            foreach (LanePolicy lanes in new[] { LanePolicy.Never, LanePolicy.Always })
            {
                var runner = new ModelRunner(Packer.Pack(steps, new Emit.Metadata(), int.MaxValue, lanes).Pack);
                reference.Reset();
                for (int run = 0; run < 10; run++)
                {
                    sbyte[] input = [.. SingleNode.Values(random, node.Input().Count).Select(v => run == 1 ? (sbyte)-128 : run == 2 ? (sbyte)127 : v)];
                    Assert.Equal(reference.Run(input), SingleNode.Signed(runner.Run([SingleNode.Bytes(input)])[0]));
                }
            }
        }

        Assert.True(inSteps > 10, $"only {inSteps} of 400 layers have one filter per unit");
    }

    [Fact]
    public void Unsupported_variants_are_refused()
    {
        Node With(Action<Node> change)
        {
            (Node node, _) = Make(new Random(2));
            change(node);
            return node;
        }

        Assert.Contains("only NONE and RELU", SingleNode.Refusal(With(n => n.Options = new SvdfOptions(1, TfliteActivation.RELU6))));
        Assert.Contains("does not divide", SingleNode.Refusal(With(n => n.Options = new SvdfOptions(1000))));
        Assert.Contains("has no state", SingleNode.Refusal(With(n => n.Inputs.RemoveAt(4))));
        Assert.Contains("not a variable", SingleNode.Refusal(With(n =>
            n.Inputs[4] = SingleNode.Activation("s", n.Inputs[4]!.Shape, 0.1f, 0, n.Inputs[4]!.Type))));
        Assert.Contains("both be int8 or both int16", SingleNode.Refusal(With(n =>
            n.Inputs[4] = SingleNode.State("s", n.Inputs[4]!.Shape, 0.1f, 0, TfliteType.INT32))));
        Assert.Contains("constants of int32", SingleNode.Refusal(With(n => n.Inputs[3] = SingleNode.Int32("b", new int[77]))));
        Assert.Contains("has shape", SingleNode.Refusal(With(n => n.Inputs[4]!.Shape = [1, 1])));
    }

    private static (Node Node, SvdfReference Reference) Make(Random random, int? zero = null)
    {
        int rank = random.Next(1, 4), units = random.Next(1, 6), inSize = random.Next(1, 9), memory = random.Next(1, 7), batches = random.Next(1, 4);
        bool wide = random.Next(2) == 0;
        int filters = rank * units;
        float Scale() => (float)(0.01 + 0.1 * random.NextDouble());
        (float Scale, int Zero) input = (Scale(), random.Next(-128, 128)), state = (Scale(), wide ? 0 : zero ?? random.Next(-9, 10)), output = (Scale(), random.Next(-128, 128));
        float featureScale = Scale(), timeScale = wide ? 0.0005f : Scale();
        sbyte[] features = SingleNode.Values(random, filters * inSize);
        int[] times = [.. Enumerable.Range(0, filters * memory).Select(_ => wide ? random.Next(-32767, 32768) / 64 : random.Next(-127, 128))];
        int[]? bias = random.Next(4) == 0 ? null : [.. Enumerable.Range(0, units).Select(_ => random.Next(-5000, 5000))];
        var timeTensor = new Tensor
        {
            Name = "t", Type = wide ? TfliteType.INT16 : TfliteType.INT8, Shape = [filters, memory],
            Data = wide ? [.. times.SelectMany(t => BitConverter.GetBytes((short)t))] : [.. times.Select(t => (byte)t)],
            Quantisation = new Quantisation([timeScale], [0], 0),
        };
        Node node = SingleNode.Node(
            BuiltinOperator.SVDF, new SvdfOptions(rank, random.Next(2) == 0 ? TfliteActivation.NONE : TfliteActivation.RELU),
            [
                SingleNode.Activation("x", [batches, inSize], input.Scale, input.Zero),
                SingleNode.Weights("f", [filters, inSize], features, featureScale), timeTensor,
                bias is null ? null : SingleNode.Int32("b", bias),
                SingleNode.State("s", [batches, filters * memory], state.Scale, state.Zero, timeTensor.Type),
            ],
            SingleNode.Activation("y", [batches, units], output.Scale, output.Zero));
        var reference = new SvdfReference
        {
            Inputs = inSize, Filters = filters, Rank = rank, Memory = memory, Batches = batches, Wide = wide, Features = features, Times = times,
            Bias = bias, Input = input, State = state, Output = output, FeatureScale = featureScale, TimeScale = timeScale,
        };
        return (node, reference);
    }
}

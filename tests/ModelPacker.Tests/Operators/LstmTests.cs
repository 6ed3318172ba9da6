using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Reference;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>UNIDIRECTIONAL_SEQUENCE_LSTM against the vector-by-vector form of TFLite Micro.</summary>
public class LstmTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 24)];

    [Fact]
    public void The_table_in_the_code_is_what_its_formula_gives()
    {
        for (int i = 0; i < SigmoidTable.Count; i++) Assert.Equal((int)LstmReference.Table(i), SigmoidTable.Entry(i));
    }

    [Fact]
    public void Logistic_and_tanh_equal_the_reference_for_every_16_bit_argument_and_scale()
    {
        for (int v = short.MinValue; v <= short.MaxValue; v++)
        {
            Assert.Equal(LstmReference.Logistic((short)v, 0, 0), SigmoidTable.Logistic(3 * v));
            Assert.Equal(LstmReference.Logistic((short)v, 0, 3), SigmoidTable.Logistic(24 * v));
            Assert.Equal(LstmReference.Tanh((short)v, 0, 0), SigmoidTable.Tanh(3 * v));
            Assert.Equal(LstmReference.Tanh((short)v, 0, 14), SigmoidTable.Tanh((3 << 14) * v));
            Assert.Equal(LstmReference.Tanh((short)v, 3, 2), SigmoidTable.Tanh((3 * v + 2) >> 2));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Several_runs_with_states_and_a_reset_equal_the_reference(int seed)
    {
        var random = new Random(seed);
        (Node node, LstmReference reference) = Make(random);
        foreach (ModelRunner runner in SingleNode.Runners(node))
        {
            reference.Reset();
            for (int run = 0; run < 5; run++)
            {
                if (run == 3)
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

    [Fact]
    public void The_state_carries_over_from_run_to_run_until_reset()
    {
        (Node node, _) = Make(new Random(5), inputs: 8, units: 6);
        ModelRunner runner = SingleNode.Runners(node)[0];
        byte[] input = SingleNode.Bytes(SingleNode.Values(new Random(1), node.Input().Count));
        byte[] first = runner.Run([input])[0], second = runner.Run([input])[0];
        runner.Reset();
        Assert.NotEqual(first, second);
        Assert.Equal(first, runner.Run([input])[0]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Parts_of_rows_and_of_gates_give_the_same_as_the_whole(int seed)
    {
        var random = new Random(seed);
        (Node node, LstmReference reference) = Make(random);
        Layer layer = SingleNode.Lower(node).Layers[0];
        Tensor state = node.Input(18);
        var s = new sbyte[3 * state.Count + 5];
        Array.Fill(s, (sbyte)state.ZeroPoint, 5, state.Count);
        reference.Reset();
        for (int run = 0; run < 3; run++)
        {
            sbyte[] input = SingleNode.Values(random, node.Input().Count), y = new sbyte[node.Output.Count + 3];
            sbyte[] expected = reference.Run(input);
            int[] p = [.. layer.Parameters];
            for (int row = 0; row < layer.Rows; row++)
            {
                foreach ((int from, int to) in SingleNode.Cuts(random, layer.Weights.Length / layer.BlockBytes))
                    Lstm.Run(p, [1, 2, .. input], 2, y, 3, s, 5, layer.Weights, from * layer.BlockBytes, from, to, row);
            }

            Assert.Equal(expected, y[3..]);
        }
    }

    [Fact]
    public void The_window_need_not_hold_more_than_one_gate_of_one_unit()
    {
        (Node node, _) = Make(new Random(0), inputs: 100, units: 20);
        Assert.Equal(128, SingleNode.Lower(node).Layers[0].WindowBytes);
    }

    [Theory]
    [InlineData("coupled (CIFG)", 1)]
    [InlineData("peephole", -10)]
    [InlineData("projects its output", -16)]
    [InlineData("layer norm", -21)]
    [InlineData("lacks weights, biases", 13)]
    public void A_variant_is_refused_by_name(string name, int input)
    {
        (Node node, _) = Make(new Random(1));
        if (input > 0) node.Inputs[input] = null;
        else node.Inputs[-input] = SingleNode.Int32("extra", 1);
        Assert.Contains(name, SingleNode.Refusal(node));
    }

    [Fact]
    public void Wrong_options_and_tensors_are_refused()
    {
        Node With(Action<Node> change)
        {
            (Node node, _) = Make(new Random(1));
            change(node);
            return node;
        }

        Assert.Contains("only TANH", SingleNode.Refusal(With(n => n.Options = new UnidirectionalSequenceLstmOptions(TfliteActivation.RELU))));
        Assert.Contains("diagonal", SingleNode.Refusal(With(n => n.Options = new UnidirectionalSequenceLstmOptions(DiagonalRecurrentTensors: true))));
        Assert.Contains("cell clip", SingleNode.Refusal(With(n => n.Options = new UnidirectionalSequenceLstmOptions(CellClip: 1e-9f))));
        Assert.Contains("power of two", SingleNode.Refusal(With(n => n.Inputs[19]!.Quantisation = new Quantisation([0.3f], [0], 0))));
        Assert.Contains("not int16", SingleNode.Refusal(With(n => n.Inputs[19]!.Type = TfliteType.INT8)));
        Assert.Contains("not variables", SingleNode.Refusal(With(n => n.Inputs[18] = SingleNode.Activation("h", n.Inputs[18]!.Shape, 0.01f, 0))));
        Assert.Contains("has shape", SingleNode.Refusal(With(n => n.Inputs[6]!.Shape = [1, 2])));
        Assert.Contains("constants of int32", SingleNode.Refusal(With(n => n.Inputs[14] = SingleNode.Int32("b", [.. new int[40]]))));
        Assert.Contains("symmetric", SingleNode.Refusal(With(n => n.Inputs[2]!.Quantisation = new Quantisation([0.01f], [3], 0))));
    }

    internal static (Node Node, LstmReference Reference) Make(Random random, int? inputs = null, int? units = null)
    {
        int inSize = inputs ?? random.Next(1, 9), size = units ?? random.Next(1, 7), batches = random.Next(1, 4), steps = random.Next(1, 6);
        bool timeMajor = random.Next(2) == 0;
        // Scales so that gates come from nearly linear to saturated, cells from fine to coarse.
        float Scale() => (float)Math.Pow(10, -3.5 + 2 * random.NextDouble());
        (float Scale, int Zero) input = (Scale(), random.Next(-128, 128)), output = (1f / random.Next(100, 200), random.Next(-20, 21));
        float cellScale = MathF.Pow(2, random.Next(-15, -8)), clip = random.Next(2) == 0 ? 0 : (float)(random.NextDouble() * 4 + 0.5);
        sbyte[][] weights = [.. Enumerable.Range(0, 4).Select(_ => SingleNode.Values(random, size * inSize))];
        sbyte[][] recurrent = [.. Enumerable.Range(0, 4).Select(_ => SingleNode.Values(random, size * size))];
        int[][] bias = [.. Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, size).Select(_ => random.Next(-20000, 20000)).ToArray())];
        float[] weightScales = [Scale(), Scale(), Scale(), Scale()], recurrentScales = [Scale(), Scale(), Scale(), Scale()];
        int[] Shape(int last) => timeMajor ? [steps, batches, last] : [batches, steps, last];

        List<Tensor?> tensors =
        [
            SingleNode.Activation("x", Shape(inSize), input.Scale, input.Zero),
            .. weights.Select((w, i) => SingleNode.Weights("w" + i, [size, inSize], w, weightScales[i])),
            .. recurrent.Select((w, i) => SingleNode.Weights("r" + i, [size, size], w, recurrentScales[i])),
            null, null, null,
            .. bias.Select((b, i) => SingleNode.Int32("b" + i, b)),
            null, null,
            SingleNode.State("h", [batches, size], output.Scale, output.Zero, TfliteType.INT8),
            SingleNode.State("c", [batches, size], cellScale, 0, TfliteType.INT16),
            null, null, null, null,
        ];
        Node node = SingleNode.Node(
            BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM, new UnidirectionalSequenceLstmOptions(CellClip: clip, TimeMajor: timeMajor), tensors,
            SingleNode.Activation("y", Shape(size), output.Scale, output.Zero));
        var reference = new LstmReference
        {
            Inputs = inSize, Units = size, Batches = batches, TimeMajor = timeMajor, Weights = weights, Recurrent = recurrent, Bias = bias,
            WeightScales = weightScales, RecurrentScales = recurrentScales, Input = input, Output = output, CellScale = cellScale, CellClip = clip,
        };
        return (node, reference);
    }
}

using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Reference;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;
using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>LSTM, GRU and liquid cells against literal integer forms, and against the cells in real numbers.</summary>
public class RecurrentBlockTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 16)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_gru_gives_the_bytes_of_its_literal_form(int seed)
    {
        var random = new Random(seed);
        bool reverse = seed % 2 != 0, after = seed / 2 % 2 != 0, given = seed / 4 % 2 != 0, extreme = seed > 11;
        Node node = Make(random, new GruOptions(reverse, after), 3, given, extreme);
        sbyte[] x = Values(random, node.Input().Count), h = Values(random, given ? node.Input(4).Count : 0);
        byte[][] actual = BlockNode.RunAll(node, given ? [Bytes(x), Bytes(h)] : [Bytes(x)]);
        sbyte[] expected = Recurrent(node, x, h, (cell, row) => cell.Gru(row, after), reverse, 1);
        Assert.Equal(expected, Signed(actual[0]));
        int last = actual[1].Length;
        Assert.Equal(reverse ? expected[..last] : expected[^last..], Signed(actual[1]));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_liquid_cell_gives_the_bytes_of_its_literal_form(int seed)
    {
        var random = new Random(seed + 50);
        bool given = seed % 2 != 0;
        int unfold = random.Next(1, 5);
        Node node = Make(random, new LiquidOptions(0.1f, unfold), 1, given, seed > 11);
        sbyte[] x = Values(random, node.Input().Count), h = Values(random, given ? node.Input(5).Count : 0);
        byte[][] actual = BlockNode.RunAll(node, given ? [Bytes(x), Bytes(h)] : [Bytes(x)]);
        Assert.Equal(Recurrent(node, x, h, (cell, row) => cell.Liquid(row, 0.1f / unfold), false, unfold), Signed(actual[0]));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_lstm_gives_the_bytes_of_TensorFlows_one_with_the_same_weights(int seed)
    {
        var random = new Random(seed + 100);
        bool reverse = seed % 2 != 0;
        Node node = Make(random, new LstmBlockOptions(reverse), 4, false, seed > 11);
        int size = node.Output.Shape[2], inSize = node.Input().Shape[2], batches = node.Input().Shape[1];
        int[] order = [0, 2, 3, 1];
        double[] bias = BlockNode.Numbers(node.Input(3));
        (sbyte[] Values, double Scale)[] w = [.. order.Select(g => Quantise(BlockNode.Numbers(node.Input(1))[(g * size * inSize)..((g + 1) * size * inSize)]))];
        (sbyte[] Values, double Scale)[] r = [.. order.Select(g => Quantise(BlockNode.Numbers(node.Input(2))[(g * size * size)..((g + 1) * size * size)]))];
        var reference = new LstmReference
        {
            Inputs = inSize, Units = size, Batches = batches, TimeMajor = true, Weights = [.. w.Select(v => v.Values)], Recurrent = [.. r.Select(v => v.Values)],
            Bias = [.. order.Select((g, i) => Enumerable.Range(0, size).Select(u => (int)Math.Round((bias[g * size + u] + bias[(4 + g) * size + u]) / (w[i].Scale * node.Input().Scale))).ToArray())],
            WeightScales = [.. w.Select(v => (float)v.Scale)], RecurrentScales = [.. r.Select(v => (float)v.Scale)],
            Input = (node.Input().Scale, node.Input().ZeroPoint), Output = (node.Output.Scale, node.Output.ZeroPoint), CellScale = 1f / 2048, CellClip = 0,
        };
        reference.Reset();
        sbyte[] x = Values(random, node.Input().Count);
        sbyte[] expected = Turn(reference.Run(Turn(x, inSize * batches, reverse)), size * batches, reverse), actual = Signed(BlockNode.Run(node, Bytes(x)));

        // The reference rounds its products of scales to float, which can move a gate by its last bit.
        for (int i = 0; i < expected.Length; i++) Assert.InRange(actual[i] - expected[i], -1, 1);
        Assert.InRange(expected.Where((v, i) => v != actual[i]).Count(), 0, 1 + expected.Length / 50);
    }

    [Theory]
    [InlineData("lstm", 24)]
    [InlineData("gru", 24)]
    [InlineData("gru after", 24)]
    [InlineData("liquid", 24)]
    public void A_cell_follows_the_one_in_real_numbers(string kind, double decibels)
    {
        var random = new Random(kind.Length);
        double signal = 0, noise = 0;
        for (int round = 0; round < 10; round++)
        {
            BlockOptions options = kind switch
            {
                "lstm" => new LstmBlockOptions(), "gru" => new GruOptions(), "gru after" => new GruOptions(LinearBeforeReset: true), _ => new LiquidOptions(0.1f, 2),
            };
            Node node = Make(random, options, kind == "lstm" ? 4 : kind == "liquid" ? 1 : 3, false, false, steps: 30, size: 16, inSize: 12, fitted: true);
            sbyte[] x = Values(random, node.Input().Count), actual = Signed(BlockNode.Run(node, Bytes(x)));
            Graph graph = GraphOf(node);
            float[] real = FloatRunner.Run(graph, [[.. x.Select(q => node.Input().Scale * (q - node.Input().ZeroPoint))]])[node.Output];
            for (int i = 0; i < real.Length; i++)
            {
                double got = node.Output.Scale * (actual[i] - node.Output.ZeroPoint);
                signal += real[i] * real[i];
                noise += (real[i] - got) * (real[i] - got);
            }
        }

        double ratio = 10 * Math.Log10(signal / noise);
        Assert.True(ratio >= decibels, $"{kind}: {ratio:0.0} dB");
    }

    [Theory]
    [InlineData(TfliteType.INT8)]
    [InlineData(TfliteType.INT16)]
    public void An_lstm_takes_and_gives_its_states_in_other_scales(TfliteType cellType)
    {
        var random = new Random(12);
        double signal = 0, noise = 0;
        for (int round = 0; round < 10; round++)
        {
            Node node = Make(random, new LstmBlockOptions(round % 2 != 0), 4, false, false, steps: 3, size: 8, inSize: 6, fitted: true);
            int batches = node.Input().Shape[1];
            float cellScale = cellType == TfliteType.INT8 ? 2f / 127 : 1f / 8192;
            node.Inputs.Add(Activation("h", [batches, 8], 1f / 130, 5));
            node.Inputs.Add(Activation("c", [batches, 8], cellScale, 0, cellType));
            node.Outputs.Add(Activation("lh", [batches, 8], 1f / 90, -3));
            node.Outputs.Add(Activation("lc", [batches, 8], cellScale, 0, cellType));
            sbyte[] x = Values(random, node.Input().Count), h = Values(random, batches * 8);
            short[] c = [.. Enumerable.Range(0, batches * 8).Select(_ => (short)(random.Next(-100, 100) * (cellType == TfliteType.INT8 ? 1 : 100)))];
            byte[] cell = cellType == TfliteType.INT8 ? [.. c.Select(v => (byte)v)] : [.. c.SelectMany(BitConverter.GetBytes)];
            byte[][] actual = BlockNode.RunAll(node, Bytes(x), Bytes(h), cell);
            float[][] reals = [.. new[] { Bytes(x), Bytes(h), cell }.Zip(GraphOf(node).Inputs, (bytes, tensor) => RealNumbers.Of(tensor, bytes))];
            Dictionary<Tensor, float[]> expected = FloatRunner.Run(GraphOf(node), reals);
            for (int o = 0; o < 3; o++)
            {
                float[] got = RealNumbers.Of(node.Outputs[o], actual[o]);
                for (int i = 0; i < got.Length; i++)
                {
                    signal += expected[node.Outputs[o]][i] * expected[node.Outputs[o]][i];
                    noise += Math.Pow(expected[node.Outputs[o]][i] - got[i], 2);
                }
            }
        }

        double ratio = 10 * Math.Log10(signal / noise);
        Assert.True(ratio >= 24, $"{ratio:0.0} dB");
    }

    [Fact]
    public void A_state_in_a_variable_goes_on_from_run_to_run_as_in_one_long_sequence()
    {
        foreach (BlockOptions options in new BlockOptions[] { new GruOptions(), new LiquidOptions(0.1f, 3), new LstmBlockOptions() })
        {
            var random = new Random(7);
            int gates = options is GruOptions ? 3 : options is LiquidOptions ? 1 : 4;
            Node whole = Make(random, options, gates, false, false, steps: 12, size: 5, inSize: 4, fitted: true);
            int batches = whole.Input().Shape[1];
            Tensor x = Activation("x", [1, batches, 4], whole.Input().Scale, whole.Input().ZeroPoint), y = Activation("y", [1, batches, 5], whole.Output.Scale, whole.Output.ZeroPoint);
            Node step = BlockNode.Of(options, [x, .. whole.Inputs.Skip(1)], y);
            step.Variable = new Variable { Name = "state" };
            sbyte[] input = Values(random, whole.Input().Count);
            byte[] expected = BlockNode.Run(whole, Bytes(input));
            foreach (ModelRunner runner in Runners(step))
            {
                byte[] actual = [.. Enumerable.Range(0, 12).SelectMany(t => runner.Run([Bytes(input[(t * batches * 4)..((t + 1) * batches * 4)])])[0])];
                Assert.Equal(expected, actual);
                runner.Reset();
                Assert.Equal(expected[..(batches * 5)], runner.Run([Bytes(input[..(batches * 4)])])[0]);
            }
        }
    }

    [Fact]
    public void What_cannot_run_is_refused_in_words()
    {
        Node With(Action<Node> change, BlockOptions? options = null)
        {
            Node node = Make(new Random(1), options ?? new GruOptions(), options is LiquidOptions ? 1 : 3, false, false);
            change(node);
            return node;
        }

        Assert.Contains("must be a constant", Refusal(With(n => n.Inputs[1] = Activation("w", [3], 1, 0))));
        Assert.Contains("values where", Refusal(With(n => n.Inputs[3] = BlockNode.Reals("b", [1], [0]))));
        Assert.Contains("lacks inputs", Refusal(With(n => n.Inputs[2] = null)));
        Assert.Contains("shorter than its step", Refusal(With(n => n.Inputs[4] = BlockNode.Reals("t", [n.Output.Shape[2]], new double[n.Output.Shape[2]]), new LiquidOptions(1))));
        Assert.Contains("not a positive number", Refusal(With(_ => { }, new LiquidOptions(0))));
    }

    internal static Node Make(
        Random random, BlockOptions options, int gates, bool given, bool extreme, int steps = 0, int size = 0, int inSize = 0, bool fitted = false)
    {
        int batches = random.Next(1, 4);
        (steps, size, inSize) = (steps > 0 ? steps : random.Next(1, 7), size > 0 ? size : random.Next(1, 8), inSize > 0 ? inSize : random.Next(1, 9));
        Tensor Matrix(string name, int rows, int columns, double spread) =>
            BlockNode.Reals(name, [rows, columns], Enumerable.Range(0, rows * columns).Select(_ => random.Normal() * spread * (extreme ? 20 : 1)));
        float scale = fitted ? 0.012f : (float)Math.Pow(2, random.NextDouble() * 6 - 8);
        List<Tensor?> inputs =
        [
            Activation("x", [steps, batches, inSize], scale, fitted ? 3 : random.Next(-128, 128)),
            Matrix("w", gates * size, inSize, 1 / Math.Sqrt(inSize)), Matrix("r", gates * size, size, 1 / Math.Sqrt(size)),
            Matrix("b", 1, (gates == 1 ? 1 : 2 * gates) * size, 0.3),
        ];
        if (gates == 1) inputs.Add(BlockNode.Reals("tau", [size], Enumerable.Range(0, size).Select(_ => 0.1 + random.NextDouble() * 2)));
        float outScale = fitted ? gates == 1 ? 2f / 127 : 1f / 127 : (float)Math.Pow(2, random.NextDouble() * 2 - 8);
        int outZero = fitted ? 0 : random.Next(-30, 30);
        if (given) inputs.Add(Activation("h", [batches, size], outScale, outZero));
        Tensor y = Activation("y", [steps, batches, size], outScale, outZero), last = Activation("l", [batches, size], outScale, outZero);
        return BlockNode.Of(options, inputs, fitted ? [y] : [y, last]);
    }

    private static (sbyte[] Values, double Scale) Quantise(double[] reals)
    {
        double scale = reals.Max(Math.Abs) / 127;
        return ([.. reals.Select(v => (sbyte)Math.Round(v / scale))], scale);
    }

    private static sbyte[] Turn(sbyte[] values, int step, bool reverse) =>
        reverse ? [.. values.Chunk(step).Reverse().SelectMany(v => v)] : values;

    private static sbyte[] Recurrent(Node node, sbyte[] x, sbyte[] h, Action<Cell, int> step, bool reverse, int repeats)
    {
        var cell = new Cell(node, x, h);
        for (int t = 0; t < cell.Steps; t++)
            for (int b = 0; b < cell.Batches; b++)
                for (int k = 0; k < repeats; k++) step(cell, (reverse ? cell.Steps - 1 - t : t) * cell.Batches + b);
        return cell.Y;
    }

    /// <summary>The integer cells as their documentation defines them, whole vectors at a time.</summary>
    private sealed class Cell
    {
        private readonly Node _node;
        private readonly sbyte[] _x;
        private readonly int _inSize, _size;
        private readonly sbyte[][] _h;
        private readonly long[][] _wide;

        public Cell(Node node, sbyte[] x, sbyte[] h)
        {
            (_node, _x) = (node, x);
            (Steps, Batches, _inSize) = (node.Input().Shape[0], node.Input().Shape[1], node.Input().Shape[2]);
            _size = node.Output.Shape[2];
            Y = new sbyte[Steps * Batches * _size];
            (float scale, int zero) = (node.Output.Scale, node.Output.ZeroPoint);
            double unit = node.Options is GruOptions ? 1.0 / 32768 : scale / 65536.0;
            int limit = node.Options is GruOptions ? 32767 : int.MaxValue;
            _h = [.. Enumerable.Range(0, Batches).Select(b => Enumerable.Range(0, _size).Select(u => h.Length > 0 ? h[b * _size + u] : (sbyte)zero).ToArray())];
            _wide = [.. _h.Select(v => v.Select(q => Math.Clamp((long)Mbqm(q - zero, QuantizeMultiplier(scale / unit)), -limit - 1, limit)).ToArray())];
        }

        public int Steps { get; }

        public int Batches { get; }

        public sbyte[] Y { get; }

        public void Gru(int row, bool after)
        {
            int batch = row % Batches, zero = _node.Output.ZeroPoint;
            sbyte[] h = _h[batch];
            long[] wide = _wide[batch];
            var output = QuantizeMultiplier(1.0 / 32768 / _node.Output.Scale);
            sbyte Out(long v) => Clamp8(Mbqm((int)v, output) + zero);
            double[] bias = BlockNode.Numbers(_node.Input(3));
            int[] Gate(int gate, sbyte[] state, Func<int, int, int, int> join, bool apart) =>
                [.. Enumerable.Range(0, _size).Select(u => join(
                    u, Sum(1, gate * _size + u, _inSize, _x.AsSpan(row * _inSize, _inSize), _node.Input(), bias[gate * _size + u] + (apart ? 0 : bias[(3 + gate) * _size + u])),
                    Sum(2, gate * _size + u, _size, state, _node.Output, apart ? bias[(3 + gate) * _size + u] : 0)))];
            int[] reset = [.. Gate(1, h, (_, a, b) => Clamp16(a + b), false).Select(v => (int)LstmReference.Logistic((short)v, 0, 0))];
            int[] update = [.. Gate(0, h, (_, a, b) => Clamp16(a + b), false).Select(v => (int)LstmReference.Logistic((short)v, 0, 0))];
            sbyte[] held = [.. wide.Select((v, u) => Out((reset[u] * v + 16384) >> 15))];
            int[] added = [.. (after
                ? Gate(2, h, (u, a, b) => Clamp16((int)(a + (((long)reset[u] * b + 16384) >> 15))), true)
                : Gate(2, held, (_, a, b) => Clamp16(a + b), false)).Select(v => (int)LstmReference.Tanh((short)v, 0, 0))];
            for (int u = 0; u < _size; u++)
            {
                wide[u] = (update[u] * wide[u] + (32768L - update[u]) * added[u] + 16384) >> 15;
                Y[row * _size + u] = Out(wide[u]);
            }

            Y.AsSpan(row * _size, _size).CopyTo(h);
        }

        public void Liquid(int row, float step)
        {
            int batch = row % Batches;
            double[] bias = BlockNode.Numbers(_node.Input(3)), tau = BlockNode.Numbers(_node.Input(4));
            var added = QuantizeMultiplier((double)step / 32768 / (_node.Output.Scale / 65536.0));
            for (int u = 0; u < _size; u++)
            {
                int sum = Sum(1, u, _inSize, _x.AsSpan(row * _inSize, _inSize), _node.Input(), bias[u]) + Sum(2, u, _size, _h[batch], _node.Output, 0);
                long leak = Math.Min((long)Math.Round((double)step / tau[u] * Math.Pow(2, 31)), int.MaxValue), h = _wide[batch][u];
                h += Mbqm(LstmReference.Tanh(Clamp16(sum), 0, 0), added) - ((h * leak + (1 << 30)) >> 31);
                _wide[batch][u] = Math.Clamp(h, -1 << 28, 1 << 28);
                Y[row * _size + u] = Clamp8((int)((_wide[batch][u] + 32768) >> 16) + _node.Output.ZeroPoint);
            }

            Y.AsSpan(row * _size, _size).CopyTo(_h[batch]);
        }

        /// <summary>One sum with 12 fraction bits: weights of a row quantised by its largest, the vector less its zero point.</summary>
        private int Sum(int matrix, int row, int columns, ReadOnlySpan<sbyte> vector, Tensor like, double bias)
        {
            (sbyte[] w, double scale) = Quantise(BlockNode.Numbers(_node.Input(matrix))[(row * columns)..((row + 1) * columns)]);
            double one = scale * like.Scale;
            int sum = (int)Math.Clamp(Math.Round(bias / one), -1 << 30, 1 << 30);
            for (int i = 0; i < columns; i++) sum += w[i] * (vector[i] - like.ZeroPoint);
            return Math.Clamp(Mbqm(sum, QuantizeMultiplier(one * 4096)), -1 << 29, 1 << 29);
        }
    }
}

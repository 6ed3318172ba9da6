using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>
/// Random transformer layers in the many ways in which exporters write the same layer: norms and GELU whole or in pieces, query,
/// key and value in one product or three, masks added, chosen or none; in float against plain loops, and in int8 against float.
/// </summary>
public class RandomTransformerTests
{
    private const double LeastDecibels = 20;
    private const int Float = 1, Long = 7, Bool = 9;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_transformer_layer_gives_what_its_formula_says_in_float_and_nearly_so_in_int8(int seed)
    {
        var random = new Random(seed);
        var layer = new Layer(random);
        Graph graph = ModelImporter.Import(layer.Build(), "transformer");
        (float[] X, bool[] Sees)[] drawn = [.. Enumerable.Range(0, 8).Select(_ => layer.Draw(random))];
        var runner = new FloatModelRunner(graph);
        foreach ((float[] x, bool[] sees) in drawn)
        {
            List<byte[]> inputs = [[.. x.SelectMany(BitConverter.GetBytes)]];
            if (layer.HasMask) inputs.Add(layer.MaskBytes(sees));
            float[] got = [.. runner.Run(inputs).Single().Chunk(4).Select(b => BitConverter.ToSingle(b))];
            double[] expected = layer.Compute(x, sees);
            Assert.Equal(expected.Length, got.Length);
            for (int i = 0; i < got.Length; i++) Assert.True(Math.Abs(expected[i] - got[i]) < 2e-4, $"{layer}: element {i} is {got[i]} instead of {expected[i]}");
        }

        Assert.DoesNotContain(graph.Nodes, n => n.Operator == BuiltinOperator.SELECT_V2);
        float[][][] cases = [.. drawn.Select(d => layer.HasMask ? (float[][])[d.X, [.. d.Sees.Select(s => layer.Bit(s))]] : [d.X])];
        double decibels = ShootOut.Run(graph, cases, null, [new MinMaxCalibrator()]).Chosen.Measured.Output;
        Assert.True(decibels >= LeastDecibels, $"{layer}: {decibels:0.0} dB");
    }

    /// <summary>How hidden keys are said.</summary>
    private enum Masking
    {
        None, CausalAdded, CausalChosen, Window, Multiplied, Chosen, Filled,
    }

    /// <summary>One layer with its weights, and what it computes.</summary>
    private sealed class Layer
    {
        private readonly int _tokens, _heads, _depth, _hidden, _opset;
        private readonly bool _joint, _divides, _preNorm, _pow;
        private readonly string _norm, _function;
        private readonly Masking _masking;
        private readonly Dictionary<string, float[]> _weights = [];
        private OnnxBuilder _builder = null!;
        private int _names;

        public Layer(Random random)
        {
            (_tokens, _heads, _depth) = (random.Next(3, 9), random.Next(1, 4), 2 * random.Next(2, 5));
            (_hidden, _opset) = (random.Next(6, 25), ((int[])[13, 17, 18, 20])[random.Next(4)]);
            (_joint, _divides, _preNorm, _pow) = (random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0);
            _norm = ((string[])["pieces", "rms", _opset >= 17 ? "LayerNormalization" : "pieces"])[random.Next(3)];
            _function = ((string[])["erf", "tanh", "silu", "Relu", _opset >= 20 ? "Gelu" : "erf"])[random.Next(5)];
            _masking = (Masking)random.Next(7);
            foreach ((string name, int rows) in new[] { ("q", Width), ("k", Width), ("v", Width), ("o", Width), ("u", Width), ("d", _hidden) })
            {
                int columns = name == "u" ? _hidden : Width;
                _weights[name] = Noise(random, rows * columns, 1 / Math.Sqrt(rows));
                _weights[name + "b"] = Noise(random, columns, 0.1);
            }

            foreach (string name in new[] { "n1", "n2" })
            {
                _weights[name] = [.. Noise(random, Width, 0.2).Select(v => 1 + v)];
                _weights[name + "b"] = Noise(random, Width, 0.2);
            }
        }

        public bool HasMask => _masking is Masking.Multiplied or Masking.Chosen or Masking.Filled;

        private int Width => _heads * _depth;

        /// <summary>A mask's number: PyTorch's padding mask says what is hidden, others what is seen.</summary>
        public float Bit(bool sees) => sees != (_masking == Masking.Filled) ? 1 : 0;

        public byte[] MaskBytes(bool[] sees) => _masking == Masking.Multiplied ? [.. sees.SelectMany(s => BitConverter.GetBytes((long)Bit(s)))] : [.. sees.Select(s => (byte)Bit(s))];

        public (float[] X, bool[] Sees) Draw(Random random) =>
            (Noise(random, _tokens * Width, 2), [.. Enumerable.Range(0, _tokens).Select(t => t == 0 || random.Next(3) > 0)]);

        public byte[] Build()
        {
            _builder = new OnnxBuilder(_opset).Input("x", Float, 1, _tokens, Width);
            if (HasMask) _builder.Input("mask", _masking == Masking.Multiplied ? Long : Bool, 1, _tokens);
            string x = Add("x", Attention(_preNorm ? Norm("x", "n1") : "x"));
            if (!_preNorm) x = Norm(x, "n1");
            string y = Add(x, Dense(Function(Dense(_preNorm ? Norm(x, "n2") : x, "u", Width, _hidden)), "d", _hidden, Width));
            if (!_preNorm) y = Norm(y, "n2");
            return _builder.Output(y).Build();
        }

        public double[] Compute(float[] x, bool[] sees)
        {
            double[] input = [.. x.Select(v => (double)v)];
            double[] middle = Plus(input, Mix(_preNorm ? Normed(input, "n1") : input, sees));
            if (!_preNorm) middle = Normed(middle, "n1");
            double[] hidden = [.. Times(_preNorm ? Normed(middle, "n2") : middle, "u", Width, _hidden).Select(Apply)];
            double[] result = Plus(middle, Times(hidden, "d", _hidden, Width));
            return _preNorm ? result : Normed(result, "n2");
        }

        public override string ToString() =>
            $"{_tokens} tokens, {_heads} heads of {_depth}, hidden {_hidden}, opset {_opset}, {(_preNorm ? "pre" : "post")}-norm by {_norm}, {_function}, mask {_masking}, joint {_joint}, divides {_divides}";

        private string Node(string op, string[] inputs, params (string, object)[] attributes)
        {
            string name = $"t{++_names}";
            _builder.Node(op, inputs, [name], attributes);
            return name;
        }

        private string Real(float value) => Reals([], value);

        private string Reals(int[] shape, params float[] values)
        {
            string name = $"c{++_names}";
            _builder.Floats(name, shape, values);
            return name;
        }

        private string Longs(params long[] values)
        {
            string name = $"c{++_names}";
            _builder.Longs(name, [values.Length], values);
            return name;
        }

        private string Add(string a, string b) => Node("Add", [a, b]);

        private string Dense(string x, string weights, int rows, int columns) =>
            Add(Node("MatMul", [x, Reals([rows, columns], _weights[weights])]), Reals([columns], _weights[weights + "b"]));

        private string Mean(string x) => _opset >= 18 ? Node("ReduceMean", [x, Longs(-1)]) : Node("ReduceMean", [x], ("axes", new long[] { -1 }));

        private string Norm(string x, string weights)
        {
            string scale = Reals([Width], _weights[weights]), bias = Reals([Width], _weights[weights + "b"]);
            if (_norm == "LayerNormalization") return Node(_norm, [x, scale, bias], ("axis", -1L), ("epsilon", 1e-5f));
            if (_norm == "pieces") x = Node("Sub", [x, Mean(x)]);
            string variance = Mean(_pow ? Node("Pow", [x, Real(2)]) : Node("Mul", [x, x]));
            string normed = Node("Mul", [Node("Div", [x, Node("Sqrt", [Add(variance, Real(1e-5f))])]), scale]);
            return _norm == "rms" ? normed : Add(normed, bias);
        }

        private string Attention(string x)
        {
            string q, k, v;
            if (_joint)
            {
                float[] all = new float[Width * 3 * Width];
                for (int i = 0; i < all.Length; i++) all[i] = _weights[((string[])["q", "k", "v"])[i / Width % 3]][i / (3 * Width) * Width + i % Width];
                string qkv = Add(Node("MatMul", [x, Reals([Width, 3 * Width], all)]), Reals([3 * Width], [.. _weights["qb"], .. _weights["kb"], .. _weights["vb"]]));
                (q, k, v) = ($"q{++_names}", $"k{++_names}", $"v{++_names}");
                _builder.Node("Split", _opset >= 18 ? [qkv] : [qkv, Longs(Width, Width, Width)], [q, k, v], _opset >= 18 ? [("axis", 2L), ("num_outputs", 3L)] : [("axis", 2L)]);
            }
            else
            {
                (q, k, v) = (Dense(x, "q", Width, Width), Dense(x, "k", Width, Width), Dense(x, "v", Width, Width));
            }

            string Heads(string t, params long[] order) => Node("Transpose", [Node("Reshape", [t, Longs(0, 0, _heads, -1)])], ("perm", order));
            float root = (float)Math.Sqrt(_depth);
            string scores = Node("MatMul", [Heads(q, 0, 2, 1, 3), Heads(k, 0, 2, 3, 1)]);
            scores = _divides ? Node("Div", [scores, Real(root)]) : Node("Mul", [scores, Real(1 / root)]);
            string weights = Node("Softmax", [Masked(scores)], ("axis", -1L));
            string mixed = Node("Transpose", [Node("MatMul", [weights, Heads(v, 0, 2, 1, 3)])], ("perm", new long[] { 0, 2, 1, 3 }));
            return Dense(Node("Reshape", [mixed, Longs(0, 0, Width)]), "o", Width, Width);
        }

        private string Masked(string scores)
        {
            string Spread() => Node("Unsqueeze", ["mask", Longs(1, 2)]);
            bool[] sees = HasMask ? [] : [.. Enumerable.Range(0, _tokens * _tokens).Select(i => Sees(i / _tokens, i % _tokens, null))];
            switch (_masking)
            {
                case Masking.CausalAdded or Masking.Window:
                    return Add(scores, Reals([1, 1, _tokens, _tokens], [.. sees.Select(s => s ? 0 : -10000f)]));
                case Masking.CausalChosen:
                    _builder.Stored("sees", Bool, [1, 1, _tokens, _tokens], [.. sees.Select(s => (byte)(s ? 1 : 0))]);
                    return Node("Where", ["sees", scores, Real(-1e9f)]);
                case Masking.Multiplied:
                    return Add(scores, Node("Mul", [Node("Sub", [Real(1), Node("Cast", [Spread()], ("to", (long)Float))]), Real(-10000)]));
                case Masking.Chosen:
                    return Node("Where", [Spread(), scores, Real(-3e38f)]);
                case Masking.Filled:
                    return Node("Where", [Spread(), Real(-1e9f), scores]);
                default:
                    return scores;
            }
        }

        private bool Sees(int query, int key, bool[]? mask) => _masking switch
        {
            Masking.None => true,
            Masking.CausalAdded or Masking.CausalChosen => key <= query,
            Masking.Window => Math.Abs(key - query) <= 1,
            _ => mask![key],
        };

        private string Function(string x)
        {
            switch (_function)
            {
                case "erf":
                    return Node("Mul", [Node("Mul", [x, Add(Node("Erf", [Node("Div", [x, Real((float)Math.Sqrt(2))])]), Real(1))]), Real(0.5f)]);
                case "tanh":
                    string cubed = Node("Mul", [Node("Pow", [x, Real(3)]), Real(0.044715f)]);
                    string inner = Node("Tanh", [Node("Mul", [Add(x, cubed), Real((float)Math.Sqrt(2 / Math.PI))])]);
                    return Node("Mul", [Node("Mul", [x, Real(0.5f)]), Add(inner, Real(1))]);
                case "silu":
                    return Node("Mul", [x, Node("Sigmoid", [x])]);
                default:
                    return Node(_function, [x]);
            }
        }

        private double Apply(double x) => _function switch
        {
            "tanh" => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
            "silu" => x / (1 + Math.Exp(-x)),
            "Relu" => Math.Max(x, 0),
            _ => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))),
        };

        /// <summary>The error function by Simpson's rule over its integral.</summary>
        private static double Erf(double x)
        {
            const int Parts = 400;
            double h = x / Parts, sum = 1 + Math.Exp(-x * x);
            for (int i = 1; i < Parts; i++) sum += (i % 2 == 0 ? 2 : 4) * Math.Exp(-i * h * i * h);
            return 2 / Math.Sqrt(Math.PI) * sum * h / 3;
        }

        private double[] Mix(double[] x, bool[] mask)
        {
            double[] q = Times(x, "q", Width, Width), k = Times(x, "k", Width, Width), v = Times(x, "v", Width, Width), mixed = new double[_tokens * Width];
            for (int h = 0; h < _heads; h++)
            {
                for (int t = 0; t < _tokens; t++)
                {
                    double[] weights = [.. Enumerable.Range(0, _tokens).Select(s => !Sees(t, s, mask) ? 0
                        : Math.Exp(Enumerable.Range(h * _depth, _depth).Sum(c => q[t * Width + c] * k[s * Width + c]) / Math.Sqrt(_depth)))];
                    for (int c = h * _depth; c < (h + 1) * _depth; c++) mixed[t * Width + c] = weights.Select((w, s) => w * v[s * Width + c]).Sum() / weights.Sum();
                }
            }

            return Times(mixed, "o", Width, Width);
        }

        private double[] Times(double[] x, string name, int rows, int columns) => [.. Enumerable.Range(0, _tokens * columns).Select(i =>
            _weights[name + "b"][i % columns] + Enumerable.Range(0, rows).Sum(r => x[i / columns * rows + r] * _weights[name][r * columns + i % columns]))];

        private double[] Normed(double[] x, string name) => [.. x.Chunk(Width).SelectMany(row =>
        {
            double mean = _norm == "rms" ? 0 : row.Average(), variance = row.Average(v => (v - mean) * (v - mean));
            return row.Select((v, c) => (v - mean) / Math.Sqrt(variance + 1e-5) * _weights[name][c] + (_norm == "rms" ? 0 : _weights[name + "b"][c]));
        })];

        private static double[] Plus(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

        private static float[] Noise(Random random, int count, double size) => [.. Enumerable.Range(0, count).Select(_ => (float)(size * (random.NextDouble() * 2 - 1)))];
    }
}

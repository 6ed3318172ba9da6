using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>
/// Random LSTM and GRU layers as exporters write them: either direction or both, with and without initial states, all steps
/// or only the last state read, either form of the reset gate; in float against the equations, and in int8 against float.
/// </summary>
public class RandomRecurrentTests
{
    private const double LeastDecibels = 20;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_recurrent_layer_gives_what_the_equations_say_in_float_and_nearly_so_in_int8(int seed)
    {
        var random = new Random(seed);
        var layer = new Layer(random);
        Graph graph = ModelImporter.Import(layer.Build(), "recurrent");
        float[][][] cases = [.. Enumerable.Range(0, 6).Select(_ => layer.Draw(random))];
        var runner = new FloatModelRunner(graph);
        foreach (float[][] inputs in cases)
        {
            byte[] y = runner.Run([.. inputs.Select(x => x.SelectMany(BitConverter.GetBytes).ToArray())]).Single();
            double[] expected = layer.Compute(inputs);
            float[] got = [.. y.Chunk(4).Select(b => BitConverter.ToSingle(b))];
            Assert.Equal(expected.Length, got.Length);
            for (int i = 0; i < got.Length; i++) Assert.True(Math.Abs(expected[i] - got[i]) < 1e-4, $"{layer}: element {i} is {got[i]} instead of {expected[i]}");
        }

        double decibels = ShootOut.Run(graph, cases, null, [new MinMaxCalibrator()]).Chosen.Measured.Output;
        Assert.True(decibels >= LeastDecibels, $"{layer}: {decibels:0.0} dB");
    }

    /// <summary>One layer with its weights, and the equations of ONNX's specification.</summary>
    private sealed class Layer
    {
        private readonly bool _lstm, _before, _bias, _initial;
        private readonly int _directions, _steps, _batch, _inputs, _units, _output;
        private readonly string _direction;
        private readonly float[] _w, _r, _b;

        public Layer(Random random)
        {
            (_lstm, _before, _bias, _initial) = (random.Next(2) == 0, random.Next(2) == 0, random.Next(3) > 0, random.Next(2) == 0);
            _direction = ((string[])["forward", "reverse", "bidirectional"])[random.Next(3)];
            _directions = _direction == "bidirectional" ? 2 : 1;
            (_steps, _batch, _inputs, _units) = (random.Next(1, 7), random.Next(1, 4), random.Next(1, 6), random.Next(2, 9));
            _output = random.Next(_lstm ? 3 : 2);
            _w = Noise(random, _directions * Gates * _units * _inputs);
            _r = Noise(random, _directions * Gates * _units * _units);
            _b = Noise(random, _directions * 2 * Gates * _units);
        }

        private int Gates => _lstm ? 4 : 3;

        public byte[] Build()
        {
            OnnxBuilder builder = new OnnxBuilder(14).Input("x", 1, _steps, _batch, _inputs)
                .Floats("w", [_directions, Gates * _units, _inputs], _w).Floats("r", [_directions, Gates * _units, _units], _r).Floats("b", [_directions, 2 * Gates * _units], _b);
            string[] inputs = ["x", "w", "r", _bias ? "b" : "", "", _initial ? "h" : ""];
            if (_initial) builder.Input("h", 1, _directions, _batch, _units);
            if (_initial && _lstm)
            {
                builder.Input("c", 1, _directions, _batch, _units);
                inputs = [.. inputs, "c"];
            }

            string[] outputs = [.. Enumerable.Range(0, _output + 1).Select(i => i == _output ? "y" : "")];
            (string, object)[] attributes = [("hidden_size", (long)_units), ("direction", _direction)];
            if (!_lstm) attributes = [.. attributes, ("linear_before_reset", _before ? 1L : 0)];
            return builder.Node(_lstm ? "LSTM" : "GRU", inputs, outputs, attributes).Output("y").Build();
        }

        public float[][] Draw(Random random)
        {
            List<float[]> inputs = [Noise(random, _steps * _batch * _inputs)];
            for (int i = 0; _initial && i < (_lstm ? 2 : 1); i++) inputs.Add(Noise(random, _directions * _batch * _units));
            return [.. inputs];
        }

        public double[] Compute(float[][] inputs)
        {
            var all = new double[_steps * _directions * _batch * _units];
            double[] h = new double[_directions * _batch * _units], c = new double[h.Length];
            if (_initial) h = [.. inputs[1].Select(v => (double)v)];
            if (_initial && _lstm) c = [.. inputs[2].Select(v => (double)v)];
            for (int d = 0; d < _directions; d++)
            {
                bool back = _direction == "reverse" || d == 1;
                for (int s = 0; s < _steps; s++)
                {
                    int t = back ? _steps - 1 - s : s;
                    for (int n = 0; n < _batch; n++)
                    {
                        Step(inputs[0].AsSpan((t * _batch + n) * _inputs, _inputs), d, h.AsSpan((d * _batch + n) * _units, _units), c.AsSpan((d * _batch + n) * _units, _units));
                        for (int u = 0; u < _units; u++) all[((t * _directions + d) * _batch + n) * _units + u] = h[(d * _batch + n) * _units + u];
                    }
                }
            }

            return _output == 0 ? all : _output == 1 ? h : c;
        }

        private void Step(ReadOnlySpan<float> x, int d, Span<double> h, Span<double> c)
        {
            double[] before = h.ToArray(), values = [.. x.ToArray().Select(v => (double)v)];
            double Bias(int gate, int u, int half) => _bias ? _b[d * 2 * Gates * _units + half * Gates * _units + gate * _units + u] : 0;
            double In(int gate, int u) => Enumerable.Range(0, _inputs).Sum(i => values[i] * _w[((d * Gates + gate) * _units + u) * _inputs + i]) + Bias(gate, u, 0);
            double Back(int gate, int u, double[] state) => Enumerable.Range(0, _units).Sum(i => state[i] * _r[((d * Gates + gate) * _units + u) * _units + i]) + Bias(gate, u, 1);
            for (int u = 0; u < _units && _lstm; u++)
            {
                c[u] = Sigmoid(In(2, u) + Back(2, u, before)) * c[u] + Sigmoid(In(0, u) + Back(0, u, before)) * Math.Tanh(In(3, u) + Back(3, u, before));
                h[u] = Sigmoid(In(1, u) + Back(1, u, before)) * Math.Tanh(c[u]);
            }

            if (_lstm) return;
            double[] reset = [.. Enumerable.Range(0, _units).Select(u => Sigmoid(In(1, u) + Back(1, u, before)))];
            double[] held = [.. before.Select((b, u) => b * reset[u])];
            for (int u = 0; u < _units; u++)
            {
                double z = Sigmoid(In(0, u) + Back(0, u, before));
                double fresh = Math.Tanh(In(2, u) + (_before ? reset[u] * Back(2, u, before) : Back(2, u, held)));
                h[u] = (1 - z) * fresh + z * before[u];
            }
        }

        public override string ToString() =>
            $"{(_lstm ? "LSTM" : "GRU")} {_direction}, {_steps} steps, batch {_batch}, {_inputs} to {_units}, bias {_bias}, initial {_initial}, output {_output}, linear before reset {_before}";

        private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

        private static float[] Noise(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 1.6 - 0.8))];
    }
}

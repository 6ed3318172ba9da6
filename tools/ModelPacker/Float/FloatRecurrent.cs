using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Float;

/// <summary>The recurrent blocks in real numbers, with ONNX's gate orders; sequences are [time, batch, values].</summary>
internal static class FloatRecurrent
{
    /// <summary>LSTM, gates input, output, forget, cell.</summary>
    public static void Lstm(FloatCall call)
    {
        var cell = new Cell(call, 4);
        int size = cell.Size;
        float[] c = cell.State(5);
        cell.Run(((LstmBlockOptions)call.Node.Options!).Reverse, 1, (batch, gates, h) =>
        {
            for (int u = 0; u < size; u++)
            {
                double input = Sigmoid(gates(0, u)), output = Sigmoid(gates(1, u)), forget = Sigmoid(gates(2, u));
                int at = batch * size + u;
                c[at] = (float)(forget * c[at] + input * Math.Tanh(gates(3, u)));
                h[u] = (float)(output * Math.Tanh(c[at]));
            }
        });
        if (call.Outputs.Length > 2) c.CopyTo(call.Outputs[2], 0);
    }

    /// <summary>GRU, gates update, reset, hidden.</summary>
    public static void Gru(FloatCall call)
    {
        var options = (GruOptions)call.Node.Options!;
        var cell = new Cell(call, 3);
        int size = cell.Size;
        cell.Run(options.Reverse, 1, (batch, gates, h) =>
        {
            var reset = new double[size];
            var before = new double[size];
            for (int u = 0; u < size; u++) (reset[u], before[u]) = (Sigmoid(gates(1, u)), cell.Hidden[batch * size + u]);
            for (int u = 0; u < size; u++)
            {
                double update = Sigmoid(gates(0, u));
                double sum = options.LinearBeforeReset
                    ? cell.Input(2, u) + cell.Bias(2, u) + reset[u] * (cell.Recurrent(2, u, before) + cell.RecurrentBias(2, u))
                    : cell.Input(2, u) + cell.Bias(2, u) + cell.RecurrentBias(2, u) + cell.Recurrent(2, u, [.. before.Select((b, i) => b * reset[i])]);
                h[u] = (float)(update * before[u] + (1 - update) * Math.Tanh(sum));
            }
        });
    }

    /// <summary>Euler steps of h' = -h / tau + tanh(W x + R h + b).</summary>
    public static void Liquid(FloatCall call)
    {
        var options = (LiquidOptions)call.Node.Options!;
        var cell = new Cell(call, 1, initial: 5);
        float[] tau = call.Input(4);
        double step = (double)options.TimeStep / options.UnfoldSteps;
        cell.Run(false, options.UnfoldSteps, (batch, gates, h) =>
        {
            for (int u = 0; u < h.Length; u++)
            {
                double before = cell.Hidden[batch * cell.Size + u];
                h[u] = (float)(before + step * (-before / tau[u] + Math.Tanh(gates(0, u))));
            }
        });
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>One step of a sequence: the sum of a gate's unit, and where the new state goes.</summary>
    private delegate void Step(int batch, Func<int, int, double> gate, float[] hidden);

    /// <summary>What the cells share: the order of steps, the sums, the outputs.</summary>
    private sealed class Cell
    {
        private readonly FloatCall _call;
        private readonly int _gates, _inSize, _batches, _steps;
        private readonly float[] _w, _r;
        private readonly float[]? _bias;
        private ReadOnlyMemory<float> _x, _h;

        public Cell(FloatCall call, int gates, int initial = 4)
        {
            _call = call;
            _gates = gates;
            (_steps, _batches, _inSize) = (call.Shape()[0], call.Shape()[1], call.Shape()[2]);
            Size = call.Node.Output.Shape[2];
            (_w, _r, _bias) = (call.Input(1), call.Input(2), call.OptionalInput(3));
            Hidden = State(initial);
        }

        public int Size { get; }

        /// <summary>The state of all sequences before the step.</summary>
        public float[] Hidden { get; }

        /// <summary>A copy of an initial state, or zeros.</summary>
        public float[] State(int index) => _call.OptionalInput(index) is { } given ? (float[])given.Clone() : new float[_batches * Size];

        public double Input(int gate, int unit) => Dot(_w.AsSpan((gate * Size + unit) * _inSize, _inSize), _x.Span);

        public double Bias(int gate, int unit) => _bias?[gate * Size + unit] ?? 0;

        /// <summary>The second half of the biases, where there is one.</summary>
        public double RecurrentBias(int gate, int unit) => _bias is { } b && b.Length == 2 * _gates * Size ? b[(_gates + gate) * Size + unit] : 0;

        public double Recurrent(int gate, int unit, double[] hidden)
        {
            double sum = 0;
            int at = (gate * Size + unit) * Size;
            for (int i = 0; i < hidden.Length; i++) sum += _r[at + i] * hidden[i];
            return sum;
        }

        public void Run(bool reverse, int repeats, Step step)
        {
            var next = new float[Size];
            double Gate(int gate, int unit) =>
                Input(gate, unit) + Bias(gate, unit) + RecurrentBias(gate, unit) + Dot(_r.AsSpan((gate * Size + unit) * Size, Size), _h.Span);
            for (int t = 0; t < _steps * repeats; t++)
            {
                int time = reverse ? _steps - 1 - t / repeats : t / repeats;
                for (int b = 0; b < _batches; b++)
                {
                    _x = _call.Input().AsMemory((time * _batches + b) * _inSize, _inSize);
                    _h = Hidden.AsMemory(b * Size, Size);
                    step(b, Gate, next);
                    next.CopyTo(Hidden, b * Size);
                    next.CopyTo(_call.Output, (time * _batches + b) * Size);
                }
            }

            if (_call.Outputs.Length > 1) Hidden.CopyTo(_call.Outputs[1], 0);
        }

        private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
        {
            double sum = 0;
            for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
            return sum;
        }
    }
}

using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>
/// Random quantised networks as ONNX Runtime's static quantisation writes them: QuantizeLinear and DequantizeLinear around
/// every operator, bytes with or without sign, weights per channel or whole, RELU behind the operator or left to the zero
/// point. The device's integers against loops in floating point that round where the file says so.
/// </summary>
public class RandomQdqTests
{
    private const int Int8 = 3, UInt8 = 2, Int32 = 6;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_quantised_network_stays_within_two_steps_of_the_files_own_arithmetic(int seed)
    {
        var random = new Random(seed);
        Nd input = Nd.Random(random, 1, random.Next(1, 5), random.Next(6, 10), random.Next(6, 10));
        var net = new Network(random, input);
        for (int i = random.Next(2, 7); i > 0; i--) net.Grow();
        (Nd expected, float step) = net.Finish();
        var runner = new ModelRunner(Packer.Pack(ModelImporter.Import(net.Builder.Build(), "qdq"), new Metadata()).Pack);
        byte[] y = runner.Run([[.. input.Data.SelectMany(BitConverter.GetBytes)]]).Single();
        float[] got = [.. y.Chunk(4).Select(b => BitConverter.ToSingle(b))];
        Assert.Equal(expected.Data.Length, got.Length);
        double[] steps = [.. got.Zip(expected.Data, (a, b) => Math.Abs(a - b) / (double)step)];
        int near = steps.Count(s => s <= 2.001);
        Assert.True(near >= 0.99 * steps.Length, $"{near} of {steps.Length} elements are within two steps, one is {steps.Max():0.0} away, after {net.Story}");
    }

    /// <summary>The file and its own arithmetic, grown step by step; every value has been quantised and dequantised.</summary>
    private sealed class Network
    {
        private readonly Random _random;
        private readonly bool _signed;
        private readonly List<(string Name, Nd Value, float Scale)> _values = [];
        private int _count;

        public Network(Random random, Nd input)
        {
            (_random, _signed) = (random, random.Next(2) == 0);
            Builder = new OnnxBuilder(13).Input("x", 1, [.. input.Shape.Select(d => (object)d)]).Output("y");
            Quantise("x", input);
        }

        public OnnxBuilder Builder { get; }

        public string Story { get; private set; } = "";

        private (string Name, Nd Value, float Scale) Last => _values[^1];

        public void Grow()
        {
            (string name, Nd x, _) = Last;
            switch (_random.Next(9))
            {
                case 0 or 1 or 2: Convolve(); break;
                case 3: Pool(); break;
                case 4: Set("Sigmoid", NchwReference.Map(x, v => 1 / (1 + MathF.Exp(-v))), [name]); break;
                case 5: Set("LeakyRelu", NchwReference.Map(x, v => v < 0 ? 0.1f * v : v), [name], ("alpha", 0.1f)); break;
                case 6: Together("Add"); break;
                case 7: Together("Concat"); break;
                default:
                    string shifted = Node("HardSigmoid", [name], ("alpha", 1f / 6), ("beta", 0.5f));
                    Set("Mul", NchwReference.Map(x, v => v * Math.Clamp(v / 6 + 0.5f, 0, 1)), [name, shifted]);
                    break;
            }
        }

        public (Nd Value, float Step) Finish()
        {
            Nd x = Last.Value;
            if (_random.Next(2) == 0)
            {
                Set("GlobalAveragePool", NchwReference.GlobalAverage(x), [Last.Name]);
                x = Last.Value;
            }

            int length = x.Data.Length, outputs = _random.Next(2, 9);
            string flat = Node("Flatten", [Last.Name], ("axis", 1L));
            (string w, Nd weights, float[] scales) = Weights([outputs, length], perChannel: false);
            (string b, float[] bias) = Bias(outputs, scales);
            var turned = new Nd([length, outputs], [.. Enumerable.Range(0, length * outputs).Select(i => weights.Data[i % outputs * length + i / outputs])]);
            Set("Gemm", NchwReference.Gemm(new Nd([1, length], x.Data), turned, bias), [flat, w, b], ("transB", 1L));
            Builder.Node("Identity", [Last.Name], ["y"]);
            return (Last.Value, Last.Scale);
        }

        private string Node(string op, string[] inputs, params (string, object)[] attributes)
        {
            string name = $"t{++_count}";
            Builder.Node(op, inputs, [name], attributes);
            return name;
        }

        private void Set(string op, Nd value, string[] inputs, params (string, object)[] attributes)
        {
            Story += op + " ";
            Quantise(Node(op, inputs, attributes), value);
        }

        /// <summary>Quantises and dequantises a value over its own range.</summary>
        private void Quantise(string name, Nd value)
        {
            (int low, int high) = _signed ? (-128, 127) : (0, 255);
            float min = Math.Min(0, value.Data.Min()), max = Math.Max(0, value.Data.Max()), scale = Math.Max((max - min) / 255, 1e-4f);
            int zero = (int)Math.Clamp(Math.Round(low - min / scale), low, high);
            string s = $"s{++_count}", z = $"z{_count}", q = $"q{_count}", d = $"d{_count}";
            Builder.Floats(s, [], scale).Stored(z, _signed ? Int8 : UInt8, [], [(byte)zero]).Node("QuantizeLinear", [name, s, z], [q]).Node("DequantizeLinear", [q, s, z], [d]);
            float Round(float v) => (float)((Math.Clamp(Math.Round(v / scale, MidpointRounding.ToEven) + zero, low, high) - zero) * scale);
            _values.Add((d, NchwReference.Map(value, Round), scale));
        }

        private (string Name, Nd Values, float[] Scales) Weights(int[] shape, bool perChannel)
        {
            Nd real = Nd.Random(_random, shape);
            int rows = shape[0], length = real.Data.Length / rows;
            float Largest(IEnumerable<float> values) => Math.Max(values.Max(Math.Abs), 0.01f) / 127;
            float[] scales = perChannel ? [.. Enumerable.Range(0, rows).Select(r => Largest(real.Data.Skip(r * length).Take(length)))] : [Largest(real.Data)];
            sbyte[] integers = [.. real.Data.Select((v, i) => (sbyte)Math.Clamp(Math.Round(v / scales[perChannel ? i / length : 0]), -127, 127))];
            string name = $"w{++_count}", s = $"ws{_count}", z = $"wz{_count}", d = $"wd{_count}";
            Builder.Stored(name, Int8, shape, [.. integers.Select(v => (byte)v)]).Floats(s, perChannel ? [rows] : [], scales).Stored(z, Int8, perChannel ? [rows] : [], new byte[scales.Length]);
            (string, object)[] axis = perChannel ? [("axis", 0L)] : [];
            Builder.Node("DequantizeLinear", [name, s, z], [d], axis);
            return (d, new Nd(shape, [.. integers.Select((v, i) => v * scales[perChannel ? i / length : 0])]), scales);
        }

        /// <summary>A bias in int32 at input scale times weight scale.</summary>
        private (string Name, float[] Values) Bias(int count, float[] weightScales)
        {
            float[] scales = [.. weightScales.Select(w => w * Last.Scale)];
            int[] integers = [.. Enumerable.Range(0, count).Select(i => (int)Math.Round((_random.NextDouble() - 0.5) / scales[i % scales.Length]))];
            string name = $"b{++_count}", s = $"bs{_count}", d = $"bd{_count}";
            Builder.Stored(name, Int32, [count], [.. integers.SelectMany(BitConverter.GetBytes)]).Floats(s, scales.Length > 1 ? [count] : [], scales);
            (string, object)[] axis = scales.Length > 1 ? [("axis", 0L)] : [];
            Builder.Node("DequantizeLinear", [name, s], [d], axis);
            return (d, [.. integers.Select((v, i) => v * scales[i % scales.Length])]);
        }

        private void Convolve()
        {
            (string name, Nd x, _) = Last;
            int channels = x.Shape[1], groups = _random.Next(3) == 0 ? channels : 1, outputs = groups * _random.Next(1, 5), kernel = Math.Min(_random.Next(1, 4), Math.Min(x.Shape[2], x.Shape[3]));
            int stride = _random.Next(1, 3);
            int[] pads = [_random.Next(2), _random.Next(2), _random.Next(2), _random.Next(2)];
            (string w, Nd weights, float[] scales) = Weights([outputs, channels / groups, kernel, kernel], _random.Next(2) == 0);
            (string b, float[] bias) = Bias(outputs, scales);
            Nd y = NchwReference.Conv(x, weights, bias, groups, stride, 1, pads);
            if (y.Shape.Any(d => d < 1)) return;
            (string, object)[] attributes = [("group", (long)groups), ("strides", new long[] { stride, stride }), ("pads", pads.Select(p => (long)p).ToArray())];
            Story += groups > 1 ? "depthwise " : "";
            switch (_random.Next(3))
            {
                case 0:
                    Set("Conv", y, [name, w, b], attributes);
                    break;
                case 1:
                    Set("Relu", NchwReference.Map(y, v => Math.Max(v, 0)), [Node("Conv", [name, w, b], attributes)]);
                    break;
                default:
                    // RELU left to the zero point: the range begins at 0.
                    Story += "Conv with clipped ";
                    Quantise(Node("Clip", [Node("Conv", [name, w, b], attributes), Real(0), Real(6)]), NchwReference.Map(y, v => Math.Clamp(v, 0, 6)));
                    break;
            }
        }

        private string Real(float value)
        {
            string name = $"r{++_count}";
            Builder.Floats(name, [], value);
            return name;
        }

        private void Pool()
        {
            (string name, Nd x, _) = Last;
            int kernel = _random.Next(2, 4), stride = _random.Next(1, 3);
            if (Math.Min(x.Shape[2], x.Shape[3]) < kernel) return;
            bool average = _random.Next(2) == 0;
            Set(
                average ? "AveragePool" : "MaxPool", NchwReference.Pool(x, kernel, stride, 0, average, false), [name], ("kernel_shape", new long[] { kernel, kernel }),
                ("strides", new long[] { stride, stride }));
        }

        private void Together(string op)
        {
            (string name, Nd x, _) = Last;
            (string Name, Nd Value, float Scale)[] alike = [.. _values.SkipLast(1).Where(v => op == "Add" ? v.Value.Shape.AsSpan().SequenceEqual(x.Shape) : v.Value.Shape.AsSpan(2).SequenceEqual(x.Shape.AsSpan(2)))];
            if (alike.Length == 0) return;
            (string other, Nd value, _) = alike[_random.Next(alike.Length)];
            if (op == "Add") Set("Add", NchwReference.Add(x, value), [name, other]);
            else if (x.Shape[1] + value.Shape[1] <= 12) Set("Concat", NchwReference.Concat(x, value), [name, other], ("axis", 1L));
        }
    }
}

using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>
/// Random networks with channels second, written as ONNX files, imported, cleaned up and computed, against loops that follow
/// the specification: what import, transposition and folding do to layouts shows here.
/// </summary>
public class RandomOnnxTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_network_gives_what_the_specification_says(int seed)
    {
        var random = new Random(seed);
        int batch = random.Next(3) == 0 ? 2 : 1;
        Nd input = Nd.Random(random, batch, random.Next(1, 5), random.Next(5, 11), random.Next(5, 11));
        var net = new Network(random, input);
        for (int i = random.Next(2, 8); i > 0; i--) net.Grow();
        Nd expected = net.Finish();
        var runner = new FloatModelRunner(ModelImporter.Import(net.Builder.Build(), "random"));
        byte[] y = runner.Run([[.. input.Data.SelectMany(BitConverter.GetBytes)]]).Single();
        float[] got = [.. y.Chunk(4).Select(b => BitConverter.ToSingle(b))];
        Assert.Equal(expected.Data.Length, got.Length);
        float largest = expected.Data.Max(Math.Abs);
        for (int i = 0; i < got.Length; i++) Assert.True(Math.Abs(got[i] - expected.Data[i]) <= 1e-4f * (1 + largest), $"element {i}: {got[i]} instead of {expected.Data[i]} after {net.Story}");
    }

    /// <summary>The file and the reference value, grown step by step.</summary>
    private sealed class Network(Random random, Nd input)
    {
        private readonly List<(string Name, Nd Value)> _values = [("x0", input)];
        private int _count;

        public OnnxBuilder Builder { get; } = new OnnxBuilder(13).Input("x0", 1, [.. input.Shape.Select(d => (object)d)]);

        public string Story { get; private set; } = "";

        private (string Name, Nd Value) Last => _values[^1];

        public void Grow()
        {
            switch (random.Next(10))
            {
                case 0 or 1 or 2: Convolve(); break;
                case 3: Pool(); break;
                case 4: Set("Relu", NchwReference.Map(Last.Value, v => Math.Max(v, 0)), [Last.Name]); break;
                case 5: BatchNorm(); break;
                case 6: Residual(); break;
                case 7: Scale(); break;
                case 8: Silu(); break;
                default: Concatenate(); break;
            }
        }

        public Nd Finish()
        {
            Nd x = Last.Value;
            if (random.Next(3) == 0)
            {
                Set("GlobalAveragePool", NchwReference.GlobalAverage(x), [Last.Name]);
                x = Last.Value;
            }

            if (random.Next(3) > 0)
            {
                int length = x.Data.Length / x.Shape[0], outputs = random.Next(1, 7);
                Set("Flatten", new Nd([x.Shape[0], length], x.Data), [Last.Name], ("axis", 1L));
                Nd w = Nd.Random(random, length, outputs);
                float[] bias = Nd.Random(random, outputs).Data;
                Builder.Floats("fw", w.Shape, w.Data).Floats("fb", [outputs], bias);
                Set("Gemm", NchwReference.Gemm(Last.Value, w, bias), [Last.Name, "fw", "fb"]);
            }

            Builder.Output(Last.Name);
            return Last.Value;
        }

        private void Set(string op, Nd value, string[] inputs, params (string, object)[] attributes)
        {
            string name = $"x{++_count}";
            Story += op + " ";
            Builder.Node(op, inputs, [name], attributes);
            _values.Add((name, value));
        }

        private string Store(int[] shape, float[] values)
        {
            string name = $"c{++_count}";
            Builder.Floats(name, shape, values);
            return name;
        }

        private void Convolve()
        {
            Nd x = Last.Value;
            int channels = x.Shape[1], kind = random.Next(4), groups = kind == 0 ? channels : kind == 1 && channels % 2 == 0 ? 2 : 1;
            int outputs = groups * random.Next(1, 4), kernel = Math.Min(random.Next(1, 4), Math.Min(x.Shape[2], x.Shape[3])), stride = random.Next(1, 3);
            int dilation = kernel > 1 && Math.Min(x.Shape[2], x.Shape[3]) > 2 * kernel ? random.Next(1, 3) : 1;
            int[] pads = [random.Next(3), random.Next(3), random.Next(3), random.Next(3)];
            Nd w = Nd.Random(random, outputs, channels / groups, kernel, kernel);
            float[]? bias = random.Next(2) == 0 ? Nd.Random(random, outputs).Data : null;
            Nd y = NchwReference.Conv(x, w, bias, groups, stride, dilation, pads);
            if (y.Data.Length == 0 || y.Shape.Any(d => d < 1)) return;
            string[] inputs = [Last.Name, Store(w.Shape, w.Data)];
            if (bias is not null) inputs = [.. inputs, Store([outputs], bias)];
            Set("Conv", y, inputs, ("group", (long)groups), ("strides", new long[] { stride, stride }), ("dilations", new long[] { dilation, dilation }), ("pads", pads.Select(p => (long)p).ToArray()));
        }

        private void Pool()
        {
            Nd x = Last.Value;
            int kernel = random.Next(2, 4), pad = random.Next(2), stride = random.Next(1, 3);
            if (Math.Min(x.Shape[2], x.Shape[3]) < kernel) return;
            bool average = random.Next(2) == 0, count = random.Next(2) == 0;
            (string, object)[] attributes = [("kernel_shape", new long[] { kernel, kernel }), ("strides", new long[] { stride, stride }), ("pads", new long[] { pad, pad, pad, pad })];
            if (average && count) attributes = [.. attributes, ("count_include_pad", 1L)];
            Set(average ? "AveragePool" : "MaxPool", NchwReference.Pool(x, kernel, stride, pad, average, count), [Last.Name], attributes);
        }

        private void BatchNorm()
        {
            Nd x = Last.Value;
            int c = x.Shape[1];
            float[] scale = Nd.Random(random, c).Data, bias = Nd.Random(random, c).Data, mean = Nd.Random(random, c).Data;
            float[] variance = [.. Nd.Random(random, c).Data.Select(v => Math.Abs(v) + 0.1f)];
            float[] factor = [.. scale.Select((s, i) => s / MathF.Sqrt(variance[i] + 1e-5f))];
            Nd y = NchwReference.PerChannel(x, factor, [.. bias.Select((b, i) => b - mean[i] * factor[i])]);
            Set("BatchNormalization", y, [Last.Name, Store([c], scale), Store([c], bias), Store([c], mean), Store([c], variance)]);
        }

        private void Residual()
        {
            Nd x = Last.Value;
            (string Name, Nd Value)[] alike = [.. _values.SkipLast(1).Where(v => v.Value.Shape.AsSpan().SequenceEqual(x.Shape))];
            if (alike.Length == 0) return;
            (string name, Nd other) = alike[random.Next(alike.Length)];
            Set("Add", NchwReference.Add(x, other), [Last.Name, name]);
        }

        private void Scale()
        {
            Nd x = Last.Value;
            int c = x.Shape[1];
            float[] factor = Nd.Random(random, c).Data;
            Set("Mul", NchwReference.PerChannel(x, factor, new float[c]), [Store([c, 1, 1], factor), Last.Name]);
        }

        private void Silu()
        {
            (string name, Nd x) = Last;
            Set("Sigmoid", NchwReference.Map(x, v => 1 / (1 + MathF.Exp(-v))), [name]);
            Set("Mul", NchwReference.Map(x, v => v / (1 + MathF.Exp(-v))), [name, Last.Name]);
        }

        private void Concatenate()
        {
            Nd x = Last.Value;
            (string Name, Nd Value)[] alike = [.. _values.Where(v => v.Value.Shape[0] == x.Shape[0] && v.Value.Shape.AsSpan(2).SequenceEqual(x.Shape.AsSpan(2)))];
            (string name, Nd other) = alike[random.Next(alike.Length)];
            if (other.Shape[1] + x.Shape[1] > 12) return;
            Set("Concat", NchwReference.Concat(other, x), [name, Last.Name], ("axis", 1L));
        }
    }
}

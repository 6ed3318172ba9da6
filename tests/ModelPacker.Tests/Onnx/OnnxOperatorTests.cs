using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>Operators that importing takes apart or computes by other means, against loops that follow ONNX's specification.</summary>
public class OnnxOperatorTests
{
    private const int Float = 1, Long = 7, Bool = 9;

    public static TheoryData<string, double> Functions => new()
    {
        { "Acos", 0.9 }, { "Asin", 0.9 }, { "Atan", 3 }, { "Atanh", 0.9 }, { "Asinh", 3 }, { "Sinh", 3 }, { "Cosh", 3 }, { "Tan", 1.4 },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_of_one_value_is_that_of_mathematics(string name, double limit)
    {
        Func<double, double> function = name switch
        {
            "Acos" => Math.Acos, "Asin" => Math.Asin, "Atan" => Math.Atan, "Atanh" => Math.Atanh, "Asinh" => Math.Asinh, "Sinh" => Math.Sinh, "Cosh" => Math.Cosh, _ => Math.Tan,
        };
        float[] x = [.. Enumerable.Range(-20, 41).Select(i => (float)(limit * i / 20))];
        Near([.. x.Select(v => function(v))], Run(new OnnxBuilder(14).Input("x", Float, 1, x.Length).Node(name, ["x"], ["y"]).Output("y"), x));
    }

    [Fact]
    public void Celu_and_shrink_bend_where_their_numbers_say()
    {
        float[] x = [-3, -1.5f, -0.2f, 0, 0.4f, 2];
        Near([.. x.Select(v => Math.Max(v, 0) + Math.Min(0, 2 * (Math.Exp(v / 2) - 1)))], Run(new OnnxBuilder(14).Input("x", Float, 1, 6).Node("Celu", ["x"], ["y"], ("alpha", 2f)).Output("y"), x));
        Near([-2.5, -1, 0, 0, 0, 1.5], Run(new OnnxBuilder(14).Input("x", Float, 1, 6).Node("Shrink", ["x"], ["y"], ("lambd", 1f), ("bias", 0.5f)).Output("y"), x));
    }

    [Theory]
    [InlineData("bhid,bhjd->bhij")]
    [InlineData("bij,bjk->bik")]
    [InlineData("bqhd,bkhd->bhqk")]
    [InlineData("bhqk,bkhd->bqhd")]
    [InlineData("ij,jk")]
    [InlineData("bij,jk->bik")]
    [InlineData("abc->ca")]
    [InlineData("abc,c->ab")]
    [InlineData("i,j->ij")]
    public void Einsum_is_the_sum_over_the_letters_that_the_result_lacks(string equation)
    {
        var random = new Random(equation.Length);
        string[] sides = equation.Split("->"), terms = sides[0].Split(',');
        string result = sides.Length > 1 ? sides[1] : "ik";
        Dictionary<char, int> sizes = string.Concat(terms).Distinct().ToDictionary(l => l, l => 2 + (l % 3));
        float[][] operands = [.. terms.Select(t => Noise(random, t.Aggregate(1, (n, l) => n * sizes[l])))];
        var builder = new OnnxBuilder(14);
        string[] names = [.. terms.Select((_, i) => $"x{i}")];
        for (int i = 0; i < terms.Length; i++) builder.Input(names[i], Float, [.. terms[i].Select(l => (object)sizes[l])]);
        builder.Node("Einsum", names, ["y"], ("equation", equation)).Output("y");
        char[] letters = [.. sizes.Keys];
        var expected = new double[result.Aggregate(1, (n, l) => n * sizes[l])];
        for (int i = 0; i < letters.Aggregate(1, (n, l) => n * sizes[l]); i++)
        {
            var at = new Dictionary<char, int>();
            int left = i;
            foreach (char l in letters) (at[l], left) = (left % sizes[l], left / sizes[l]);
            int Index(string term) => term.Aggregate(0, (n, l) => n * sizes[l] + at[l]);
            expected[Index(result)] += terms.Select((t, k) => (double)operands[k][Index(t)]).Aggregate(1.0, (p, v) => p * v);
        }

        Near(expected, Run(builder, operands));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void Running_sums_go_either_way_with_or_without_the_own_value(int exclusive, int reverse)
    {
        float[] x = Noise(new Random(3), 2 * 4 * 3);
        OnnxBuilder builder = new OnnxBuilder(14).Input("x", Float, 2, 4, 3).Longs("axis", [], 1)
            .Node("CumSum", ["x", "axis"], ["y"], ("exclusive", (long)exclusive), ("reverse", (long)reverse)).Output("y");
        double Sum(int b, int t, int c) => Enumerable.Range(0, 4).Where(s => (reverse != 0 ? s >= t : s <= t) && (exclusive == 0 || s != t)).Sum(s => (double)x[(b * 4 + s) * 3 + c]);
        Near([.. Enumerable.Range(0, 24).Select(i => Sum(i / 12, i / 3 % 4, i % 3))], Run(builder, x));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, -1)]
    [InlineData(0, 2)]
    public void A_triangle_keeps_one_side_of_a_diagonal(int upper, int k)
    {
        float[] x = Noise(new Random(4), 2 * 3 * 5);
        OnnxBuilder builder = new OnnxBuilder(14).Input("x", Float, 2, 3, 5).Longs("k", [], k).Node("Trilu", ["x", "k"], ["y"], ("upper", (long)upper)).Output("y");
        Near([.. x.Select((v, i) => (upper != 0 ? i % 5 - i / 5 % 3 >= k : i % 5 - i / 5 % 3 <= k) ? v : 0.0)], Run(builder, x));
    }

    [Theory]
    [InlineData("edge")]
    [InlineData("wrap")]
    public void A_border_repeats_what_its_mode_says(string mode)
    {
        float[] x = Noise(new Random(5), 4 * 3);
        OnnxBuilder builder = new OnnxBuilder(19).Input("x", Float, 4, 3).Longs("p", [4], 2, 1, 3, 2).Node("Pad", ["x", "p"], ["y"], ("mode", mode)).Output("y");
        int At(int i, int size) => mode == "edge" ? Math.Clamp(i, 0, size - 1) : (i + 10 * size) % size;
        Near([.. Enumerable.Range(0, 9 * 6).Select(i => (double)x[At(i / 6 - 2, 4) * 3 + At(i % 6 - 1, 3)])], Run(builder, x));
    }

    [Theory]
    [InlineData("linear", "half_pixel", 5, 4)]
    [InlineData("linear", "asymmetric", 7, 11)]
    [InlineData("linear", "align_corners", 4, 7)]
    [InlineData("linear", "pytorch_half_pixel", 1, 9)]
    [InlineData("cubic", "half_pixel", 3, 10)]
    [InlineData("cubic", "align_corners", 9, 4)]
    [InlineData("nearest", "half_pixel", 4, 9)]
    [InlineData("nearest", "asymmetric", 13, 3)]
    public void Resizing_places_and_weighs_as_the_modes_say(string mode, string place, int height, int width)
    {
        const int InHeight = 6, InWidth = 5;
        float[] x = Noise(new Random(6), 2 * InHeight * InWidth);
        OnnxBuilder builder = new OnnxBuilder(13).Input("x", Float, 1, 2, InHeight, InWidth).Longs("s", [4], 1, 2, height, width)
            .Node("Resize", ["x", "", "", "s"], ["y"], ("mode", mode), ("coordinate_transformation_mode", place)).Output("y");
        double At(int o, int size, int made) => place switch
        {
            "align_corners" => made == 1 ? 0 : o * (size - 1.0) / (made - 1),
            "asymmetric" => o * (double)size / made,
            "pytorch_half_pixel" when made == 1 => 0,
            _ => (o + 0.5) * size / made - 0.5,
        };
        double Weight(double distance) => mode == "linear" ? Math.Max(0, 1 - distance) : distance <= 1 ? 1.25 * distance * distance * distance - 2.25 * distance * distance + 1
            : distance < 2 ? -0.75 * (distance * distance * distance - 5 * distance * distance + 8 * distance - 4) : 0;
        double Value(int c, int oy, int ox)
        {
            double y = At(oy, InHeight, height), z = At(ox, InWidth, width), sum = 0;
            double Pixel(int i, int j) => x[(c * InHeight + Math.Clamp(i, 0, InHeight - 1)) * InWidth + Math.Clamp(j, 0, InWidth - 1)];
            if (mode == "nearest") return Pixel((int)Math.Ceiling(y - 0.5), (int)Math.Ceiling(z - 0.5));
            for (int i = (int)Math.Floor(y) - 1; i <= Math.Floor(y) + 2; i++)
            {
                for (int j = (int)Math.Floor(z) - 1; j <= Math.Floor(z) + 2; j++) sum += Weight(Math.Abs(y - i)) * Weight(Math.Abs(z - j)) * Pixel(i, j);
            }

            return sum;
        }

        Near([.. Enumerable.Range(0, 2 * height * width).Select(i => Value(i / (height * width), i / width % height, i % width))], Run(builder, x));
    }

    [Theory]
    [InlineData("output_padding")]
    [InlineData("SAME_UPPER")]
    [InlineData("SAME_LOWER")]
    [InlineData("output_shape")]
    public void A_transposed_convolution_fills_the_size_that_is_asked_for(string how)
    {
        const int Size = 4, Kernel = 3, Stride = 2;
        var random = new Random(7);
        float[] x = Noise(random, 2 * Size * Size), w = Noise(random, 2 * 3 * Kernel * Kernel), bias = Noise(random, 3);
        (string, object)[] more = how switch
        {
            "output_padding" => [("output_padding", new long[] { 1, 1 }), ("pads", new long[] { 1, 1, 0, 0 })],
            "output_shape" => [("output_shape", new long[] { 10, 7 })],
            _ => [("auto_pad", how)],
        };
        OnnxBuilder builder = new OnnxBuilder(13).Input("x", Float, 1, 2, Size, Size).Floats("w", [2, 3, Kernel, Kernel], w).Floats("b", [3], bias)
            .Node("ConvTranspose", ["x", "w", "b"], ["y"], [("strides", new long[] { Stride, Stride }), .. more]).Output("y");
        (int[] size, int[] before) = how switch
        {
            "output_padding" => ((int[])[9, 9], (int[])[1, 1]),
            "output_shape" => ([10, 7], [0, 1]),
            "SAME_UPPER" => ([8, 8], [0, 0]),
            _ => ([8, 8], [1, 1]),
        };
        var expected = new double[3 * size[0] * size[1]];
        for (int i = 0; i < expected.Length; i++) expected[i] = bias[i / (size[0] * size[1])];
        for (int i = 0; i < x.Length; i++)
        {
            for (int k = 0; k < 3 * Kernel * Kernel; k++)
            {
                int y = i / Size % Size * Stride + k / Kernel % Kernel - before[0], z = i % Size * Stride + k % Kernel - before[1];
                if (y >= 0 && y < size[0] && z >= 0 && z < size[1]) expected[(k / (Kernel * Kernel) * size[0] + y) * size[1] + z] += x[i] * (double)w[i / (Size * Size) * 3 * Kernel * Kernel + k];
            }
        }

        Near(expected, Run(builder, x));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Rotary_positions_turn_pairs_by_the_angle_of_their_row(bool interleaved, bool microsoft)
    {
        const int Heads = 2, Steps = 3, Width = 8, Turned = 4;
        var random = new Random(8);
        float[] x = Noise(random, Steps * Heads * Width);
        double[] angles = [.. Enumerable.Range(0, 6 * Turned / 2).Select(_ => random.NextDouble() * 3)];
        int[] shape = [6, Turned / 2];
        OnnxBuilder builder = new OnnxBuilder(23).Input("x", Float, 1, Steps, Heads * Width).Floats("c", shape, [.. angles.Select(a => (float)Math.Cos(a))])
            .Floats("s", shape, [.. angles.Select(a => (float)Math.Sin(a))]).Longs("p", [1, Steps], 2, 5, 0);
        (string, object)[] options = [("interleaved", interleaved ? 1L : 0), ("num_heads", (long)Heads), ("rotary_embedding_dim", (long)Turned)];
        builder = microsoft ? builder.Node("com.microsoft", "RotaryEmbedding", ["x", "p", "c", "s"], ["y"], options) : builder.Node("RotaryEmbedding", ["x", "c", "s", "p"], ["y"], options);
        double[] expected = [.. x.Select(v => (double)v)];
        int[] positions = [2, 5, 0];
        for (int row = 0; row < Steps * Heads; row++)
        {
            for (int i = 0; i < Turned / 2; i++)
            {
                double a = angles[positions[row / Heads] * Turned / 2 + i];
                (int one, int two) = interleaved ? (row * Width + 2 * i, row * Width + 2 * i + 1) : (row * Width + i, row * Width + i + Turned / 2);
                (expected[one], expected[two]) = (x[one] * Math.Cos(a) - x[two] * Math.Sin(a), x[one] * Math.Sin(a) + x[two] * Math.Cos(a));
            }
        }

        Near(expected, Run(builder.Output("y"), x));
    }

    [Theory]
    [InlineData(4, 4, false, "none")]
    [InlineData(4, 2, true, "none")]
    [InlineData(4, 1, false, "bool")]
    [InlineData(2, 2, true, "float")]
    public void Attention_weighs_values_by_the_softmax_of_the_scores(int heads, int keyHeads, bool causal, string mask)
    {
        const int Queries = 3, Keys = 5, Depth = 4;
        var random = new Random(9 + heads);
        float[] q = Noise(random, Queries * heads * Depth), k = Noise(random, Keys * keyHeads * Depth), v = Noise(random, Keys * keyHeads * Depth), bias = Noise(random, Queries * Keys);
        bool[] seen = [.. Enumerable.Range(0, Queries * Keys).Select(i => i % Keys == 0 || random.Next(2) == 0)];
        OnnxBuilder builder = new OnnxBuilder(23).Input("q", Float, 1, Queries, heads * Depth).Input("k", Float, 1, Keys, keyHeads * Depth).Input("v", Float, 1, Keys, keyHeads * Depth);
        if (mask == "bool") builder.Stored("m", Bool, [Queries, Keys], [.. seen.Select(s => (byte)(s ? 1 : 0))]);
        if (mask == "float") builder.Floats("m", [Queries, Keys], bias);
        builder.Node("Attention", mask == "none" ? ["q", "k", "v"] : ["q", "k", "v", "m"], ["y"], ("q_num_heads", (long)heads), ("kv_num_heads", (long)keyHeads), ("is_causal", causal ? 1L : 0)).Output("y");
        var expected = new double[Queries * heads * Depth];
        for (int h = 0; h < heads; h++)
        {
            int from = h / (heads / keyHeads);
            for (int t = 0; t < Queries; t++)
            {
                double[] weights = [.. Enumerable.Range(0, Keys).Select(s => (causal && s > t) || (mask == "bool" && !seen[t * Keys + s]) ? 0
                    : Math.Exp(Enumerable.Range(0, Depth).Sum(d => q[(t * heads + h) * Depth + d] * k[(s * keyHeads + from) * Depth + d]) / 2.0 + (mask == "float" ? bias[t * Keys + s] : 0)))];
                for (int d = 0; d < Depth; d++) expected[(t * heads + h) * Depth + d] = weights.Select((w, s) => w * v[(s * keyHeads + from) * Depth + d]).Sum() / weights.Sum();
            }
        }

        Near(expected, Run(builder, q, k, v));
    }

    [Fact]
    public void Embeddings_are_added_and_normalised()
    {
        const int Tokens = 3, Width = 4;
        var random = new Random(10);
        float[] words = Noise(random, 7 * Width), places = Noise(random, 5 * Width), kinds = Noise(random, 2 * Width), gamma = Noise(random, Width), beta = Noise(random, Width);
        OnnxBuilder builder = new OnnxBuilder(14).Input("i", 6, 1, Tokens).Input("k", 6, 1, Tokens).Floats("w", [7, Width], words).Floats("p", [5, Width], places).Floats("s", [2, Width], kinds)
            .Floats("g", [Width], gamma).Floats("b", [Width], beta).Node("com.microsoft", "EmbedLayerNormalization", ["i", "k", "w", "p", "s", "g", "b"], ["y", "m"], ("epsilon", 0.001f)).Output("y");
        int[] ids = [6, 0, 3], segments = [0, 1, 1];
        var expected = new List<double>();
        for (int t = 0; t < Tokens; t++)
        {
            double[] sum = [.. Enumerable.Range(0, Width).Select(c => (double)words[ids[t] * Width + c] + places[t * Width + c] + kinds[segments[t] * Width + c])];
            double mean = sum.Average(), variance = sum.Average(s => (s - mean) * (s - mean));
            expected.AddRange(sum.Select((s, c) => (s - mean) / Math.Sqrt(variance + 0.001) * gamma[c] + beta[c]));
        }

        byte[] y = new FloatModelRunner(ModelImporter.Import(builder.Build(), "m")).Run([[.. ids.SelectMany(BitConverter.GetBytes)], [.. segments.SelectMany(BitConverter.GetBytes)]])[0];
        Near([.. expected], [.. y.Chunk(4).Select(b => BitConverter.ToSingle(b))]);
    }

    [Fact]
    public void One_row_in_a_table_of_ones_stands_for_an_index()
    {
        OnnxBuilder builder = new OnnxBuilder(14).Input("i", Long, 3).Longs("d", [], 4).Floats("v", [2], -1, 2).Node("OneHot", ["i", "d", "v"], ["y"], ("axis", 0L)).Output("y");
        byte[] y = new FloatModelRunner(ModelImporter.Import(builder.Build(), "m")).Run([[.. new long[] { 3, 0, 1 }.SelectMany(BitConverter.GetBytes)]])[0];
        Near([-1, 2, -1, -1, -1, 2, -1, -1, -1, 2, -1, -1], [.. y.Chunk(4).Select(b => BitConverter.ToSingle(b))]);
    }

    private static float[] Noise(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 2 - 1))];

    private static float[] Run(OnnxBuilder builder, params float[][] inputs)
    {
        byte[] y = new FloatModelRunner(ModelImporter.Import(builder.Build(), "m")).Run([.. inputs.Select(x => x.SelectMany(BitConverter.GetBytes).ToArray())])[0];
        return [.. y.Chunk(4).Select(b => BitConverter.ToSingle(b))];
    }

    private static void Near(double[] expected, float[] got)
    {
        Assert.Equal(expected.Length, got.Length);
        for (int i = 0; i < got.Length; i++) Assert.True(Math.Abs(expected[i] - got[i]) <= 1e-5 * (1 + Math.Abs(expected[i])), $"element {i}: {got[i]} instead of {expected[i]}");
    }
}

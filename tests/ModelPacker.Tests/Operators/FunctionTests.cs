using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Reference;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Functions of one value: all 256 inputs, many scales and zero points, against TFLM's formulas and against real numbers.</summary>
public class FunctionTests
{
    private static readonly sbyte[] s_all = [.. Enumerable.Range(-128, 256).Select(q => (sbyte)q)];

    public static TheoryData<string> Functions => ["LOGISTIC", "TANH", "RELU", "RELU6", "RELU_N1_TO_1", "LEAKY_RELU", "ABS", "ELU", "EXP", "HARD_SWISH"];

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_gives_the_bytes_of_its_definition(string name)
    {
        var op = Enum.Parse<BuiltinOperator>(name);
        var random = new Random(name.Sum(c => c));
        for (int round = 0; round < 120; round++)
        {
            Q a = ElementwiseTests.RandomQ(random), o = Output(op, a, ElementwiseTests.RandomQ(random), round);
            float alpha = round % 4 == 0 ? -0.5f : (float)(random.NextDouble() * 1.5);
            sbyte[] expected = [.. s_all.Select(q => checked((sbyte)Definition(op, q, a, o, alpha)))];
            Assert.Equal(expected, Signed(KernelPieces.Run(Of(op, a, o, alpha), random, Bytes(s_all))));
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    [InlineData("RSQRT")]
    public void A_function_is_close_to_the_real_one(string name)
    {
        var op = Enum.Parse<BuiltinOperator>(name);
        var random = new Random(name.Sum(c => c) + 1);
        for (int round = 0; round < 30; round++)
        {
            Q a = new((float)Math.Pow(2, random.NextDouble() * 3 - 6), op == BuiltinOperator.RSQRT ? -128 : random.Next(-128, 128));
            Q free = new((float)Math.Pow(2, random.NextDouble() * 2 - 6), random.Next(-128, 128));
            Q o = op == BuiltinOperator.RELU6 ? a : Output(op, a, free, round);
            byte[] actual = KernelPieces.Run(Of(op, a, o, 0.3f), random, Bytes(s_all));
            for (int i = 0; i < 256; i++)
            {
                double real = Real(op, (double)a.Scale * (s_all[i] - a.Zero)), exact = Math.Clamp(real / o.Scale + o.Zero, -128, 127);
                Assert.True(Math.Abs(exact - (sbyte)actual[i]) <= 1.51, $"{name} of {s_all[i]} is {(sbyte)actual[i]}, in real numbers {exact}");
            }
        }
    }

    [Fact]
    public void Relu6_whose_output_has_another_scale_gives_the_bytes_of_the_reference_which_does_not_rescale()
    {
        // Computed with TensorFlow Lite Micro 90b983c2: RELU6, int8 scale 0.05 zero point -20 -> scale 0.03 zero point -100.
        sbyte[] x = [-128, -21, -20, 0, 50, 99, 100, 127];
        Node node = Node(BuiltinOperator.RELU6, null, [Activation("x", [8], 0.05f, -20)], Activation("o", [8], 0.03f, -100));
        Assert.Equal<sbyte>([-20, -20, -20, 0, 50, 99, 100, 100], Signed(Runners(node)[0].Run([Bytes(x)])[0]));
    }

    [Fact]
    public void Rsqrt_is_within_one_step_of_the_rounded_real_value_for_every_input()
    {
        // 1 / sqrt(s * x) for x = 1 … 255; the fixed-point form has 31 bits, so only the last rounding can differ.
        Node node = Of(BuiltinOperator.RSQRT, new Q(0.0025f, -128), new Q(0.02f * 8, -128), 0);
        byte[] actual = KernelPieces.Run(node, new Random(1), Bytes(s_all));
        Assert.Equal(127, (sbyte)actual[0]);
        for (int x = 1; x < 256; x++)
        {
            double exact = Math.Min(1 / Math.Sqrt(0.0025f * x) / (0.02f * 8) - 128, 127);
            Assert.True(Math.Abs(exact - (sbyte)actual[x]) < 0.501, $"{x}: {(sbyte)actual[x]}, exactly {exact}");
        }
    }

    [Fact]
    public void Logistic_and_tanh_ask_for_the_scale_that_their_arithmetic_gives()
    {
        Assert.Contains("scale 1/256", Refusal(Of(BuiltinOperator.LOGISTIC, new Q(1, 0), new Q(0.01f, -128), 0)));
        Assert.Contains("scale 1/128", Refusal(Of(BuiltinOperator.TANH, new Q(1, 0), new Q(1f / 128, 1), 0)));
    }

    private static Node Of(BuiltinOperator op, Q a, Q o, float alpha) => Node(
        op, op == BuiltinOperator.LEAKY_RELU ? new LeakyReluOptions(alpha) : null,
        [Activation("x", [2, 8, 16], a.Scale, a.Zero)], Activation("o", [2, 8, 16], o.Scale, o.Zero));

    private static Q Output(BuiltinOperator op, Q a, Q free, int round) => op switch
    {
        BuiltinOperator.LOGISTIC => new Q(1f / 256, -128),
        BuiltinOperator.TANH => new Q(1f / 128, 0),
        BuiltinOperator.HARD_SWISH => free with { Scale = Math.Max(free.Scale, a.Scale / 100) },
        _ when round % 3 == 0 => a with { Zero = free.Zero },
        _ => free,
    };

    private static int Definition(BuiltinOperator op, int q, Q a, Q o, float alpha) => op switch
    {
        BuiltinOperator.LOGISTIC => ActivationReference.Logistic(q, a),
        BuiltinOperator.TANH => ActivationReference.Tanh(q, a),
        BuiltinOperator.RELU => ActivationReference.Relu(q, a, o, 0, float.PositiveInfinity),
        BuiltinOperator.RELU6 => ActivationReference.Relu6(q, a),
        BuiltinOperator.RELU_N1_TO_1 => ActivationReference.Relu(q, a, o, -1, 1),
        BuiltinOperator.LEAKY_RELU => ActivationReference.LeakyRelu(q, a, o, alpha),
        BuiltinOperator.ABS => ActivationReference.Abs(q, a, o),
        BuiltinOperator.ELU => ActivationReference.Elu(q, a, o),
        BuiltinOperator.EXP => ActivationReference.Exp(q, a, o),
        _ => ActivationReference.HardSwish(q, a, o),
    };

    private static double Real(BuiltinOperator op, double x) => op switch
    {
        BuiltinOperator.LOGISTIC => 1 / (1 + Math.Exp(-x)),
        BuiltinOperator.TANH => Math.Tanh(x),
        BuiltinOperator.RELU => Math.Max(0, x),
        BuiltinOperator.RELU6 => Math.Clamp(x, 0, 6),
        BuiltinOperator.RELU_N1_TO_1 => Math.Clamp(x, -1, 1),
        BuiltinOperator.LEAKY_RELU => x > 0 ? x : 0.3 * x,
        BuiltinOperator.ABS => Math.Abs(x),
        BuiltinOperator.ELU => x < 0 ? Math.Exp(x) - 1 : x,
        BuiltinOperator.EXP => Math.Exp(x),
        BuiltinOperator.RSQRT => 1 / Math.Sqrt(x),
        _ => x * Math.Clamp(x + 3, 0, 6) / 6,
    };
}

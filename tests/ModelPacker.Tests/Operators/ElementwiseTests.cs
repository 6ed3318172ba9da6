using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Tests.Reference;
using TinyAI.TinyRuntime;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Operators on two int8 tensors against their literal reference: random shapes, scales, extreme values and zero points.</summary>
public class ElementwiseTests
{
    private static readonly BuiltinOperator[] s_operators =
    [
        BuiltinOperator.ADD, BuiltinOperator.SUB, BuiltinOperator.MUL, BuiltinOperator.SQUARED_DIFFERENCE, BuiltinOperator.MAXIMUM,
        BuiltinOperator.MINIMUM, BuiltinOperator.PRELU,
    ];

    public static TheoryData<string> Operators => [.. s_operators.Select(o => o.ToString())];

    [Theory]
    [MemberData(nameof(Operators))]
    public void A_broadcasting_operator_gives_the_bytes_of_its_definition(string name)
    {
        var op = Enum.Parse<BuiltinOperator>(name);
        var random = new Random(name.Sum(c => c));
        for (int round = 0; round < 150; round++)
        {
            int[] shape = [.. Enumerable.Range(0, random.Next(0, 7)).Select(_ => random.Next(1, 5))];
            (int[] shapeA, int[] shapeB) = (Smaller(random, shape), Smaller(random, shape));
            if (op == BuiltinOperator.PRELU) shapeA = shape;
            shape = Common(shapeA, shapeB);
            (Q a, Q b, Q o) = (RandomQ(random), RandomQ(random), RandomQ(random));
            if (op is BuiltinOperator.MAXIMUM or BuiltinOperator.MINIMUM) b = o = a;
            bool secondConstant = op == BuiltinOperator.PRELU || random.Next(3) == 0, firstConstant = !secondConstant && random.Next(4) == 0;
            sbyte[] x = Values(random, Count(shapeA)), y = Values(random, Count(shapeB));
            Tensor first = Activation("a", shapeA, a.Scale, a.Zero), second = Activation("b", shapeB, b.Scale, b.Zero);
            if (firstConstant) first.Data = Bytes(x);
            if (secondConstant) second.Data = Bytes(y);
            TfliteActivation activation = (TfliteActivation)random.Next(4);
            Node node = Node(op, Options(op, activation), [first, second], Activation("o", shape, o.Scale, o.Zero));
            (int min, int max) = Range(op, activation, o);
            sbyte[] expected = ElementwiseReference.Broadcast(x, shapeA, y, shapeB, shape, Definition(op, a, b, o, min, max));
            byte[][] inputs = firstConstant ? [Bytes(y)] : secondConstant ? [Bytes(x)] : [Bytes(x), Bytes(y)];
            Assert.Equal(expected, Signed(KernelPieces.Run(node, random, inputs)));
        }
    }

    [Fact]
    public void Sub_takes_its_multipliers_in_float_and_Add_in_double_for_every_pair_of_values()
    {
        var random = new Random(31);
        sbyte[] all = [.. Enumerable.Range(-128, 256).Select(q => (sbyte)q)];
        int[] rows = [256, 1], columns = [1, 256], square = [256, 256];
        int told = 0;
        for (int round = 0; round < 60; round++)
        {
            (Q a, Q b) = (RandomQ(random), RandomQ(random));
            Q o = new(Math.Max(a.Scale, b.Scale) * (float)(0.5 + random.NextDouble()), random.Next(-20, 20));
            Tensor first = Activation("a", rows, a.Scale, a.Zero), second = Activation("b", columns, b.Scale, b.Zero), output = Activation("o", square, o.Scale, o.Zero);
            sbyte[] sub = ElementwiseReference.Broadcast(all, rows, all, columns, square, (x, y) => ElementwiseReference.Sub(x, y, a, b, o, -128, 127));
            sbyte[] add = ElementwiseReference.Broadcast(all, rows, all, columns, square, (x, y) => ElementwiseReference.Add(x, y, a, b, o, -128, 127));
            Assert.Equal(sub, Signed(KernelPieces.Run(Node(BuiltinOperator.SUB, null, [first, second], output), random, Bytes(all), Bytes(all))));
            Assert.Equal(add, Signed(KernelPieces.Run(Node(BuiltinOperator.ADD, null, [first, second], output), random, Bytes(all), Bytes(all))));

            // With the other operator's multipliers the results would differ here and there: the test can tell them apart.
            sbyte[] doubles = ElementwiseReference.Broadcast(
                all, rows, all, columns, square, (x, y) => ElementwiseReference.Sub(x, y, a, b, o, -128, 127, inDouble: true));
            if (!doubles.AsSpan().SequenceEqual(sub)) told++;
        }

        Assert.True(told > 0, "no case depends on float against double multipliers");
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void A_constant_that_is_the_same_everywhere_makes_a_table(string name)
    {
        var op = Enum.Parse<BuiltinOperator>(name);
        Tensor constant = Activation("b", [], 0.25f, 3);
        constant.Data = [200];
        LoweredModel model = SingleNode.Lower(Node(op, Options(op, TfliteActivation.NONE), [Activation("a", [2, 3], 0.25f, 3), constant], Activation("o", [2, 3], 0.25f, 3)));
        Assert.Equal(PackFormat.KindLookup, Assert.Single(model.Layers).Kind);
    }

    [Fact]
    public void An_operand_that_is_added_to_itself_may_be_the_outputs_memory()
    {
        var random = new Random(4);
        Tensor x = Activation("x", [3, 5], 0.1f, -7);
        Node node = Node(BuiltinOperator.ADD, new AddOptions(), [x, x], Activation("o", [3, 5], 0.15f, 9));
        sbyte[] values = Values(random, 15);
        sbyte[] expected = [.. values.Select(v => (sbyte)ElementwiseReference.Add(v, v, new Q(0.1f, -7), new Q(0.1f, -7), new Q(0.15f, 9), -128, 127))];
        Assert.Equal(expected, Signed(KernelPieces.Run(node, random, Bytes(values))));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_in_words()
    {
        string reason = Refusal(Node(BuiltinOperator.ADD, null, [Activation("a", [2, 3], 1, 0), Activation("b", [2, 2], 1, 0)], Activation("o", [2, 3], 1, 0)));
        Assert.Contains("cannot be brought to one shape", reason);
        reason = Refusal(Node(BuiltinOperator.MAXIMUM, null, [Activation("a", [3], 1, 0), Activation("b", [3], 2, 0)], Activation("o", [3], 1, 0)));
        Assert.Contains("different scales", reason);
        reason = Refusal(Node(BuiltinOperator.ADD, null, [Activation("a", [3], 1, 0), Activation("b", [3], 1, 0)], Activation("o", [3], 1e-7f, 0)));
        Assert.Contains("too far apart", reason);
    }

    internal static Q RandomQ(Random random) => new(
        (float)Math.Pow(2, random.NextDouble() * 8 - 7), random.Next(4) switch { 0 => -128, 1 => 127, 2 => 0, _ => random.Next(-128, 128) });

    private static int Count(int[] shape) => shape.Aggregate(1, (a, b) => a * b);

    /// <summary>The shape with some dimensions reduced to 1, and some leading ones left out.</summary>
    private static int[] Smaller(Random random, int[] shape)
    {
        if (random.Next(3) == 0) return [.. shape];
        int[] smaller = [.. shape.Select(size => random.Next(3) == 0 ? 1 : size)];
        return random.Next(3) == 0 ? smaller[random.Next(0, shape.Length + 1)..] : smaller;
    }

    private static int[] Common(int[] a, int[] b)
    {
        int rank = Math.Max(a.Length, b.Length);
        int At(int[] shape, int d) => d < rank - shape.Length ? 1 : shape[d - rank + shape.Length];
        return [.. Enumerable.Range(0, rank).Select(d => Math.Max(At(a, d), At(b, d)))];
    }

    private static TfliteOptions? Options(BuiltinOperator op, TfliteActivation activation) => op switch
    {
        BuiltinOperator.ADD => new AddOptions(activation),
        BuiltinOperator.SUB => new SubOptions(activation),
        BuiltinOperator.MUL => new MulOptions(activation),
        _ => null,
    };

    private static (int Min, int Max) Range(BuiltinOperator op, TfliteActivation activation, Q o)
    {
        if (op is not (BuiltinOperator.ADD or BuiltinOperator.SUB or BuiltinOperator.MUL)) return (-128, 127);
        int At(float real) => Math.Clamp(o.Zero + (int)MathF.Round(real / o.Scale, MidpointRounding.AwayFromZero), -128, 127);
        return activation switch
        {
            TfliteActivation.RELU => (At(0), 127),
            TfliteActivation.RELU6 => (At(0), At(6)),
            TfliteActivation.RELU_N1_TO_1 => (At(-1), At(1)),
            _ => (-128, 127),
        };
    }

    private static Func<int, int, int> Definition(BuiltinOperator op, Q a, Q b, Q o, int min, int max) => op switch
    {
        BuiltinOperator.ADD => (x, y) => ElementwiseReference.Add(x, y, a, b, o, min, max),
        BuiltinOperator.SUB => (x, y) => ElementwiseReference.Sub(x, y, a, b, o, min, max),
        BuiltinOperator.MUL => (x, y) => ElementwiseReference.Mul(x, y, a, b, o, min, max),
        BuiltinOperator.SQUARED_DIFFERENCE => (x, y) => ElementwiseReference.SquaredDifference(x, y, a, b, o),
        BuiltinOperator.MAXIMUM => Math.Max,
        BuiltinOperator.MINIMUM => Math.Min,
        _ => (x, y) => ElementwiseReference.PRelu(x, y, a, b, o),
    };
}

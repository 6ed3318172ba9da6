using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Functions computed in real numbers: known values, and all 256 bytes against formulas written out here.</summary>
public class RealTableTests
{
    private static readonly sbyte[] s_all = [.. Enumerable.Range(-128, 256).Select(q => (sbyte)q)];

    [Fact]
    public void Functions_have_their_tabulated_values()
    {
        // Abramowitz and Stegun, table 7.1: erf 0.5, 1, 2; x = q / 32, output in steps of 1/128.
        Node erf = BlockNode.Of(new FunctionOptions(ScalarFunction.Erf), [Activation("x", [3], 1f / 32, 0)], Activation("y", [3], 1f / 128, 0));
        Assert.Equal<sbyte>([(sbyte)Math.Round(0.5204998778 * 128), (sbyte)Math.Round(0.8427007929 * 128), 127], Signed(BlockNode.Run(erf, [16, 32, 64])));

        // GELU(1) = 0.8413447, GELU(-1) = -0.1586553, GELU(2) = 1.9544997; by tanh 0.8411920, -0.1588080, 1.9545977.
        foreach ((bool approximate, double[] values) in new[] { (false, new[] { 0.8413447, -0.1586553, 1.9544997 }), (true, [0.8411920, -0.1588080, 1.9545977]) })
        {
            Node gelu = Node(BuiltinOperator.GELU, new GeluOptions(approximate), [Activation("x", [3], 1f / 32, 0)], Activation("y", [3], 1f / 60, 0));
            Assert.Equal(values.Select(v => (sbyte)Math.Round(v * 60)), Signed(BlockNode.Run(gelu, [32, unchecked((byte)-32), 64])));
        }
    }

    public static TheoryData<string> Names => [.. Definitions.Keys];

    private static Dictionary<string, (Node Node, Func<double, double> Real)> Definitions
    {
        get
        {
            var all = new Dictionary<string, (Node, Func<double, double>)>();
            void Block(ScalarFunction f, Func<double, double> real, float alpha = 0, float beta = 0) =>
                all[f.ToString()] = (BlockNode.Of(new FunctionOptions(f, alpha, beta), [Activation("x", [256], 0.03f, -7)], Activation("y", [256], 0.02f, -20)), real);
            void Builtin(BuiltinOperator op, Func<double, double> real) =>
                all[op.ToString()] = (Node(op, null, [Activation("x", [256], 0.03f, -7)], Activation("y", [256], 0.02f, -20)), real);
            Block(ScalarFunction.Silu, x => x * (1 / (1 + Math.Exp(-x))));
            Block(ScalarFunction.HardSigmoid, x => 0.2f * x + 0.5f < 0 ? 0 : Math.Min((double)0.2f * x + 0.5, 1), 0.2f, 0.5f);
            Block(ScalarFunction.Softplus, x => Math.Log(1 + Math.Exp(x)));
            Block(ScalarFunction.Softsign, x => x < 0 ? x / (1 - x) : x / (1 + x));
            Block(ScalarFunction.Mish, x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))));
            Block(ScalarFunction.Selu, x => x > 0 ? (double)1.0507f * x : (double)1.0507f * (double)1.67326f * (Math.Exp(x) - 1), 1.67326f, 1.0507f);
            Block(ScalarFunction.Reciprocal, x => 1 / x);
            Block(ScalarFunction.Power, x => x * x * x, 3);
            Block(ScalarFunction.Clip, x => x < -0.5 ? -0.5 : x > 1.25 ? 1.25 : x, -0.5f, 1.25f);
            Block(ScalarFunction.Sign, x => x > 0 ? 1 : x < 0 ? -1 : 0);
            Block(ScalarFunction.ThresholdedRelu, x => x > 0.5 ? x : 0, 0.5f);
            Block(ScalarFunction.Truncate, x => x < 0 ? Math.Ceiling(x) : Math.Floor(x));
            Block(ScalarFunction.Celu, x => x > 0 ? x : 1.5 * (Math.Exp(x / 1.5) - 1), 1.5f);
            Block(ScalarFunction.Shrink, x => Math.Abs(x) <= 0.5 ? 0 : x - Math.Sign(x) * 0.25, 0.5f, 0.25f);
            Block(ScalarFunction.Tan, x => Math.Sin(x) / Math.Cos(x));
            Block(ScalarFunction.Asin, x => x >= 1 ? Math.PI / 2 : x <= -1 ? -Math.PI / 2 : Math.Atan2(x, Math.Sqrt(1 - x * x)));
            Block(ScalarFunction.Acos, x => x >= 1 ? 0 : x <= -1 ? Math.PI : Math.Atan2(Math.Sqrt(1 - x * x), x));
            Block(ScalarFunction.Atan, x => Math.Atan2(x, 1));
            Block(ScalarFunction.Sinh, x => (Math.Exp(x) - Math.Exp(-x)) / 2);
            Block(ScalarFunction.Cosh, x => (Math.Exp(x) + Math.Exp(-x)) / 2);
            Block(ScalarFunction.Asinh, x => Math.Sign(x) * Math.Log(Math.Abs(x) + Math.Sqrt(x * x + 1)));
            Block(ScalarFunction.Acosh, x => x <= 1 ? 0 : Math.Log(x + Math.Sqrt(x * x - 1)));
            Block(ScalarFunction.Atanh, x => x >= 1 ? double.PositiveInfinity : x <= -1 ? double.NegativeInfinity : Math.Log((1 + x) / (1 - x)) / 2);
            Builtin(BuiltinOperator.NEG, x => 0 - x);
            Builtin(BuiltinOperator.SQUARE, x => x * x);
            Builtin(BuiltinOperator.SQRT, x => x > 0 ? Math.Sqrt(x) : 0);
            Builtin(BuiltinOperator.LOG, x => x > 0 ? Math.Log(x) : double.NegativeInfinity);
            Builtin(BuiltinOperator.SIN, Math.Sin);
            Builtin(BuiltinOperator.COS, Math.Cos);
            Builtin(BuiltinOperator.FLOOR, Math.Floor);
            Builtin(BuiltinOperator.CEIL, Math.Ceiling);
            Builtin(BuiltinOperator.ROUND, x => Math.Round(x, MidpointRounding.ToEven));
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_byte_is_the_rounded_real_value(string name)
    {
        (Node node, Func<double, double> real) = Definitions[name];
        sbyte[] actual = Signed(BlockNode.Run(node, Bytes(s_all)));
        for (int i = 0; i < 256; i++)
        {
            double exact = Math.Clamp(real((double)0.03f * (s_all[i] + 7)) / 0.02f - 20, -128, 127);
            Assert.True(Math.Abs(exact - actual[i]) <= 0.5 + 1e-6, $"{name} of {s_all[i]}: {actual[i]} for {exact}");
        }
    }
}

using System.Buffers.Binary;
using System.Numerics;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators.Blocks;

/// <summary>LayerNorm, RMSNorm and GroupNorm: all are <see cref="GroupNorm"/>, over groups of different shape.</summary>
internal sealed class NormOperator : Operator
{
    private const int MostValues = 65536;
    private const int OffsetBits = 16;

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong = [.. Requirements.Int8(input), .. Requirements.Int8(output), .. Requirements.Shape(output, input.Shape)];
        if (wrong.Length > 0) return wrong;
        if (input.Shape.Length == 0 || input.Shape.Contains(0)) return [$"its input {input} has no values to run over."];
        int channels = input.Shape[^1];
        (int groups, float epsilon) = Settings(node);
        if (groups < 1 || channels % groups != 0) return [$"its {channels} channels do not make {groups} groups."];
        if (!float.IsFinite(epsilon) || epsilon < 0) return [$"its epsilon {epsilon} is not a number from 0 on."];
        Shape shape = Shape.Of(node);
        if (shape.Count > MostValues) return [$"it runs over {shape.Count} values at a time, {MostValues} are the limit."];
        wrong = [.. BlockConstants.Check(node.OptionalInput(1), channels), .. BlockConstants.Check(node.OptionalInput(2), channels)];
        if (wrong.Length > 0) return wrong;
        if (Factors(node, channels).Max(Math.Abs) >= 1 << 29) return ["its scale is too large against the scale of its output for its integer arithmetic."];
        return [];
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), output = node.Output;
        int channels = input.Shape[^1];
        Shape shape = Shape.Of(node);
        double[] factors = Factors(node, channels), bias = BlockConstants.Reals(node.OptionalInput(2), channels, 0);
        var p = new int[GroupNorm.ParameterCount];
        p[GroupNorm.Channels] = shape.Channels;
        p[GroupNorm.Positions] = shape.Positions;
        p[GroupNorm.PositionStep] = channels;
        p[GroupNorm.Groups] = shape.Groups;
        p[GroupNorm.BatchStep] = shape.Positions * channels;
        p[GroupNorm.FromZero] = node.Options is RmsNormOptions ? 1 : 0;
        p[GroupNorm.InZeroPoint] = input.ZeroPoint;
        (long epsilon, p[GroupNorm.VarianceShift]) = Epsilon(node, shape.Count);
        (p[GroupNorm.Epsilon], p[GroupNorm.Epsilon + 1]) = ((int)epsilon, (int)(epsilon >> 32));

        int bits = FactorBits(factors.Max(Math.Abs));
        p[GroupNorm.FactorShift] = bits + 4;
        int[] factor = [.. factors.Select(f => (int)Math.Round(Math.ScaleB(f, bits)))];
        int[] offset = [.. bias.Select(b => (int)Math.Round(Math.Clamp(b / output.Scale + output.ZeroPoint, -8192, 8192) * (1 << OffsetBits)))];
        bool same = factor.All(f => f == factor[0]) && offset.All(o => o == offset[0]);
        (p[GroupNorm.Factor], p[GroupNorm.Offset], p[GroupNorm.PerChannel]) = same ? (factor[0], offset[0], 0) : (0, 0, 1);
        var table = new byte[same ? 0 : 8 * channels];
        for (int c = 0; c < table.Length / 8; c++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(8 * c), factor[c]);
            BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(8 * c + 4), offset[c]);
        }

        lowering.Add(new Layer
        {
            Kind = PackFormat.KindGroupNorm,
            Name = ((BlockOptions)node.Options!).Code,
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Rows = input.Count / shape.Count,
            Parameters = p,
            Weights = table,
            WindowBytes = table.Length,
            InPlace = true,
            WeightCount = (node.OptionalInput(1)?.Count ?? 0) + (node.OptionalInput(2)?.Count ?? 0),
        });
    }

    private static (int Groups, float Epsilon) Settings(Node node) => node.Options switch
    {
        LayerNormOptions norm => (1, norm.Epsilon),
        RmsNormOptions norm => (1, norm.Epsilon),
        GroupNormOptions norm => (norm.Groups, norm.Epsilon),
        _ => (0, 0),
    };

    private static double[] Factors(Node node, int channels) =>
        [.. BlockConstants.Reals(node.OptionalInput(1), channels, 1).Select(s => s / node.Output.Scale)];

    /// <summary>Fraction bits with which the largest factor takes 30 bits.</summary>
    private static int FactorBits(double most) => most == 0 ? 0 : Math.Min(29 - (int)Math.Floor(Math.Log2(most)) - 1, 50);

    /// <summary>n * n * epsilon / scale^2 with as many fraction bits as 61 bits leave, and their number, which is even.</summary>
    private static (long Value, int FractionBits) Epsilon(Node node, int n)
    {
        // n * n * variance is below n * n * 2^16, and n * n below 2^(2 * log2(n) rounded up).
        double real = (double)n * n * Settings(node).Epsilon / ((double)node.Input().Scale * node.Input().Scale);
        int variance = 2 * (32 - BitOperations.LeadingZeroCount((uint)(n - 1))) + 16;
        int bits = real < 1 ? 1 : Math.Min(Math.ILogB(real) + 2, 60);
        int fraction = (61 - Math.Max(variance, bits)) & ~1;
        return ((long)Math.Round(Math.Min(Math.ScaleB(real, fraction), Math.ScaleB(1, 60))), fraction);
    }

    /// <summary>The groups that a node's values make.</summary>
    private readonly record struct Shape(int Channels, int Positions, int Groups)
    {
        public int Count => Channels * Positions;

        public static Shape Of(Node node)
        {
            int[] shape = node.Input().Shape;
            (int groups, _) = Settings(node);
            int positions = node.Options is GroupNormOptions ? shape.Length == 1 ? 1 : shape[1..^1].Aggregate(1, (a, b) => a * b) : 1;
            return new Shape(shape[^1] / groups, positions, groups);
        }
    }
}

using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators.Blocks;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// SOFTMAX over the last dimension, int8 to int8 or int16. The multiplier is beta * s_in * 2^26 in double, capped (TFLite
/// quantization_util.cc PreprocessSoftmaxScaling). Large tensors get the exponentials as a table, rows of more than 4095 values
/// the kernel whose sum is wider.
/// </summary>
internal sealed class SoftmaxOperator : Operator
{
    /// <summary>From this number of elements on, reading exponentials from the pack is worth up to 1 KB of it.</summary>
    public const int TableFrom = 512;

    private const int LongestRow = 4095;
    private const int LongestOfAll = 1 << 20;
    private const int FractionBits = 26;
    private const int IntegerBits = 5;

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong = [.. Requirements.Int8(input)];
        if (wrong.Length > 0) return wrong;
        if (output.Type == TfliteType.INT8) return CheckInt8(node, Beta(node));
        var reasons = new List<string>();
        if (input.Shape.Length == 0) return ["its input has no dimension to run along."];
        if (input.Shape[^1] > LongestRow) reasons.Add($"it runs over {input.Shape[^1]} values to int16, {LongestRow} are the limit.");
        if (!input.Shape.AsSpan().SequenceEqual(output.Shape)) reasons.AddRange(Requirements.Shape(output, input.Shape));
        bool right = output.Type == TfliteType.INT16 && output.Quantisation is { IsPerChannel: false } q
            && Math.Abs(q.Scale - 1f / 65536) <= 0.001f / 65536 && q.ZeroPoint == short.MinValue;
        if (!right) reasons.Add(Output(output));
        if (!(RealMultiplier(node, Beta(node)) > 1)) reasons.Add(TooSmall(input));
        return reasons;
    }

    /// <summary>What softmax from int8 to int8 asks of its tensors.</summary>
    public static IEnumerable<string> CheckInt8(Node node, float beta)
    {
        Tensor input = node.Input(), output = node.Output;
        string[] wrong = [.. Requirements.Int8(input)];
        if (wrong.Length > 0) return wrong;
        if (input.Shape.Length == 0) return ["its input has no dimension to run along."];
        var reasons = new List<string>();
        if (input.Shape[^1] > LongestOfAll) reasons.Add($"it runs over {input.Shape[^1]} values, {LongestOfAll} are the limit.");
        if (!input.Shape.AsSpan().SequenceEqual(output.Shape)) reasons.AddRange(Requirements.Shape(output, input.Shape));
        bool right = output.Type == TfliteType.INT8 && output.Quantisation is { IsPerChannel: false, Scale: 1f / 256, ZeroPoint: -128 };
        if (!right) reasons.Add(Output(output));
        if (!(RealMultiplier(node, beta) > 1)) reasons.Add(TooSmall(input));
        return reasons;
    }

    private static string Output(Tensor output) =>
        $"its output {output.Name} must be int8 of scale 1/256 and zero point -128, or int16 of scale 1/65536 and zero point -32768.";

    private static string TooSmall(Tensor input) => $"its input's scale {input.Scale} times beta is not positive or too small for its integer arithmetic.";

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), output = node.Output;
        int length = input.Shape[^1];
        if (length > LongestRow)
        {
            CausalSoftmaxOperator.Add(node, lowering, Beta(node), length);
            return;
        }

        int[] p = Parameters(node, Beta(node));
        byte[] table = output.Count >= TableFrom ? Exponentials(p) : [];
        p[Softmax.TableLength] = table.Length / 4;
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindSoftmax,
            Name = "Softmax",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Rows = input.Count / length,
            Parameters = p,
            Weights = table,
            WindowBytes = table.Length,
            InPlace = output.Type == TfliteType.INT8,
        });
    }

    /// <summary>The parameters of <see cref="Softmax"/> for a node and its factor beta.</summary>
    public static int[] Parameters(Node node, float beta)
    {
        Requantisation scale = Requantisation.From(RealMultiplier(node, beta));
        var p = new int[Softmax.ParameterCount];
        p[Softmax.RowLength] = node.Input().Shape[^1];
        p[Softmax.Multiplier] = scale.Multiplier;
        p[Softmax.LeftShift] = scale.Shift;
        p[Softmax.DifferenceMin] = -(int)Math.Floor(Math.ScaleB((1 << IntegerBits) - 1, FractionBits - scale.Shift));
        p[Softmax.OutBytes] = node.Output.ElementBytes;
        return p;
    }

    private static float Beta(Node node) => node.Options is SoftmaxOptions options ? options.Beta : 1;

    private static double RealMultiplier(Node node, float beta) =>
        Math.Min((double)beta * node.Input().Scale * (1 << FractionBits), (1L << 31) - 1.0);

    /// <summary>The exponentials of the differences 0, -1, … up to the last that is not 0, computed by the kernel.</summary>
    public static byte[] Exponentials(int[] p)
    {
        int[] values = [.. Enumerable.Range(0, 256).Select(k => Softmax.Exponential(p, -k))];
        int used = Array.FindLastIndex(values, value => value != 0) + 1;
        var table = new byte[4 * used];
        for (int i = 0; i < used; i++) BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(4 * i), values[i]);
        return table;
    }
}

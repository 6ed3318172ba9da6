using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// SOFTMAX over the last dimension, int8 to int8 or int16. The multiplier is beta * s_in * 2^26 in double, capped (TFLite
/// quantization_util.cc PreprocessSoftmaxScaling). Large tensors get the exponentials as a table.
/// </summary>
internal sealed class SoftmaxOperator : Operator
{
    /// <summary>From this number of elements on, reading exponentials from the pack is worth up to 1 KB of it.</summary>
    public const int TableFrom = 512;

    private const int LongestRow = 4095;
    private const int FractionBits = 26;
    private const int IntegerBits = 5;

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong = [.. Requirements.Int8(input)];
        if (wrong.Length > 0) return wrong;
        var reasons = new List<string>();
        if (input.Shape.Length == 0) return ["its input has no dimension to run along."];
        if (input.Shape[^1] > LongestRow) reasons.Add($"it runs over {input.Shape[^1]} values, {LongestRow} are the limit.");
        if (!input.Shape.AsSpan().SequenceEqual(output.Shape)) reasons.AddRange(Requirements.Shape(output, input.Shape));
        bool right = output.Quantisation is { IsPerChannel: false } q && (output.Type switch
        {
            TfliteType.INT8 => q.Scale == 1f / 256 && q.ZeroPoint == -128,
            TfliteType.INT16 => Math.Abs(q.Scale - 1f / 65536) <= 0.001f / 65536 && q.ZeroPoint == short.MinValue,
            _ => false,
        });
        if (!right) reasons.Add($"its output {output.Name} must be int8 of scale 1/256 and zero point -128, or int16 of scale 1/65536 and zero point -32768.");
        double real = RealMultiplier(node);
        if (!(real > 1)) reasons.Add($"its input's scale {input.Scale} times beta is not positive or too small for its integer arithmetic.");
        return reasons;
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), output = node.Output;
        int length = input.Shape[^1];
        int[] p = Parameters(node);
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

    private static int[] Parameters(Node node)
    {
        Requantisation scale = Requantisation.From(RealMultiplier(node));
        var p = new int[Softmax.ParameterCount];
        p[Softmax.RowLength] = node.Input().Shape[^1];
        p[Softmax.Multiplier] = scale.Multiplier;
        p[Softmax.LeftShift] = scale.Shift;
        p[Softmax.DifferenceMin] = -(int)Math.Floor(Math.ScaleB((1 << IntegerBits) - 1, FractionBits - scale.Shift));
        p[Softmax.OutBytes] = node.Output.ElementBytes;
        return p;
    }

    private static double RealMultiplier(Node node)
    {
        float beta = node.Options is SoftmaxOptions options ? options.Beta : 1;
        return Math.Min((double)beta * node.Input().Scale * (1 << FractionBits), (1L << 31) - 1.0);
    }

    /// <summary>The exponentials of the differences 0, -1, … up to the last that is not 0, computed by the kernel.</summary>
    private static byte[] Exponentials(int[] p)
    {
        int[] values = [.. Enumerable.Range(0, 256).Select(k => Softmax.Exponential(p, -k))];
        int used = Array.FindLastIndex(values, value => value != 0) + 1;
        var table = new byte[4 * used];
        for (int i = 0; i < used; i++) BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(4 * i), values[i]);
        return table;
    }
}

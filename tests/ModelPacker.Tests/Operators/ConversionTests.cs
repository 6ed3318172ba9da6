using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Reference;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>QUANTIZE and CAST between integer types against their definitions.</summary>
public class ConversionTests
{
    private static readonly TfliteType[] s_types = [TfliteType.INT8, TfliteType.UINT8, TfliteType.INT16, TfliteType.INT32];

    [Fact]
    public void Quantize_between_integers_gives_the_values_of_its_definition()
    {
        var random = new Random(8);
        for (int round = 0; round < 400; round++)
        {
            (TfliteType from, TfliteType to) = (s_types[round % 4], s_types[round / 4 % 4]);
            Q a = Zero(random, from), o = Zero(random, to);
            if (round % 5 == 0) o = o with { Scale = a.Scale };
            long[] values = Values(random, from);
            Node node = Node(
                BuiltinOperator.QUANTIZE, null, [Activation("x", [3, values.Length / 3], a.Scale, a.Zero, from)],
                Activation("o", [3, values.Length / 3], o.Scale, o.Zero, to));
            (long low, long high) = Range(to);
            long[] expected = [.. values.Select(v => (long)ActivationReference.Rescale(v, a, o, low, high))];
            Assert.Equal(expected, Decode(KernelPieces.Run(node, random, Encode(values, from)), to));
        }
    }

    [Fact]
    public void A_cast_keeps_the_low_bytes()
    {
        var random = new Random(9);
        for (int round = 0; round < 64; round++)
        {
            (TfliteType from, TfliteType to) = (s_types[round % 4], s_types[round / 4 % 4]);
            long[] values = Values(random, from);
            Tensor input = new() { Name = "x", Type = from, Shape = [values.Length] }, output = new() { Name = "o", Type = to, Shape = [values.Length] };
            long[] expected = [.. values.Select(v => unchecked(to switch { TfliteType.INT8 => (sbyte)v, TfliteType.UINT8 => (byte)v, TfliteType.INT16 => (short)v, _ => (int)v }))];
            Assert.Equal(expected, Decode(KernelPieces.Run(Node(BuiltinOperator.CAST, null, [input], output), random, Encode(values, from)), to));
        }
    }

    [Fact]
    public void Float_in_the_middle_of_a_model_is_refused_in_words()
    {
        Tensor real = new() { Name = "r", Type = TfliteType.FLOAT32, Shape = [4] };
        Assert.Contains("integers only", Refusal(Node(BuiltinOperator.QUANTIZE, null, [real], Activation("o", [4], 1, 0))));
        Assert.Contains("integers only", Refusal(Node(BuiltinOperator.DEQUANTIZE, null, [Activation("x", [4], 1, 0)], real)));
    }

    private static Q Zero(Random random, TfliteType type)
    {
        (long low, long high) = Range(type);
        int zero = type == TfliteType.INT32 ? 0 : random.Next(3) switch { 0 => (int)low, 1 => (int)high, _ => random.Next((int)low, (int)high) };
        return new Q((float)Math.Pow(2, random.NextDouble() * 16 - 8), zero);
    }

    private static (long Low, long High) Range(TfliteType type) => type switch
    {
        TfliteType.INT8 => (-128, 127), TfliteType.UINT8 => (0, 255), TfliteType.INT16 => (short.MinValue, short.MaxValue), _ => (int.MinValue, int.MaxValue),
    };

    private static long[] Values(Random random, TfliteType type)
    {
        (long low, long high) = Range(type);
        return [low, high, 0, .. Enumerable.Range(0, 60).Select(_ => random.NextInt64(low, high + 1))];
    }

    private static byte[] Encode(long[] values, TfliteType type) =>
        [.. values.SelectMany(v => BitConverter.GetBytes(v)[..(type == TfliteType.INT32 ? 4 : type == TfliteType.INT16 ? 2 : 1)])];

    private static long[] Decode(byte[] bytes, TfliteType type) => type switch
    {
        TfliteType.INT8 => [.. bytes.Select(b => (long)(sbyte)b)],
        TfliteType.UINT8 => [.. bytes.Select(b => (long)b)],
        TfliteType.INT16 => [.. Enumerable.Range(0, bytes.Length / 2).Select(i => (long)BitConverter.ToInt16(bytes, 2 * i))],
        _ => [.. Enumerable.Range(0, bytes.Length / 4).Select(i => (long)BitConverter.ToInt32(bytes, 4 * i))],
    };
}

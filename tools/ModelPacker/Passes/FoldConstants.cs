using System.Buffers.Binary;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Computes at pack time what depends on nothing but constants: the arithmetic on shapes that converters leave in a
/// graph (SHAPE, slices, PACK, integer sums and products), FILL and ZEROS_LIKE, and any movement of constant elements. Results of nodes that
/// the model gives out are left to the device.
/// </summary>
public static class FoldConstants
{
    private const int MostBytes = 1 << 20;

    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            if (node.Outputs.Count == 0 || node.Outputs.Any(graph.Outputs.Contains) || node.Inputs.Count == 0) continue;
            if (Compute(node) is not { } results) continue;
            for (int o = 0; o < results.Length; o++) node.Outputs[o].Data = results[o];
            graph.Nodes.RemoveAt(i--);
        }
    }

    private static byte[][]? Compute(Node node)
    {
        if (OperatorTable.Find(node) is MovementOperator movement) return movement.Fold(node);
        if (node.Outputs.Count != 1 || node.Inputs.Any(t => t is null) || node.Output.Shape.Any(d => d <= 0)) return null;
        Tensor input = node.Input(), output = node.Output;
        long[]? values = node.Operator switch
        {
            BuiltinOperator.SHAPE when input.Shape.All(d => d > 0) => [.. input.Shape.Select(d => (long)d)],
            BuiltinOperator.RANK when input.Shape.All(d => d > 0) => [input.Shape.Length],
            BuiltinOperator.CAST when IsInteger(input) => input.Integers(),
            BuiltinOperator.ADD => Combine(node, (a, b) => a + b),
            BuiltinOperator.SUB => Combine(node, (a, b) => a - b),
            BuiltinOperator.MUL => Combine(node, (a, b) => a * b),
            BuiltinOperator.DIV => Combine(node, Divide),
            BuiltinOperator.FLOOR_DIV => Combine(node, (a, b) => Divide(a, b) - (b != 0 && Divide(a, b) * b != a && a < 0 != b < 0 ? 1 : 0)),
            BuiltinOperator.MAXIMUM => Combine(node, Math.Max),
            BuiltinOperator.MINIMUM => Combine(node, Math.Min),
            _ => null,
        };
        if (node.Operator == BuiltinOperator.FILL) return Filled(node);
        if (node.Operator == BuiltinOperator.ZEROS_LIKE && output.ElementBytes > 0 && output.Bytes <= MostBytes) return [new byte[output.Bytes]];
        if (OperatorTable.Find(node) is ReshapeOperator && input.IsConstant && input.Type == output.Type && input.Count == output.Count)
            return [input.Data!];
        return values is null || values.Length != output.Count || output.Type is not (TfliteType.INT32 or TfliteType.INT64)
            ? null : [Bytes(values, output.Type)];
    }

    /// <summary>FILL: one constant everywhere. ZEROS_LIKE above gives zero bytes, whatever the zero point (TFLM zeros_like.cc).</summary>
    private static byte[][]? Filled(Node node)
    {
        Tensor output = node.Output;
        if (node.Inputs.Count != 2 || !IsInteger(node.Input()) || node.Input(1) is not { IsConstant: true, Count: 1 } value) return null;
        if (value.Type != output.Type || output.ElementBytes == 0 || output.Bytes > MostBytes || value.Data!.Length != output.ElementBytes) return null;
        if (!node.Input().Integers().SequenceEqual(output.Shape.Select(d => (long)d))) return null;
        return [[.. Enumerable.Range(0, output.Count).SelectMany(_ => value.Data!)]];
    }

    private static bool IsInteger(Tensor tensor) =>
        tensor is { IsConstant: true, Quantisation: null, Type: TfliteType.INT32 or TfliteType.INT64 };

    /// <summary>Element by element with the shorter operand spread over the longer; only equal shapes and single values.</summary>
    private static long[]? Combine(Node node, Func<long, long, long> function)
    {
        if (node.Inputs.Count != 2 || !IsInteger(node.Input()) || !IsInteger(node.Input(1)) || HasActivation(node)) return null;
        long[] a = node.Input().Integers(), b = node.Input(1).Integers();
        if (a.Length != 1 && b.Length != 1 && !node.Input().Shape.AsSpan().SequenceEqual(node.Input(1).Shape)) return null;
        return [.. Enumerable.Range(0, Math.Max(a.Length, b.Length)).Select(i => function(a[a.Length == 1 ? 0 : i], b[b.Length == 1 ? 0 : i]))];
    }

    /// <summary>Division towards zero; by zero it gives zero rather than an exception.</summary>
    private static long Divide(long a, long b) => b switch { 0 => 0, -1 => -a, _ => a / b };

    private static bool HasActivation(Node node) => node.Options switch
    {
        AddOptions o => o.Activation != TfliteActivation.NONE,
        SubOptions o => o.Activation != TfliteActivation.NONE,
        MulOptions o => o.Activation != TfliteActivation.NONE,
        DivOptions o => o.Activation != TfliteActivation.NONE,
        _ => false,
    };

    private static byte[] Bytes(long[] values, TfliteType type)
    {
        int width = type == TfliteType.INT64 ? 8 : 4;
        var bytes = new byte[values.Length * width];
        for (int i = 0; i < values.Length; i++)
        {
            if (width == 8) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), values[i]);
            else BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), (int)values[i]);
        }

        return bytes;
    }
}

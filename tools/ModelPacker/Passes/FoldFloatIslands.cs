using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Turns float arithmetic between DEQUANTIZE and QUANTIZE into a table, where every element of the result depends on one
/// element of one int8 (or uint8) tensor: the desktop evaluates the float kernels for all 256 values. Constants must be
/// single numbers; reshapes are allowed. Limit: two computed operands must have the same shape and come from the same
/// integers.
/// </summary>
public static class FoldFloatIslands
{
    private static readonly HashSet<BuiltinOperator> s_moving = [BuiltinOperator.RESHAPE, BuiltinOperator.SQUEEZE, BuiltinOperator.EXPAND_DIMS];

    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node quantise = graph.Nodes[i];
            if (quantise.Operator != BuiltinOperator.QUANTIZE || quantise.Inputs.Count != 1 || quantise.Outputs.Count != 1) continue;
            if (quantise.Inputs[0] is not { Type: TfliteType.FLOAT32 } real || !IsByte(quantise.Output) || real.Count != quantise.Output.Count) continue;
            var island = new Island(graph);
            if (island.Function(real) is not { } function || island.Source is not { } source) continue;
            Tensor output = quantise.Output;
            island.Nodes.Add(quantise);
            graph.Nodes[i] = new Node
            {
                Operator = BuiltinOperator.CUSTOM,
                CustomCode = string.Join('+', island.Nodes.Select(n => n.Operator)),
                Inputs = [source],
                Outputs = [output],
                Origin = quantise.Origin,
                Table = Enumerate(source, output, function),
            };
            i -= RemoveUnread(graph, island.Nodes, i);
        }
    }

    private static byte[] Enumerate(Tensor source, Tensor output, Func<float, float> function)
    {
        var table = new byte[256];
        (int low, int high) = output.Type == TfliteType.UINT8 ? (0, 255) : (-128, 127);
        for (int i = 0; i < table.Length; i++)
        {
            int q = source.Type == TfliteType.UINT8 ? (i + 128) & 255 : i - 128;

            // TFLite reference dequantize.h (in double, rounded to float) and quantize.h (a float quotient).
            float x = (float)((double)source.Scale * (q - source.ZeroPoint));
            float rounded = MathF.Round((float)(function(x) / output.Scale), output.RoundedOnce ? MidpointRounding.ToEven : MidpointRounding.AwayFromZero);
            table[i] = (byte)(int)(float.IsNaN(rounded) ? output.ZeroPoint : Math.Clamp((double)rounded + output.ZeroPoint, low, high));
        }

        return table;
    }

    /// <summary>Removes the island's nodes that nothing reads any more, last first; returns how many of them came before the index.</summary>
    private static int RemoveUnread(Graph graph, List<Node> nodes, int index)
    {
        int before = 0;
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            int at = graph.Nodes.IndexOf(nodes[i]);
            if (at < 0 || nodes[i].Outputs.Any(o => graph.Outputs.Contains(o) || graph.Consumers(o).Any())) continue;
            graph.Nodes.RemoveAt(at);
            if (at < index - before) before++;
        }

        return before;
    }

    private static bool IsByte(Tensor tensor) =>
        tensor.Type is TfliteType.INT8 or TfliteType.UINT8 && tensor.Quantisation is { IsPerChannel: false } q && float.IsFinite(q.Scale) && q.Scale > 0;

    /// <summary>The float operators behind one tensor, collected in execution order.</summary>
    private sealed class Island(Graph graph)
    {
        private readonly Dictionary<Tensor, Func<float, float>?> _known = [];

        /// <summary>The integers that everything depends on.</summary>
        public Tensor? Source { get; private set; }

        /// <summary>The operators of the island, in execution order.</summary>
        public List<Node> Nodes { get; } = [];

        /// <summary>A float tensor's element as a function of the source's element in real numbers; null where it is none.</summary>
        public Func<float, float>? Function(Tensor tensor)
        {
            if (_known.TryGetValue(tensor, out Func<float, float>? known)) return known;
            _known[tensor] = null;
            if (tensor.Type != TfliteType.FLOAT32 || tensor.IsConstant || graph.Producer(tensor) is not { Outputs.Count: 1 } node) return null;
            Func<float, float>? function = node.Operator == BuiltinOperator.DEQUANTIZE ? FromSource(node) : Apply(node);
            if (function is not null) Nodes.Add(node);
            return _known[tensor] = function;
        }

        private Func<float, float>? FromSource(Node node)
        {
            if (node.Inputs.Count != 1 || node.Inputs[0] is not { IsConstant: false } input || !IsByte(input) || input.Count != node.Output.Count) return null;
            if (Source is not null && Source != input) return null;
            Source = input;
            return x => x;
        }

        private Func<float, float>? Apply(Node node)
        {
            if (node.Inputs.Count is < 1 or > 2 || node.Inputs[0] is not { } first) return null;
            if (node.Inputs.Count == 1 || s_moving.Contains(node.Operator))
            {
                if (first.Count != node.Output.Count || Unary(node) is not { } unary || Function(first) is not { } inner) return null;
                return x => unary(inner(x));
            }

            if (node.Inputs[1] is not { } second || FloatFunctions.Binary(node) is not { } binary) return null;
            if (Constant(first) is { } a)
                return second.Count == node.Output.Count && Function(second) is { } right ? x => binary(a, right(x)) : null;
            if (Constant(second) is { } b)
                return first.Count == node.Output.Count && Function(first) is { } left ? x => binary(left(x), b) : null;
            if (!first.Shape.AsSpan().SequenceEqual(second.Shape) || Function(first) is not { } f || Function(second) is not { } g) return null;
            return x => binary(f(x), g(x));
        }

        private static Func<float, float>? Unary(Node node) => s_moving.Contains(node.Operator) ? x => x : ScalarFunctions.Of(node);

        private static float? Constant(Tensor tensor) =>
            tensor is { IsConstant: true, Type: TfliteType.FLOAT32, Count: 1 } ? BitConverter.ToSingle(tensor.Data!, 0) : null;
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// Follows what is added to scores back to the mask of zeros and ones that it was made of, as exporters write it:
/// (1 - mask) * -10000, a choice between 0 and minus infinity, with casts and reshapes between.
/// </summary>
internal static class MaskChains
{
    private const int Longest = 12;

    /// <summary>A mask, the shape in which it is spread over the scores, and what is added where it is 0 and where it is 1.</summary>
    public sealed record Mask(Tensor Tensor, int[] Shape, double AtZero, double AtOne);

    /// <summary>The mask behind a tensor, or null where it is made otherwise.</summary>
    public static Mask? Find(Graph graph, Tensor added)
    {
        var functions = new List<Func<double, double>>();
        int[] shape = added.Shape;
        bool spread = false;
        Tensor at = added;
        for (int i = 0; i < Longest; i++)
        {
            if (at.IsConstant) return null;
            if (graph.Producer(at) is not { } node) return at.Type is TfliteType.BOOL ? Found() : null;
            switch (node.Operator)
            {
                case BuiltinOperator.RESHAPE or BuiltinOperator.EXPAND_DIMS or BuiltinOperator.SQUEEZE:
                    at = node.Input();
                    continue;
                case BuiltinOperator.BROADCAST_TO when at.Shape.AsSpan().SequenceEqual(shape):
                    at = node.Input();
                    shape = at.Shape;
                    spread = true;
                    continue;
                case BuiltinOperator.CAST when node.Input().Type == TfliteType.BOOL:
                    functions.Add(x => x);
                    at = node.Input();
                    continue;
                case BuiltinOperator.CAST when at.Type == TfliteType.FLOAT32:
                    return functions.Count > 0 ? Found() : null;
                default:
                    if (Function(node) is not { } step) return null;
                    functions.Add(step.Function);
                    at = node.Inputs[step.Input]!;
                    continue;
            }
        }

        return null;

        Mask? Found()
        {
            // A reshape behind a spreading would need the spread mask.
            if (spread && at.Count != shape.Aggregate(1, (a, b) => a * b)) return null;
            double Value(double x) => functions.AsEnumerable().Reverse().Aggregate(x, (value, f) => f(value));
            return new Mask(at, shape, Value(0), Value(1));
        }
    }

    /// <summary>What a node makes of one number, where its other operands are constants of one value.</summary>
    private static (Func<double, double> Function, int Input)? Function(Node node)
    {
        if (node.Operator is BuiltinOperator.NEG or BuiltinOperator.LOGICAL_NOT)
            return (node.Operator == BuiltinOperator.NEG ? x => -x : x => x != 0 ? 0 : 1, 0);
        if (node.Operator == BuiltinOperator.SELECT_V2 && Constant(node.Inputs[1]) is { } yes && Constant(node.Inputs[2]) is { } no) return (x => x != 0 ? yes : no, 0);
        if (node.Inputs is not [{ } a, { } b] || Constant(a) is null == Constant(b) is null) return null;
        bool right = Constant(b) is not null;
        if (!(right ? a : b).Shape.AsSpan().SequenceEqual(node.Output.Shape)) return null;
        double c = (Constant(a) ?? Constant(b))!.Value;
        Func<double, double>? function = node.Operator switch
        {
            BuiltinOperator.ADD => x => x + c,
            BuiltinOperator.SUB => right ? x => x - c : x => c - x,
            BuiltinOperator.MUL => x => x == 0 || c == 0 ? 0 : x * c,
            BuiltinOperator.EQUAL => x => x == c ? 1 : 0,
            BuiltinOperator.NOT_EQUAL => x => x != c ? 1 : 0,
            _ => null,
        };
        return function is null ? null : (function, right ? 0 : 1);
    }

    /// <summary>The one number of a constant.</summary>
    private static double? Constant(Tensor? tensor)
    {
        if (tensor is not { IsConstant: true } || tensor.Count == 0) return null;
        double[] values = tensor.Type == TfliteType.FLOAT32 ? [.. Float.RealNumbers.Of(tensor).Select(v => (double)v)] : [.. tensor.Integers().Select(v => (double)v)];
        return values.All(v => v.Equals(values[0])) ? values[0] : null;
    }
}

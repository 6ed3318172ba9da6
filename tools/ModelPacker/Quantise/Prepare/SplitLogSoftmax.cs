using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using System.Runtime.InteropServices;

namespace TinyAI.ModelPacker.Quantise.Prepare;

/// <summary>
/// LOG_SOFTMAX in operators that the device has: with d = x - max(x), the result is d - log(sum(e^d)). The sum of e^d lies between
/// 1 and the row's length, so that its 256 steps tell the logarithm well.
/// </summary>
public static class SplitLogSoftmax
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            if (node.Operator != BuiltinOperator.LOG_SOFTMAX || node.Input().Shape.Length == 0) continue;
            int[] shape = node.Input().Shape, one = [.. shape[..^1], 1];
            var axis = new Tensor { Name = "last", Type = TfliteType.INT32, Shape = [1], Data = MemoryMarshal.AsBytes<int>(new[] { shape.Length - 1 }).ToArray() };
            Tensor Make(string name, int[] of) => new() { Name = $"{node.Output.Name} {name}", Type = TfliteType.FLOAT32, Shape = of };
            Node Add(BuiltinOperator op, TfliteOptions? options, Tensor output, params Tensor?[] inputs) =>
                new() { Operator = op, Options = options, Inputs = [.. inputs], Outputs = [output], Origin = node.Origin };
            (Tensor max, Tensor below, Tensor exponentials, Tensor sum, Tensor log) =
                (Make("max", one), Make("below max", shape), Make("exp", shape), Make("sum", one), Make("log", one));
            graph.Nodes.RemoveAt(i);
            graph.Nodes.InsertRange(i,
            [
                Add(BuiltinOperator.REDUCE_MAX, new ReducerOptions(true), max, node.Input(), axis),
                Add(BuiltinOperator.SUB, new SubOptions(), below, node.Input(), max),
                Add(BuiltinOperator.EXP, null, exponentials, below),
                Add(BuiltinOperator.SUM, new ReducerOptions(true), sum, exponentials, axis),
                Add(BuiltinOperator.LOG, null, log, sum),
                Add(BuiltinOperator.SUB, new SubOptions(), node.Output, below, log),
            ]);
        }
    }
}

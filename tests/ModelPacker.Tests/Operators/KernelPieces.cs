using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;
using Kernel = TinyAI.Kernels.Convert;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>
/// Runs one node three ways and demands the same bytes from all: a session in place, a session that pages, and its kernel
/// called for random consecutive ranges of rows on separate memory at odd offsets.
/// </summary>
internal static class KernelPieces
{
    private const int Offset = 5;

    /// <summary>The node's output for these inputs, in the order of its computed inputs.</summary>
    public static byte[] Run(Node node, Random random, params byte[][] inputs)
    {
        byte[][] results = [.. SingleNode.Runners(node).Select(runner => runner.Run(inputs)[0])];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], Pieces(node, random, inputs));
        return results[0];
    }

    private static byte[] Pieces(Node node, Random random, byte[][] inputs)
    {
        Layer layer = SingleNode.Lower(node).Layers[^1];
        Tensor[] computed = [.. node.Inputs.Where(t => t is { IsConstant: false }).Distinct()!];
        sbyte[] Memory(int index)
        {
            Tensor tensor = node.Inputs[index]!;
            byte[] bytes = tensor.IsConstant ? tensor.Data! : inputs[Array.IndexOf(computed, tensor)];
            return [.. new sbyte[Offset], .. SingleNode.Signed(bytes), 99];
        }

        bool table = layer.Kind is PackFormat.KindLookup && node.Inputs[0]!.IsConstant;
        sbyte[] x = Memory(table ? 1 : 0), x2 = layer.Input2 is null ? [] : Memory(1), y = new sbyte[node.Output.Bytes + Offset];
        foreach ((int from, int to) in SingleNode.Cuts(random, layer.Rows)) Call(layer, x, x2, y, from, to);
        Assert.All(y[..Offset], value => Assert.Equal(0, value));
        return SingleNode.Bytes(y[Offset..]);
    }

    private static void Call(Layer layer, sbyte[] x, sbyte[] x2, sbyte[] y, int from, int to)
    {
        int[] p = layer.Parameters;
        byte[] w = [1, 2, 3, .. layer.Weights];
        switch (layer.Kind)
        {
            case PackFormat.KindAdd: Add.Run(p, x, Offset, x2, Offset, y, Offset, from, to); break;
            case PackFormat.KindMul: Mul.Run(p, x, Offset, x2, Offset, y, Offset, from, to); break;
            case PackFormat.KindSquaredDifference: SquaredDifference.Run(p, x, Offset, x2, Offset, y, Offset, from, to); break;
            case PackFormat.KindMinMax: MinMax.Run(p, x, Offset, x2, Offset, y, Offset, from, to); break;
            case PackFormat.KindPRelu: PRelu.Run(p, x, Offset, x2, Offset, y, Offset, from, to); break;
            case PackFormat.KindMaxPool2D: MaxPool2D.Run(p, x, Offset, y, Offset, from, to); break;
            case PackFormat.KindAveragePool2D: AveragePool2D.Run(p, x, Offset, y, Offset, from, to); break;
            case PackFormat.KindMean: Mean.Run(p, x, Offset, y, Offset, from, to); break;
            case PackFormat.KindLookup: Lookup.Run(p, x, Offset, y, Offset, w, 3, from, to); break;
            case PackFormat.KindConvert: Kernel.Run(p, x, Offset, y, Offset, from, to); break;
            case PackFormat.KindSoftmax when layer.Weights.Length == 0: Softmax.Run(p, x, Offset, y, Offset, from, to); break;
            case PackFormat.KindSoftmax: Softmax.RunTable(p, x, Offset, y, Offset, w, 3, from, to); break;
            default: throw new InvalidOperationException($"No such kernel: {layer.Kind}");
        }
    }
}

using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Nodes of building blocks for tests, and their runs.</summary>
internal static class BlockNode
{
    public static Node Of(BlockOptions options, List<Tensor?> inputs, params Tensor[] outputs) => new()
    {
        Operator = BuiltinOperator.CUSTOM, CustomCode = options.Code, Options = options, Inputs = inputs, Outputs = [.. outputs], Origin = 0,
    };

    public static Tensor Reals(string name, int[] shape, IEnumerable<double> values) => new()
    {
        Name = name, Type = TfliteType.FLOAT32, Shape = shape, Data = [.. values.SelectMany(v => BitConverter.GetBytes((float)v))],
    };

    public static Tensor Ids(string name, params int[] shape) => new() { Name = name, Type = TfliteType.INT32, Shape = shape };

    /// <summary>Numbers of a constant as the packer sees them.</summary>
    public static double[] Numbers(Tensor tensor) => [.. Enumerable.Range(0, tensor.Count).Select(i => (double)BitConverter.ToSingle(tensor.Data!, 4 * i))];

    /// <summary>The first output, the same from a session in place and from one that pages.</summary>
    public static byte[] Run(Node node, params byte[][] inputs) => RunAll(node, inputs)[0];

    /// <summary>All outputs.</summary>
    public static byte[][] RunAll(Node node, params byte[][] inputs)
    {
        byte[][][] results = [.. SingleNode.Runners(node).Select(r => r.Run(inputs))];
        Assert.Equal(results[0], results[1]);
        return results[0];
    }

    /// <summary>Normally distributed numbers.</summary>
    public static double Normal(this Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Bytes of 32-bit integers.</summary>
    public static byte[] Words(params int[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}

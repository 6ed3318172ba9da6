using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Graphs of one node, for tests of single operators.</summary>
internal static class SingleNode
{
    public static Tensor Activation(string name, int[] shape, float scale, int zero, TfliteType type = TfliteType.INT8) => new()
    {
        Name = name, Type = type, Shape = shape, Quantisation = new Quantisation([scale], [zero], 0),
    };

    public static Tensor State(string name, int[] shape, float scale, int zero, TfliteType type) => new()
    {
        Name = name, Type = type, Shape = shape, Quantisation = new Quantisation([scale], [zero], 0), IsVariable = true,
    };

    public static Tensor Weights(string name, int[] shape, sbyte[] values, params float[] scales) => new()
    {
        Name = name, Type = TfliteType.INT8, Shape = shape, Data = Bytes(values),
        Quantisation = new Quantisation(scales, new long[scales.Length], 0),
    };

    public static Tensor Int32(string name, params int[] values) => new()
    {
        Name = name, Type = TfliteType.INT32, Shape = [values.Length], Data = [.. values.SelectMany(BitConverter.GetBytes)],
    };

    public static Node Node(BuiltinOperator op, TfliteOptions? options, List<Tensor?> inputs, Tensor output) => new()
    {
        Operator = op, Options = options, Inputs = inputs, Outputs = [output], Origin = 0,
    };

    public static Graph GraphOf(Node node)
    {
        var graph = new Graph { Name = "one" };
        graph.Nodes.Add(node);
        graph.Inputs.AddRange(node.Inputs.Where(t => t is { IsConstant: false, IsVariable: false }).Distinct()!);
        graph.Outputs.AddRange(node.Outputs);
        return graph;
    }

    public static LoweredModel Lower(Node node)
    {
        Graph graph = GraphOf(node);
        Assert.Empty(OperatorTable.Check(graph));
        return Lowering.Run(graph);
    }

    /// <summary>The only reason why the node is refused.</summary>
    public static string Refusal(Node node) => Assert.Single(OperatorTable.Check(GraphOf(node)));

    /// <summary>Runs the node in a session whose source is in place, and in one that pages through the smallest window.</summary>
    public static ModelRunner[] Runners(Node node)
    {
        PackResult packed = Packer.Pack(Lower(node), new Metadata(), int.MaxValue);
        return [new ModelRunner(packed.Pack), new ModelRunner(new PagedSource(packed.Pack, packed.WindowBytes))];
    }

    public static byte[] Bytes(sbyte[] values) => (byte[])(Array)values.ToArray();

    public static sbyte[] Signed(byte[] values) => [.. values.Select(v => (sbyte)v)];

    /// <summary>Random values; one call in three gives only extremes.</summary>
    public static sbyte[] Values(Random random, int count)
    {
        bool extreme = random.Next(3) == 0;
        return [.. Enumerable.Range(0, count).Select(_ => (sbyte)(extreme ? random.Next(2) * 255 - 128 : random.Next(-128, 128)))];
    }

    /// <summary>Cuts 0..count into random consecutive ranges.</summary>
    public static IEnumerable<(int From, int To)> Cuts(Random random, int count)
    {
        for (int from = 0; from < count;)
        {
            int to = random.Next(from + 1, count + 1);
            yield return (from, to);
            from = to;
        }
    }
}

/// <summary>A source with a window of its own: fetching more than that fails, and each fetch spoils the one before.</summary>
internal sealed class PagedSource(byte[] pack, int window) : IPackSource
{
    private readonly byte[] _window = new byte[Math.Max(window, 128)];

    public int Length => pack.Length;

    public bool InPlace => false;

    public int Start => 0;

    public byte[] Fetch(int offset, int count)
    {
        Assert.True(count <= _window.Length, $"a fetch of {count} bytes does not fit the window of {_window.Length}");
        Array.Fill(_window, (byte)0xA5);
        Array.Copy(pack, offset, _window, 0, count);
        return _window;
    }
}

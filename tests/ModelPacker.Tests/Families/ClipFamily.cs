using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>
/// CLIP (Radford et al. 2021): an image tower on the device whose unit vector meets those of class names, which the text tower has
/// made on the desktop and which lie in the pack: zero-shot classification by cosine.
/// </summary>
public sealed class ClipFamily : Family
{
    private const int Size = 32, Width = 48, Classes = 12;

    public override string Name => "CLIP";

    public override string Blocks => "image tower: convolutions, 1 pre-norm layer, attention pooling, unit length; cosine with 12 class embeddings of a text tower; width 48";

    public override Graph Build()
    {
        var net = new Net("clip", 7);
        Tensor x = net.Relu(net.GroupNorm(net.Conv(net.Input("image", 1, Size, Size, 3), 24, 3, 2), 4));
        x = net.Relu(net.GroupNorm(net.Conv(x, Width, 3, 4), 4));
        x = net.Sum(net.Reshape(x, 1, 16, Width), net.Normal("positions", 0.3, 1, 16, Width));
        x = net.PreNorm(x, new AttentionSettings(4), 4 * Width);
        Tensor unit = net.Unit(net.Dense(net.Reshape(net.AttentionPool(net.LayerNorm(x), 4), 1, Width), Width, bias: false));
        Tensor classes = net.Constant("classes", [Classes, Width], TextTower().Select(v => (double)v));
        return net.Build(net.Add(Import.Tflite.BuiltinOperator.FULLY_CONNECTED, new Import.Tflite.FullyConnectedOptions(), [1, Classes], unit, classes, null));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => [[Image(random, Size)]];

    /// <summary>Unit vectors of class names of eight tokens each.</summary>
    private static float[] TextTower()
    {
        var net = new Net("text", 8);
        Tensor x = net.Sum(net.Embedding(net.Ids("ids", 1, 8), 50, Width), net.Normal("positions", 0.3, 1, 8, Width));
        x = net.PreNorm(x, new AttentionSettings(4, Causal: true), 4 * Width);
        Graph graph = net.Build(net.Unit(net.Dense(net.Reshape(net.Slice(net.LayerNorm(x), 1, 7, 1), 1, Width), Width, bias: false)));
        var random = new Random(9);
        var runner = new FloatRunner(graph);
        return [.. Enumerable.Range(0, Classes).SelectMany(_ => runner.Run([Ids(random, 8, 50)])[graph.Outputs[0]])];
    }
}

using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>EfficientNet (Tan and Le 2019): inverted bottlenecks with squeeze-and-excitation and swish.</summary>
public sealed class EfficientNetFamily : Family
{
    private const int Size = 32;

    public override string Name => "EfficientNet";

    public override string Blocks => "stem, 3 inverted bottlenecks with squeeze-and-excitation and swish, one of them residual, mean; 16 to 64 channels";

    public override Graph Build()
    {
        var net = new Net("efficientnet", 14);
        Tensor x = net.Silu(net.Conv(net.Input("image", 1, Size, Size, 3), 16, 3, 2));
        foreach ((int channels, int stride) in new[] { (24, 2), (24, 1), (40, 2) })
        {
            Tensor y = net.Silu(net.Depthwise(net.Silu(net.Conv(x, 4 * x.Shape[3], 1)), 3, stride));
            y = net.Conv(net.SqueezeExcite(y, 8), channels, 1);
            x = channels == x.Shape[3] && stride == 1 ? net.Sum(x, y) : y;
        }

        return net.Build(net.Dense(net.Mean(net.Silu(net.Conv(x, 64, 1)), false, 1, 2), 10));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => [[Image(random, Size)]];
}

using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>Big Transfer (Kolesnikov et al. 2020): ResNet-v2, GroupNorm before each convolution, standardised weights.</summary>
public sealed class BitFamily : Family
{
    private const int Size = 32;

    public override string Name => "BiT";

    public override string Blocks => "ResNet-v2: 3 pre-activation blocks of GroupNorm, ReLU and standardised 3x3 convolutions; 16 to 64 channels";

    public override Graph Build()
    {
        var net = new Net("bit", 11);
        Tensor x = net.MaxPool(net.Conv(net.Input("image", 1, Size, Size, 3), 16, 3, 1, standardised: true), 3, 2);
        foreach ((int channels, int stride) in new[] { (16, 1), (32, 2), (64, 2) })
        {
            Tensor y = net.Relu(net.GroupNorm(x, 8));
            Tensor shortcut = channels == x.Shape[3] ? x : net.Conv(y, channels, 1, stride, bias: false, standardised: true);
            y = net.Conv(y, channels, 3, stride, bias: false, standardised: true);
            x = net.Sum(shortcut, net.Conv(net.Relu(net.GroupNorm(y, 8)), channels, 3, bias: false, standardised: true));
        }

        return net.Build(net.Dense(net.Mean(net.Relu(net.GroupNorm(x, 8)), false, 1, 2), 10));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => [[Image(random, Size)]];
}

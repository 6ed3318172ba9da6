using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>
/// MetaNet of INTERN (Shao et al. 2021, after UniNet, Liu et al. 2022): convolution stages, then transformer stages, with a
/// down-sampling module between that is local (a strided convolution) and global (its result asks all finer positions by attention).
/// </summary>
public sealed class MetaNetFamily : Family
{
    private const int Size = 32, Width = 48;

    public override string Name => "MetaNet";

    public override string Blocks => "2 inverted-bottleneck convolution stages, local-global down-sampling (strided depthwise convolution asks the finer map by attention), 2 transformer layers; width 48";

    public override Graph Build()
    {
        var net = new Net("metanet", 10);
        Tensor x = net.Conv(net.Input("image", 1, Size, Size, 3), 16, 3, 2, TfliteActivation.RELU);
        x = Bottleneck(net, x, 24, 2);
        x = Bottleneck(net, x, Width, 1);

        // Local-global down-sampling from 8 x 8 to 4 x 4.
        Tensor fine = net.LayerNorm(net.Reshape(x, 1, 64, Width)), local = net.Depthwise(x, 3, 2);
        Tensor coarse = net.Reshape(net.Conv(local, Width, 1), 1, 16, Width);
        x = net.Sum(coarse, net.Attention(net.LayerNorm(coarse), new AttentionSettings(4), fine));
        for (int layer = 0; layer < 2; layer++) x = net.PreNorm(x, new AttentionSettings(4), 4 * Width);
        return net.Build(net.Dense(net.Mean(net.LayerNorm(x), false, 1), 10));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => [[Image(random, Size)]];

    private static Tensor Bottleneck(Net net, Tensor x, int channels, int stride)
    {
        Tensor y = net.Conv(x, 3 * x.Shape[3], 1, activation: TfliteActivation.RELU);
        y = net.SqueezeExcite(net.Depthwise(y, 3, stride, TfliteActivation.RELU), 8);
        return net.Conv(y, channels, 1);
    }
}

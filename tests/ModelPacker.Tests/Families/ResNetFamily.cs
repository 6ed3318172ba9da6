using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>ResNet (He et al. 2016): residual blocks of two convolutions.</summary>
public sealed class ResNetFamily : Family
{
    private const int Size = 32;

    public override string Name => "ResNet";

    public override string Blocks => "stem, 3 residual blocks of 3x3 convolutions, mean; 16 to 64 channels";

    public override Graph Build()
    {
        var net = new Net("resnet", 13);
        Tensor x = net.Conv(net.Input("image", 1, Size, Size, 3), 16, 3, 2, TfliteActivation.RELU);
        foreach ((int channels, int stride) in new[] { (16, 1), (32, 2), (64, 2) })
        {
            Tensor shortcut = channels == x.Shape[3] ? x : net.Conv(x, channels, 1, stride);
            Tensor y = net.Conv(net.Conv(x, channels, 3, stride, TfliteActivation.RELU), channels, 3);
            x = net.Sum(y, shortcut, TfliteActivation.RELU);
        }

        return net.Build(net.Dense(net.Mean(x, false, 1, 2), 10));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => [[Image(random, Size)]];
}

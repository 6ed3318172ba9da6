using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>MobileNet (Howard et al. 2017): depthwise and pointwise convolutions with ReLU6.</summary>
public sealed class MobileNetFamily : Family
{
    private const int Size = 32;

    public override string Name => "MobileNet";

    public override string Blocks => "stem, 4 depthwise-separable convolutions with ReLU6, mean; 16 to 64 channels";

    public override Graph Build()
    {
        var net = new Net("mobilenet", 12);
        Tensor x = net.Conv(net.Input("image", 1, Size, Size, 3), 16, 3, 2, TfliteActivation.RELU6);
        foreach ((int channels, int stride) in new[] { (32, 1), (32, 2), (64, 1), (64, 2) })
            x = net.Conv(net.Depthwise(x, 3, stride, TfliteActivation.RELU6), channels, 1, activation: TfliteActivation.RELU6);
        return net.Build(net.Dense(net.Mean(x, false, 1, 2), 10));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => [[Image(random, Size)]];
}

using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>ViT (Dosovitskiy et al. 2021): patch embedding, class token, learned positions, two pre-norm layers, a head on the class token.</summary>
public sealed class ViTFamily : Family
{
    private const int Size = 32, Patch = 8, Width = 48, Tokens = Size / Patch * (Size / Patch) + 1;

    public override string Name => "ViT";

    public override string Blocks => "patch embedding, class token, learned positions, 2 layers of LayerNorm, 4-head attention, GELU MLP; width 48";

    public override Graph Build()
    {
        var net = new Net("vit", 1);
        Tensor x = net.Conv(net.Input("image", 1, Size, Size, 3), Width, Patch, Patch, padding: TflitePadding.VALID);
        x = net.Join(1, net.Normal("class_token", 0.5, 1, 1, Width), net.Reshape(x, 1, Tokens - 1, Width));
        x = net.Sum(x, net.Normal("positions", 0.3, 1, Tokens, Width));
        for (int layer = 0; layer < 2; layer++) x = net.PreNorm(x, new AttentionSettings(4), 4 * Width);
        return net.Build(net.Dense(net.Reshape(net.Slice(net.LayerNorm(x), 1, 0, 1), 1, Width), 10));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => [[Image(random, Size)]];
}

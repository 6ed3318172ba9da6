using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>
/// ViT-22B's layer (Dehghani et al. 2023): attention and MLP side by side from one LayerNorm, normalised queries and keys, no
/// bias in their projections, and a head that pools by attention.
/// </summary>
public sealed class ViT22BFamily : Family
{
    private const int Size = 32, Patch = 8, Width = 48, Tokens = Size / Patch * (Size / Patch);

    public override string Name => "ViT-22B";

    public override string Blocks => "patch embedding, 2 layers with attention and MLP in parallel from one LayerNorm, normalised queries and keys, no QKV bias; attention pooling; width 48";

    public override Graph Build()
    {
        var net = new Net("vit22b", 2);
        Tensor x = net.Reshape(net.Conv(net.Input("image", 1, Size, Size, 3), Width, Patch, Patch, padding: TflitePadding.VALID), 1, Tokens, Width);
        x = net.Sum(x, net.Normal("positions", 0.3, 1, Tokens, Width));
        for (int layer = 0; layer < 2; layer++)
        {
            Tensor norm = net.LayerNorm(x);
            x = net.Sum(x, net.Sum(net.Attention(norm, new AttentionSettings(4, Bias: false, Normalised: true)), net.Mlp(norm, 4 * Width)));
        }

        return net.Build(net.Dense(net.Reshape(net.AttentionPool(net.LayerNorm(x), 4), 1, Width), 10));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => [[Image(random, Size)]];
}

using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>The encoder of a masked autoencoder (He et al. 2022): only the visible quarter of the patches is computed.</summary>
public sealed class MaskedAutoencoderFamily : Family
{
    private const int Patches = 64, Visible = 16, Values = 48, Width = 48;

    public override string Name => "MAE";

    public override string Blocks => "16 of 64 patches gathered by their numbers, patch and position embedding, 2 pre-norm layers, 4 heads; width 48";

    public override bool HasClasses => false;

    public override Graph Build()
    {
        var net = new Net("mae", 6);
        Tensor patches = net.Input("patches", 1, Patches, Values), visible = net.Ids("visible", Visible);
        Tensor x = net.Add(Import.Tflite.BuiltinOperator.GATHER, new Import.Tflite.GatherOptions(1), [1, Visible, Values], patches, visible);
        x = net.Sum(net.Dense(x, Width), net.Reshape(net.Embedding(visible, Patches, Width), 1, Visible, Width));
        for (int layer = 0; layer < 2; layer++) x = net.PreNorm(x, new AttentionSettings(4), 4 * Width);
        return net.Build(net.LayerNorm(x));
    }

    public override IReadOnlyList<float[][]> Draw(Random random) =>
        [[Noise(random, Patches * Values), [.. Enumerable.Range(0, Patches).OrderBy(_ => random.Next()).Take(Visible).Select(p => (float)p)]]];
}

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>All families, in the order of the page.</summary>
public static class FamilyList
{
    /// <summary>One of each.</summary>
    public static IReadOnlyList<Family> All { get; } =
    [
        new ViTFamily(), new ViT22BFamily(), new BertFamily(), new GptFamily(), new TrainedGptFamily(), new ElmoFamily(), new MaskedAutoencoderFamily(), new ClipFamily(),
        new MetaNetFamily(), new BitFamily(), new MobileNetFamily(), new ResNetFamily(), new EfficientNetFamily(), new MultimodalFamily(), new LiquidFamily(),
    ];
}

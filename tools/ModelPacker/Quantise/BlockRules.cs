using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>The rule of every block that is not a function of one value, by its options' type, a line each.</summary>
internal static class BlockRules
{
    private static readonly Dictionary<Type, QuantisationRule> s_blocks = [];

    /// <summary>The rule of a block, or null where it cannot be quantised.</summary>
    public static QuantisationRule? Find(BlockOptions options) => s_blocks.GetValueOrDefault(options.GetType());
}

using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// The rule of every block that is not a function of one value, by its options' type, a line each. Weights, biases, scales and
/// tables of a block stay real numbers in the graph: the block's operator makes the integers that its kernel wants.
/// </summary>
internal static class BlockRules
{
    private static readonly QuantisationRule s_norm = new(Need.Own, Need.Own, Need.Untouched);

    private static readonly QuantisationRule s_recurrent = new(Need.Own, Need.Own, Need.Untouched, Need.Untouched, Need.Untouched, Need.Own);

    private static readonly Dictionary<Type, QuantisationRule> s_blocks = new()
    {
        [typeof(LayerNormOptions)] = s_norm,
        [typeof(RmsNormOptions)] = s_norm,
        [typeof(GroupNormOptions)] = s_norm,
        [typeof(RotaryOptions)] = s_norm,
        [typeof(CausalSoftmaxOptions)] = new(Need.Exactly(1f / 256, -128), Need.Own, Need.Untouched),
        [typeof(CacheOptions)] = new(Need.AsInput(), Need.Own, Need.Untouched),
        [typeof(LstmBlockOptions)] = s_recurrent,
        [typeof(GruOptions)] = s_recurrent,
        [typeof(LiquidOptions)] = new(Need.Own, Need.Own, Need.Untouched, Need.Untouched, Need.Untouched, Need.Untouched, Need.Own),
    };

    /// <summary>Every block that has a rule, by its options' type.</summary>
    public static IReadOnlyDictionary<Type, QuantisationRule> All => s_blocks;

    /// <summary>The rule of a block, or null where it cannot be quantised.</summary>
    public static QuantisationRule? Find(BlockOptions options) => s_blocks.GetValueOrDefault(options.GetType());
}

using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Float;

/// <summary>The float form of every block, by its options' type, a line each.</summary>
internal static class FloatBlocks
{
    private static readonly Dictionary<Type, Action<FloatCall>> s_blocks = new()
    {
        [typeof(LayerNormOptions)] = FloatNorms.Layer,
        [typeof(RmsNormOptions)] = FloatNorms.Rms,
        [typeof(GroupNormOptions)] = FloatNorms.Group,
        [typeof(RotaryOptions)] = FloatAttention.Rotary,
        [typeof(CausalSoftmaxOptions)] = FloatAttention.CausalSoftmax,
        [typeof(LstmBlockOptions)] = FloatRecurrent.Lstm,
        [typeof(GruOptions)] = FloatRecurrent.Gru,
        [typeof(LiquidOptions)] = FloatRecurrent.Liquid,
    };

    /// <summary>The function of a block, or null where it has none.</summary>
    public static Action<FloatCall>? Find(BlockOptions options) => s_blocks.GetValueOrDefault(options.GetType());
}

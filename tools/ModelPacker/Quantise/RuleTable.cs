using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// The rule of every operator, a line each, after the TensorFlow Lite 8-bit quantisation specification
/// (ai.google.dev/edge/litert/models/quantization_spec). Functions of one value have a rule here only where there is an
/// int8 operator for them; all others become tables, see <see cref="FloatIslands"/>.
/// </summary>
public static class RuleTable
{
    private static readonly QuantisationRule s_own = new(Need.Own, Need.Own);
    private static readonly QuantisationRule s_move = new(Need.AsInput(), Need.Own, Need.Untouched);
    private static readonly QuantisationRule s_join = new(Need.Own, Need.AsOutput);
    private static readonly QuantisationRule s_reduce = new(Need.Own, Need.Own, Need.Untouched);
    private static readonly QuantisationRule s_probability = new(Need.Exactly(1f / 256, -128), Need.Own);
    private static readonly QuantisationRule s_unit = new(Need.Exactly(1f / 128, 0), Need.Own);

    private static readonly Dictionary<BuiltinOperator, QuantisationRule> s_rules = new()
    {
        [BuiltinOperator.CONV_2D] = new(Need.Own, Need.Own, Need.Weights(0), Need.Bias()),
        [BuiltinOperator.DEPTHWISE_CONV_2D] = new(Need.Own, Need.Own, Need.Weights(3), Need.Bias()),
        [BuiltinOperator.FULLY_CONNECTED] = new FullyConnectedRule(),
        [BuiltinOperator.TRANSPOSE_CONV] = new(Need.Own, Need.Untouched, Need.Weights(0), Need.Own, Need.Bias(2, 1)),
        [BuiltinOperator.BATCH_MATMUL] = s_own,
        [BuiltinOperator.ADD] = s_own,
        [BuiltinOperator.SUB] = s_own,
        [BuiltinOperator.MUL] = s_own,
        [BuiltinOperator.DIV] = s_own,
        [BuiltinOperator.SQUARED_DIFFERENCE] = s_own,
        [BuiltinOperator.PRELU] = s_own,
        [BuiltinOperator.MAXIMUM] = s_join,
        [BuiltinOperator.MINIMUM] = s_join,
        [BuiltinOperator.MEAN] = s_reduce,
        [BuiltinOperator.SUM] = s_reduce,
        [BuiltinOperator.REDUCE_MAX] = s_move,
        [BuiltinOperator.REDUCE_MIN] = s_move,
        [BuiltinOperator.MAX_POOL_2D] = s_move,
        [BuiltinOperator.AVERAGE_POOL_2D] = s_move,
        [BuiltinOperator.SOFTMAX] = s_probability,
        [BuiltinOperator.LOGISTIC] = s_probability,
        [BuiltinOperator.TANH] = s_unit,
        [BuiltinOperator.L2_NORMALIZATION] = s_unit,
        [BuiltinOperator.RELU] = s_own,
        [BuiltinOperator.RELU6] = s_own,
        [BuiltinOperator.RELU_N1_TO_1] = s_own,
        [BuiltinOperator.LEAKY_RELU] = s_own,
        [BuiltinOperator.ABS] = s_own,
        [BuiltinOperator.HARD_SWISH] = s_own,
        [BuiltinOperator.ELU] = s_own,
        [BuiltinOperator.RESHAPE] = s_move,
        [BuiltinOperator.SQUEEZE] = s_move,
        [BuiltinOperator.EXPAND_DIMS] = s_move,
        [BuiltinOperator.TRANSPOSE] = s_move,
        [BuiltinOperator.SLICE] = s_move,
        [BuiltinOperator.STRIDED_SLICE] = s_move,
        [BuiltinOperator.GATHER] = s_move,
        [BuiltinOperator.GATHER_ND] = s_move,
        [BuiltinOperator.SPLIT] = new(Need.AsInput(1), Need.Untouched, Need.Own),
        [BuiltinOperator.SPLIT_V] = s_move,
        [BuiltinOperator.UNPACK] = s_move,
        [BuiltinOperator.PAD] = s_move,
        [BuiltinOperator.PADV2] = new(Need.Own, Need.AsOutput, Need.Untouched, Need.AsOutput),
        [BuiltinOperator.MIRROR_PAD] = s_move,
        [BuiltinOperator.REVERSE_V2] = s_move,
        [BuiltinOperator.TILE] = s_move,
        [BuiltinOperator.BROADCAST_TO] = s_move,
        [BuiltinOperator.SPACE_TO_DEPTH] = s_move,
        [BuiltinOperator.DEPTH_TO_SPACE] = s_move,
        [BuiltinOperator.SPACE_TO_BATCH_ND] = s_move,
        [BuiltinOperator.BATCH_TO_SPACE_ND] = s_move,
        [BuiltinOperator.RESIZE_NEAREST_NEIGHBOR] = s_move,
        [BuiltinOperator.RESIZE_BILINEAR] = s_move,
        [BuiltinOperator.CONCATENATION] = s_join,
        [BuiltinOperator.PACK] = s_join,
        [BuiltinOperator.ARG_MAX] = s_reduce,
        [BuiltinOperator.ARG_MIN] = s_reduce,
        [BuiltinOperator.CAST] = new(Need.Exactly(1, 0), Need.Own),
        [BuiltinOperator.DEQUANTIZE] = new DequantizeRule(),
        [BuiltinOperator.QUANTIZE] = new QuantizeRule(),
    };

    /// <summary>Every operator that has a rule.</summary>
    public static IReadOnlyDictionary<BuiltinOperator, QuantisationRule> All => s_rules;

    /// <summary>The rule of a node, or null where it cannot be quantised.</summary>
    public static QuantisationRule? Find(Node node) =>
        node.Options is BlockOptions block ? BlockRules.Find(block) : s_rules.GetValueOrDefault(node.Operator);

    /// <summary>FULLY_CONNECTED: where the weights are computed, it is a product of two activations.</summary>
    private sealed class FullyConnectedRule() : QuantisationRule(Need.Own, Need.Own, Need.Weights(0), Need.Bias())
    {
        public override Need Input(Node node, int index) => index == 1 && !node.Input(1).IsConstant ? Need.Own : base.Input(node, index);
    }

    /// <summary>DEQUANTIZE of a partly quantised model: what follows goes on with the integers that are there.</summary>
    private sealed class DequantizeRule() : QuantisationRule(Need.AsInput(), Need.Own)
    {
        public override void Convert(Node node, Conversion conversion) => conversion.Rename(node.Input(), node.Output);
    }

    /// <summary>QUANTIZE of a partly quantised model: what is before it computes at its scale where nothing else reads it.</summary>
    private sealed class QuantizeRule() : QuantisationRule(Need.Own, Need.AsOutput)
    {
        public override void Convert(Node node, Conversion conversion)
        {
            Tensor input = conversion.Input(node, 0);
            if (node.Output.Type == input.Type && input.Quantisation!.SameAs(node.Output.Quantisation)) conversion.Adopt(input, node.Output);
            else conversion.Emit(node, [input], [conversion.Output(node.Output)]);
        }
    }
}

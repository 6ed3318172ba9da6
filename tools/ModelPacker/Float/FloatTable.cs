using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Float;

/// <summary>The float form of every operator, a line each; what the device moves by a plan and functions of one value need none.</summary>
public static class FloatTable
{
    private static readonly Dictionary<BuiltinOperator, Action<FloatCall>> s_functions = new()
    {
        [BuiltinOperator.CONV_2D] = FloatConvolutions.Conv2D,
        [BuiltinOperator.DEPTHWISE_CONV_2D] = FloatConvolutions.Depthwise,
        [BuiltinOperator.TRANSPOSE_CONV] = FloatConvolutions.Transposed,
        [BuiltinOperator.FULLY_CONNECTED] = FloatMatrices.FullyConnected,
        [BuiltinOperator.BATCH_MATMUL] = FloatMatrices.BatchMatMul,
        [BuiltinOperator.AVERAGE_POOL_2D] = FloatPools.Average,
        [BuiltinOperator.MAX_POOL_2D] = FloatPools.Max,
        [BuiltinOperator.L2_POOL_2D] = FloatPools.L2,
        [BuiltinOperator.MEAN] = FloatReductions.Mean,
        [BuiltinOperator.SUM] = FloatReductions.Sum,
        [BuiltinOperator.REDUCE_PROD] = FloatReductions.Product,
        [BuiltinOperator.REDUCE_MAX] = FloatReductions.Max,
        [BuiltinOperator.REDUCE_MIN] = FloatReductions.Min,
        [BuiltinOperator.REDUCE_ANY] = FloatReductions.Any,
        [BuiltinOperator.REDUCE_ALL] = FloatReductions.All,
        [BuiltinOperator.ARG_MAX] = FloatReductions.ArgExtreme,
        [BuiltinOperator.ARG_MIN] = FloatReductions.ArgExtreme,
        [BuiltinOperator.SOFTMAX] = FloatReductions.Softmax,
        [BuiltinOperator.LOG_SOFTMAX] = FloatReductions.LogSoftmax,
        [BuiltinOperator.L2_NORMALIZATION] = FloatReductions.L2Normalise,
        [BuiltinOperator.CUMSUM] = FloatReductions.CumulativeSum,
        [BuiltinOperator.SELECT] = FloatElementwise.Select,
        [BuiltinOperator.SELECT_V2] = FloatElementwise.Select,
        [BuiltinOperator.ADD_N] = FloatElementwise.AddN,
        [BuiltinOperator.CAST] = FloatElementwise.Cast,
        [BuiltinOperator.QUANTIZE] = FloatElementwise.Quantize,
        [BuiltinOperator.DEQUANTIZE] = FloatElementwise.Dequantize,
        [BuiltinOperator.RESHAPE] = FloatMovement.Copy,
        [BuiltinOperator.SQUEEZE] = FloatMovement.Copy,
        [BuiltinOperator.EXPAND_DIMS] = FloatMovement.Copy,
        [BuiltinOperator.GATHER] = FloatMovement.Gather,
        [BuiltinOperator.GATHER_ND] = FloatMovement.GatherNd,
        [BuiltinOperator.SCATTER_ND] = FloatMovement.ScatterNd,
        [BuiltinOperator.DYNAMIC_UPDATE_SLICE] = FloatMovement.UpdateSlice,
        [BuiltinOperator.FILL] = FloatMovement.Fill,
        [BuiltinOperator.ZEROS_LIKE] = FloatMovement.Zeros,
        [BuiltinOperator.SHAPE] = FloatMovement.ShapeOf,
        [BuiltinOperator.RANGE] = FloatMovement.Range,
        [BuiltinOperator.ONE_HOT] = FloatMovement.OneHot,
        [BuiltinOperator.RESIZE_NEAREST_NEIGHBOR] = FloatResize.Nearest,
        [BuiltinOperator.RESIZE_BILINEAR] = FloatResize.Bilinear,
    };

    /// <summary>The function of a node, or null where there is none.</summary>
    public static Action<FloatCall>? Find(Node node)
    {
        if (node.Table is not null) return FloatElementwise.Table;
        if (node.Options is BlockOptions block && FloatBlocks.Find(block) is { } function) return function;
        if (node.Operator == BuiltinOperator.SLICE && !node.Input(1).IsConstant) return FloatMovement.Slice;
        if (s_functions.TryGetValue(node.Operator, out Action<FloatCall>? listed)) return listed;
        if (OperatorTable.Find(node) is MovementOperator) return FloatMovement.Planned;
        return FloatElementwise.Unary(node) ?? FloatElementwise.Binary(node);
    }
}

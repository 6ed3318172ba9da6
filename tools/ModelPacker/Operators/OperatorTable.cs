using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Lower.Tables;
using TinyAI.ModelPacker.Operators.Blocks;

namespace TinyAI.ModelPacker.Operators;

/// <summary>Every supported operator, a line each.</summary>
public static class OperatorTable
{
    private static readonly Dictionary<BuiltinOperator, Operator> s_operators = new()
    {
        [BuiltinOperator.CONV_2D] = new Conv2DOperator(),
        [BuiltinOperator.DEPTHWISE_CONV_2D] = new DepthwiseConv2DOperator(),
        [BuiltinOperator.FULLY_CONNECTED] = new FullyConnectedOperator(),
        [BuiltinOperator.ADD] = new AddOperator(subtract: false),
        [BuiltinOperator.SUB] = new AddOperator(subtract: true),
        [BuiltinOperator.MUL] = new MulOperator(),
        [BuiltinOperator.DIV] = new DivOperator(),
        [BuiltinOperator.SQUARED_DIFFERENCE] = new SquaredDifferenceOperator(),
        [BuiltinOperator.MAXIMUM] = new MinMaxOperator(maximum: true),
        [BuiltinOperator.MINIMUM] = new MinMaxOperator(maximum: false),
        [BuiltinOperator.PRELU] = new PReluOperator(),
        [BuiltinOperator.MAX_POOL_2D] = new PoolOperator(average: false),
        [BuiltinOperator.AVERAGE_POOL_2D] = new PoolOperator(average: true),
        [BuiltinOperator.MEAN] = new ReduceOperator(BuiltinOperator.MEAN),
        [BuiltinOperator.SUM] = new ReduceOperator(BuiltinOperator.SUM),
        [BuiltinOperator.REDUCE_MAX] = new ReduceOperator(BuiltinOperator.REDUCE_MAX),
        [BuiltinOperator.REDUCE_MIN] = new ReduceOperator(BuiltinOperator.REDUCE_MIN),
        [BuiltinOperator.SOFTMAX] = new SoftmaxOperator(),
        [BuiltinOperator.LOGISTIC] = new FunctionOperator(SigmoidTables.Logistic, SigmoidTables.CheckLogistic),
        [BuiltinOperator.TANH] = new FunctionOperator(SigmoidTables.Tanh, SigmoidTables.CheckTanh),
        [BuiltinOperator.RELU] = new FunctionOperator(ReluTables.Relu),
        [BuiltinOperator.RELU6] = new FunctionOperator(ReluTables.Relu6),
        [BuiltinOperator.RELU_N1_TO_1] = new FunctionOperator(ReluTables.Relu),
        [BuiltinOperator.LEAKY_RELU] = new FunctionOperator(ReluTables.LeakyRelu),
        [BuiltinOperator.ABS] = new FunctionOperator(ReluTables.Abs),
        [BuiltinOperator.HARD_SWISH] = new FunctionOperator(HardSwishTable.HardSwish, HardSwishTable.Check),
        [BuiltinOperator.ELU] = new FunctionOperator(ExponentialTables.Elu),
        [BuiltinOperator.EXP] = new FunctionOperator(ExponentialTables.Exp),
        [BuiltinOperator.RSQRT] = new FunctionOperator(RsqrtTable.Rsqrt, RsqrtTable.Check),
        [BuiltinOperator.GELU] = new FunctionOperator(RealTables.Of),
        [BuiltinOperator.NEG] = new FunctionOperator(RealTables.Of),
        [BuiltinOperator.SQUARE] = new FunctionOperator(RealTables.Of),
        [BuiltinOperator.SQRT] = new FunctionOperator(RealTables.Of),
        [BuiltinOperator.LOG] = new FunctionOperator(RealTables.Of),
        [BuiltinOperator.SIN] = new FunctionOperator(RealTables.Of),
        [BuiltinOperator.COS] = new FunctionOperator(RealTables.Of),
        [BuiltinOperator.FLOOR] = new FunctionOperator(RealTables.Of),
        [BuiltinOperator.CEIL] = new FunctionOperator(RealTables.Of),
        [BuiltinOperator.ROUND] = new FunctionOperator(RealTables.Of),
        [BuiltinOperator.ARG_MAX] = new ArgMaxOperator(minimum: false),
        [BuiltinOperator.ARG_MIN] = new ArgMaxOperator(minimum: true),
        [BuiltinOperator.QUANTIZE] = new QuantizeOperator(),
        [BuiltinOperator.DEQUANTIZE] = new DequantizeOperator(),
        [BuiltinOperator.CAST] = new CastOperator(),
        [BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM] = new LstmOperator(),
        [BuiltinOperator.SVDF] = new SvdfOperator(),
        [BuiltinOperator.BATCH_MATMUL] = new BatchMatMulOperator(),
        [BuiltinOperator.TRANSPOSE_CONV] = new TransposeConvOperator(),
        [BuiltinOperator.L2_NORMALIZATION] = new L2NormalizationOperator(),
        [BuiltinOperator.RESHAPE] = new ReshapeOperator(),
        [BuiltinOperator.SQUEEZE] = new ReshapeOperator(),
        [BuiltinOperator.EXPAND_DIMS] = new ReshapeOperator(),
        [BuiltinOperator.CONCATENATION] = new ConcatenationOperator(),
        [BuiltinOperator.PACK] = new PackOperator(),
        [BuiltinOperator.UNPACK] = new UnpackOperator(),
        [BuiltinOperator.SPLIT] = new SplitOperator(),
        [BuiltinOperator.SPLIT_V] = new SplitOperator(),
        [BuiltinOperator.SLICE] = new SliceOperator(),
        [BuiltinOperator.STRIDED_SLICE] = new StridedSliceOperator(),
        [BuiltinOperator.GATHER] = new GatherOperator(),
        [BuiltinOperator.GATHER_ND] = new GatherNdOperator(),
        [BuiltinOperator.PAD] = new PadOperator(),
        [BuiltinOperator.PADV2] = new PadOperator(),
        [BuiltinOperator.MIRROR_PAD] = new MirrorPadOperator(),
        [BuiltinOperator.TRANSPOSE] = new TransposeOperator(),
        [BuiltinOperator.REVERSE_V2] = new ReverseOperator(),
        [BuiltinOperator.TILE] = new TileOperator(),
        [BuiltinOperator.BROADCAST_TO] = new TileOperator(),
        [BuiltinOperator.SPACE_TO_DEPTH] = new SpaceDepthOperator(),
        [BuiltinOperator.DEPTH_TO_SPACE] = new SpaceDepthOperator(),
        [BuiltinOperator.SPACE_TO_BATCH_ND] = new SpaceBatchOperator(),
        [BuiltinOperator.BATCH_TO_SPACE_ND] = new SpaceBatchOperator(),
        [BuiltinOperator.RESIZE_NEAREST_NEIGHBOR] = new ResizeNearestOperator(),
        [BuiltinOperator.RESIZE_BILINEAR] = new ResizeBilinearOperator(),
        [BuiltinOperator.VAR_HANDLE] = new VariableOperator(),
        [BuiltinOperator.READ_VARIABLE] = new VariableOperator(),
        [BuiltinOperator.ASSIGN_VARIABLE] = new VariableOperator(),
    };

    /// <summary>Operators whose first input is int16; the others make no difference or have no such form.</summary>
    private static readonly Dictionary<BuiltinOperator, Operator> s_int16 = new()
    {
        [BuiltinOperator.CONV_2D] = new ConvolutionInt16Operator(depthwise: false),
        [BuiltinOperator.DEPTHWISE_CONV_2D] = new ConvolutionInt16Operator(depthwise: true),
        [BuiltinOperator.FULLY_CONNECTED] = new FullyConnectedInt16Operator(),
        [BuiltinOperator.MAX_POOL_2D] = new PoolOperator(average: false, wide: true),
        [BuiltinOperator.AVERAGE_POOL_2D] = new PoolOperator(average: true, wide: true),
        [BuiltinOperator.SOFTMAX] = new SoftmaxInt16Operator(),
    };

    /// <summary>Building blocks that TensorFlow Lite lacks, told by the type of their options.</summary>
    private static readonly Dictionary<Type, Operator> s_blocks = new()
    {
        [typeof(LayerNormOptions)] = new NormOperator(),
        [typeof(RmsNormOptions)] = new NormOperator(),
        [typeof(GroupNormOptions)] = new NormOperator(),
        [typeof(FunctionOptions)] = new FunctionOperator(RealTables.Of),
        [typeof(RotaryOptions)] = new RotaryOperator(),
        [typeof(CausalSoftmaxOptions)] = new CausalSoftmaxOperator(),
        [typeof(CacheOptions)] = new CacheOperator(),
        [typeof(LstmBlockOptions)] = new LstmBlockOperator(),
        [typeof(GruOptions)] = new GruOperator(),
        [typeof(LiquidOptions)] = new LiquidOperator(),
    };

    private static readonly FoldedTableOperator s_foldedTable = new();

    /// <summary>The supported operators.</summary>
    public static IReadOnlyCollection<BuiltinOperator> Supported => s_operators.Keys;

    /// <summary>Those of them that also run on 16-bit activations.</summary>
    public static IReadOnlyCollection<BuiltinOperator> SupportedInt16 => s_int16.Keys;

    /// <summary>The supported building blocks, by the type of their options.</summary>
    public static IReadOnlyCollection<Type> SupportedBlocks => s_blocks.Keys;

    /// <summary>The operator behind a node that has passed <see cref="Check"/>.</summary>
    public static Operator For(Node node) => Find(node)!;

    /// <summary>The operator behind a node, or null where it is not supported.</summary>
    public static Operator? Find(Node node)
    {
        if (node.Table is not null) return s_foldedTable;
        if (node.Options is BlockOptions) return s_blocks.GetValueOrDefault(node.Options.GetType());
        bool int16 = node.OptionalInput(0)?.Type == TfliteType.INT16;
        return int16 && s_int16.TryGetValue(node.Operator, out Operator? op) ? op : s_operators.GetValueOrDefault(node.Operator);
    }

    /// <summary>The node as a function of one 8-bit value, or null where it is none or cannot run.</summary>
    public static ByteTable? TableOf(Node node) =>
        Find(node) is { } op && !Tensors(node).Any() && !op.Check(node).Any() ? op.Table(node) : null;

    /// <summary>Every reason why the graph cannot run, one sentence each; none when it can.</summary>
    public static List<string> Check(Graph graph)
    {
        var reasons = new List<string>();
        bool isFloat = graph.Nodes.Count > 0 && graph.Nodes.All(n => n.Outputs.All(o => o.Type == TfliteType.FLOAT32));
        if (isFloat)
            reasons.Add("The model computes in float32 from its first operator to its last, the device with integers only: convert it with full integer quantisation to int8.");
        foreach (Node node in graph.Nodes)
        {
            if (Find(node) is not { } op)
            {
                reasons.Add(node.CustomCode is null
                    ? $"The {node} is not supported: replace it before conversion; docs/operators.md lists what is supported."
                    : $"The {node} is a custom operator, which is not supported: build the model without it, or do this step outside the model.");
                continue;
            }

            // In a float model every tensor of every operator would be named for the same one reason.
            if (isFloat) continue;

            // Two checks may find the same fault, one with advice after the colon.
            IEnumerable<string> own = Tensors(node).Concat(op.Check(node)).GroupBy(Fault).Select(same => same.MaxBy(r => r.Length)!);
            reasons.AddRange(own.Select(reason => $"The {node} cannot run: {reason}"));
        }

        return reasons;
    }

    /// <summary>Throws with all reasons where the graph cannot run.</summary>
    public static void Require(Graph graph)
    {
        List<string> reasons = Check(graph);
        if (reasons.Count > 0) throw new UnsupportedModelException(reasons);
    }

    private static string Fault(string reason) => reason.Split(": ")[0].TrimEnd('.');

    private static IEnumerable<string> Tensors(Node node)
    {
        foreach (Tensor tensor in node.Inputs.Where(t => t is not null).Concat(node.Outputs).Distinct()!)
        {
            if (tensor.Shape.Length > TinyRuntime.PackFormat.MaxRank)
                yield return $"tensor {tensor.Name} has {tensor.Shape.Length} dimensions, {TinyRuntime.PackFormat.MaxRank} are the limit.";
            if (tensor.Shape.Any(d => d <= 0) && !tensor.IsConstant && tensor.Type != TfliteType.RESOURCE)
                yield return $"tensor {tensor.Name} has the shape {tensor}, in which a dimension is not known: convert the model with a fixed batch and input size.";
            if (tensor.Shape.Aggregate(1L, (a, b) => a * Math.Max(b, 1)) * Math.Max(tensor.ElementBytes, 1) > 1 << 24)
                yield return $"tensor {tensor.Name} of shape {tensor} is larger than 16 MiB, more than any board holds.";
        }
    }
}

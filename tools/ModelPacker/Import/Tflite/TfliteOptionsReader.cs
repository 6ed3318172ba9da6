using T = TinyAI.ModelPacker.Import.Tflite.BuiltinOptionsType;

namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>Reads the options tables of operators.</summary>
internal static class TfliteOptionsReader
{
    /// <summary>The options, or null for tables without fields and tables newer than this code.</summary>
    public static TfliteOptions? Read(T type, FlatTable t) => type switch
    {
        T.Conv2DOptions => new Conv2DOptions(
            Padding(t, 0), t.Int32(1, "stride_w"), t.Int32(2, "stride_h"), Activation(t, 3),
            t.Int32(4, "dilation_w_factor", 1), t.Int32(5, "dilation_h_factor", 1), Type(t, 6, "quantized_bias_type")),
        T.DepthwiseConv2DOptions => new DepthwiseConv2DOptions(
            Padding(t, 0), t.Int32(1, "stride_w"), t.Int32(2, "stride_h"), t.Int32(3, "depth_multiplier"), Activation(t, 4),
            t.Int32(5, "dilation_w_factor", 1), t.Int32(6, "dilation_h_factor", 1)),
        T.Conv3DOptions => new Conv3DOptions(
            Padding(t, 0), t.Int32(1, "stride_d"), t.Int32(2, "stride_w"), t.Int32(3, "stride_h"), Activation(t, 4),
            t.Int32(5, "dilation_d_factor", 1), t.Int32(6, "dilation_w_factor", 1), t.Int32(7, "dilation_h_factor", 1)),
        T.TransposeConvOptions => new TransposeConvOptions(
            Padding(t, 0), t.Int32(1, "stride_w"), t.Int32(2, "stride_h"), Activation(t, 3), Type(t, 4, "quantized_bias_type")),
        T.Pool2DOptions => new Pool2DOptions(
            Padding(t, 0), t.Int32(1, "stride_w"), t.Int32(2, "stride_h"), t.Int32(3, "filter_width"), t.Int32(4, "filter_height"),
            Activation(t, 5)),
        T.FullyConnectedOptions => new FullyConnectedOptions(
            Activation(t, 0), t.Enum<TfliteWeightsFormat>(1, "weights_format"), t.Bool(2, "keep_num_dims"),
            t.Bool(3, "asymmetric_quantize_inputs"), Type(t, 4, "quantized_bias_type")),
        T.BatchMatMulOptions => new BatchMatMulOptions(
            t.Bool(0, "adj_x"), t.Bool(1, "adj_y"), t.Bool(2, "asymmetric_quantize_inputs")),
        T.SoftmaxOptions => new SoftmaxOptions(t.Float(0, "beta")),
        T.LeakyReluOptions => new LeakyReluOptions(t.Float(0, "alpha")),
        T.GeluOptions => new GeluOptions(t.Bool(0, "approximate")),
        T.AddOptions => new AddOptions(Activation(t, 0), t.Bool(1, "pot_scale_int16", true)),
        T.SubOptions => new SubOptions(Activation(t, 0), t.Bool(1, "pot_scale_int16", true)),
        T.MulOptions => new MulOptions(Activation(t, 0)),
        T.DivOptions => new DivOptions(Activation(t, 0)),
        T.L2NormOptions => new L2NormOptions(Activation(t, 0)),
        T.LocalResponseNormalizationOptions => new LocalResponseNormalizationOptions(
            t.Int32(0, "radius"), t.Float(1, "bias"), t.Float(2, "alpha"), t.Float(3, "beta")),
        T.ReducerOptions => new ReducerOptions(t.Bool(0, "keep_dims")),
        T.ArgMaxOptions => new ArgMaxOptions(Type(t, 0, "output_type")),
        T.ArgMinOptions => new ArgMinOptions(Type(t, 0, "output_type")),
        T.CumsumOptions => new CumsumOptions(t.Bool(0, "exclusive"), t.Bool(1, "reverse")),
        // Fields 0 and 1 were the new size, which the second input has given since.
        T.ResizeBilinearOptions => new ResizeBilinearOptions(t.Bool(2, "align_corners"), t.Bool(3, "half_pixel_centers")),
        T.ResizeNearestNeighborOptions => new ResizeNearestNeighborOptions(
            t.Bool(0, "align_corners"), t.Bool(1, "half_pixel_centers")),
        T.CastOptions => new CastOptions(Type(t, 0, "in_data_type"), Type(t, 1, "out_data_type")),
        T.FakeQuantOptions => new FakeQuantOptions(
            t.Float(0, "min"), t.Float(1, "max"), t.Int32(2, "num_bits"), t.Bool(3, "narrow_range")),
        _ => ReadShapeOptions(type, t) ?? ReadStateOptions(type, t),
    };

    private static TfliteOptions? ReadShapeOptions(T type, FlatTable t) => type switch
    {
        T.ConcatenationOptions => new ConcatenationOptions(t.Int32(0, "axis"), Activation(t, 1)),
        T.ReshapeOptions => new ReshapeOptions(t.Int32s(0, "new_shape") ?? []),
        T.SqueezeOptions => new SqueezeOptions(t.Int32s(0, "squeeze_dims") ?? []),
        T.StridedSliceOptions => new StridedSliceOptions(
            t.Int32(0, "begin_mask"), t.Int32(1, "end_mask"), t.Int32(2, "ellipsis_mask"), t.Int32(3, "new_axis_mask"),
            t.Int32(4, "shrink_axis_mask"), t.Bool(5, "offset")),
        T.SplitOptions => new SplitOptions(t.Int32(0, "num_splits")),
        T.SplitVOptions => new SplitVOptions(t.Int32(0, "num_splits")),
        T.PackOptions => new PackOptions(t.Int32(0, "values_count"), t.Int32(1, "axis")),
        T.UnpackOptions => new UnpackOptions(t.Int32(0, "num"), t.Int32(1, "axis")),
        T.ShapeOptions => new ShapeOptions(Type(t, 0, "out_type")),
        T.GatherOptions => new GatherOptions(t.Int32(0, "axis"), t.Int32(1, "batch_dims")),
        T.OneHotOptions => new OneHotOptions(t.Int32(0, "axis")),
        T.SpaceToDepthOptions => new SpaceToDepthOptions(t.Int32(0, "block_size")),
        T.DepthToSpaceOptions => new DepthToSpaceOptions(t.Int32(0, "block_size")),
        T.MirrorPadOptions => new MirrorPadOptions(t.Enum<TfliteMirrorPadMode>(0, "mode")),
        T.ReverseSequenceOptions => new ReverseSequenceOptions(t.Int32(0, "seq_dim"), t.Int32(1, "batch_dim")),
        T.UniqueOptions => new UniqueOptions(Type(t, 0, "idx_out_type", TfliteType.INT32)),
        T.SparseToDenseOptions => new SparseToDenseOptions(t.Bool(0, "validate_indices")),
        _ => null,
    };

    private static TfliteOptions? ReadStateOptions(T type, FlatTable t) => type switch
    {
        T.SVDFOptions => new SvdfOptions(t.Int32(0, "rank"), Activation(t, 1), t.Bool(2, "asymmetric_quantize_inputs")),
        T.RNNOptions => new RnnOptions(Activation(t, 0), t.Bool(1, "asymmetric_quantize_inputs")),
        T.SequenceRNNOptions => new SequenceRnnOptions(
            t.Bool(0, "time_major"), Activation(t, 1), t.Bool(2, "asymmetric_quantize_inputs")),
        T.BidirectionalSequenceRNNOptions => new BidirectionalSequenceRnnOptions(
            t.Bool(0, "time_major"), Activation(t, 1), t.Bool(2, "merge_outputs"), t.Bool(3, "asymmetric_quantize_inputs")),
        T.LSTMOptions => new LstmOptions(
            Activation(t, 0), t.Float(1, "cell_clip"), t.Float(2, "proj_clip"), t.Enum<TfliteLstmKernel>(3, "kernel_type"),
            t.Bool(4, "asymmetric_quantize_inputs")),
        T.UnidirectionalSequenceLSTMOptions => new UnidirectionalSequenceLstmOptions(
            Activation(t, 0), t.Float(1, "cell_clip"), t.Float(2, "proj_clip"), t.Bool(3, "time_major"),
            t.Bool(4, "asymmetric_quantize_inputs"), t.Bool(5, "diagonal_recurrent_tensors")),
        T.BidirectionalSequenceLSTMOptions => new BidirectionalSequenceLstmOptions(
            Activation(t, 0), t.Float(1, "cell_clip"), t.Float(2, "proj_clip"), t.Bool(3, "merge_outputs"),
            t.Bool(4, "time_major", true), t.Bool(5, "asymmetric_quantize_inputs")),
        T.VarHandleOptions => new VarHandleOptions(t.Text(0, "container") ?? "", t.Text(1, "shared_name") ?? ""),
        T.CallOnceOptions => new CallOnceOptions(t.Int32(0, "init_subgraph_index")),
        T.CallOptions => new CallOptions(t.Index(0, "subgraph")),
        T.IfOptions => new IfOptions(t.Int32(0, "then_subgraph_index"), t.Int32(1, "else_subgraph_index")),
        T.WhileOptions => new WhileOptions(t.Int32(0, "cond_subgraph_index"), t.Int32(1, "body_subgraph_index")),
        T.RandomOptions => new RandomOptions(t.Int64(0, "seed"), t.Int64(1, "seed2")),
        T.HashtableOptions => new HashtableOptions(t.Int32(0, "table_id"), Type(t, 1, "key_dtype"), Type(t, 2, "value_dtype")),
        T.LSHProjectionOptions => new LshProjectionOptions(t.Enum<TfliteLshProjection>(0, "type")),
        T.EmbeddingLookupSparseOptions => new EmbeddingLookupSparseOptions(t.Enum<TfliteCombiner>(0, "combiner")),
        T.SkipGramOptions => new SkipGramOptions(
            t.Int32(0, "ngram_size"), t.Int32(1, "max_skip_size"), t.Bool(2, "include_all_ngrams")),
        T.ConcatEmbeddingsOptions => new ConcatEmbeddingsOptions(
            t.Int32(0, "num_channels"), t.Int32s(1, "num_columns_per_channel") ?? [],
            t.Int32s(2, "embedding_dim_per_channel") ?? []),
        T.BucketizeOptions => new BucketizeOptions(t.Floats(0, "boundaries")),
        _ => null,
    };

    private static TflitePadding Padding(FlatTable t, int id) => t.Enum<TflitePadding>(id, "padding");

    private static TfliteActivation Activation(FlatTable t, int id) => t.Enum<TfliteActivation>(id, "fused_activation_function");

    private static TfliteType Type(FlatTable t, int id, string field, TfliteType missing = TfliteType.FLOAT32) =>
        t.Enum<TfliteType>(id, field, (sbyte)missing);
}

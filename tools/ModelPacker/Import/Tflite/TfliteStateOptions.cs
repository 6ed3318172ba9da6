using T = TinyAI.ModelPacker.Import.Tflite.BuiltinOptionsType;

namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>SVDF.</summary>
public sealed record SvdfOptions(
    int Rank = 1, TfliteActivation Activation = TfliteActivation.NONE, bool AsymmetricQuantizeInputs = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.SVDFOptions;
}

/// <summary>RNN.</summary>
public sealed record RnnOptions(
    TfliteActivation Activation = TfliteActivation.NONE, bool AsymmetricQuantizeInputs = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.RNNOptions;
}

/// <summary>UNIDIRECTIONAL_SEQUENCE_RNN.</summary>
public sealed record SequenceRnnOptions(
    bool TimeMajor = false, TfliteActivation Activation = TfliteActivation.NONE,
    bool AsymmetricQuantizeInputs = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.SequenceRNNOptions;
}

/// <summary>BIDIRECTIONAL_SEQUENCE_RNN.</summary>
public sealed record BidirectionalSequenceRnnOptions(
    bool TimeMajor = false, TfliteActivation Activation = TfliteActivation.NONE, bool MergeOutputs = false,
    bool AsymmetricQuantizeInputs = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.BidirectionalSequenceRNNOptions;
}

/// <summary>LSTM; a clip of 0 means none.</summary>
public sealed record LstmOptions(
    TfliteActivation Activation = TfliteActivation.TANH, float CellClip = 0, float ProjClip = 0,
    TfliteLstmKernel KernelType = TfliteLstmKernel.FULL, bool AsymmetricQuantizeInputs = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.LSTMOptions;
}

/// <summary>UNIDIRECTIONAL_SEQUENCE_LSTM; a clip of 0 means none.</summary>
public sealed record UnidirectionalSequenceLstmOptions(
    TfliteActivation Activation = TfliteActivation.TANH, float CellClip = 0, float ProjClip = 0, bool TimeMajor = false,
    bool AsymmetricQuantizeInputs = false, bool DiagonalRecurrentTensors = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.UnidirectionalSequenceLSTMOptions;
}

/// <summary>BIDIRECTIONAL_SEQUENCE_LSTM; a clip of 0 means none.</summary>
public sealed record BidirectionalSequenceLstmOptions(
    TfliteActivation Activation = TfliteActivation.TANH, float CellClip = 0, float ProjClip = 0, bool MergeOutputs = false,
    bool TimeMajor = true, bool AsymmetricQuantizeInputs = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.BidirectionalSequenceLSTMOptions;
}

/// <summary>VAR_HANDLE: the two names together identify a variable.</summary>
public sealed record VarHandleOptions(string Container = "", string SharedName = "") : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.VarHandleOptions;
}

/// <summary>CALL_ONCE: a subgraph that runs before the first inference.</summary>
public sealed record CallOnceOptions(int InitSubgraphIndex = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.CallOnceOptions;
}

/// <summary>CALL.</summary>
public sealed record CallOptions(int Subgraph = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.CallOptions;
}

/// <summary>IF.</summary>
public sealed record IfOptions(int ThenSubgraphIndex = 0, int ElseSubgraphIndex = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.IfOptions;
}

/// <summary>WHILE.</summary>
public sealed record WhileOptions(int CondSubgraphIndex = 0, int BodySubgraphIndex = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.WhileOptions;
}

/// <summary>RANDOM_STANDARD_NORMAL, RANDOM_UNIFORM and MULTINOMIAL.</summary>
public sealed record RandomOptions(long Seed = 0, long Seed2 = 0) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.RandomOptions;
}

/// <summary>HASHTABLE.</summary>
public sealed record HashtableOptions(
    int TableId = 0, TfliteType KeyType = TfliteType.FLOAT32, TfliteType ValueType = TfliteType.FLOAT32) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.HashtableOptions;
}

/// <summary>LSH_PROJECTION.</summary>
public sealed record LshProjectionOptions(TfliteLshProjection Kind = TfliteLshProjection.UNKNOWN) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.LSHProjectionOptions;
}

/// <summary>EMBEDDING_LOOKUP_SPARSE.</summary>
public sealed record EmbeddingLookupSparseOptions(TfliteCombiner Combiner = TfliteCombiner.SUM) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.EmbeddingLookupSparseOptions;
}

/// <summary>SKIP_GRAM.</summary>
public sealed record SkipGramOptions(int NgramSize = 0, int MaxSkipSize = 0, bool IncludeAllNgrams = false) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.SkipGramOptions;
}

/// <summary>CONCAT_EMBEDDINGS.</summary>
public sealed record ConcatEmbeddingsOptions(int NumChannels, int[] ColumnsPerChannel, int[] DimPerChannel) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.ConcatEmbeddingsOptions;

    /// <summary>Compares the arrays' elements.</summary>
    public bool Equals(ConcatEmbeddingsOptions? other) =>
        other is not null && NumChannels == other.NumChannels
        && ColumnsPerChannel.AsSpan().SequenceEqual(other.ColumnsPerChannel)
        && DimPerChannel.AsSpan().SequenceEqual(other.DimPerChannel);

    /// <inheritdoc/>
    public override int GetHashCode() => NumChannels;
}

/// <summary>BUCKETIZE.</summary>
public sealed record BucketizeOptions(params float[] Boundaries) : TfliteOptions
{
    /// <inheritdoc/>
    public override T OptionsType => T.BucketizeOptions;

    /// <summary>Compares the boundaries' elements.</summary>
    public bool Equals(BucketizeOptions? other) => other is not null && Boundaries.AsSpan().SequenceEqual(other.Boundaries);

    /// <inheritdoc/>
    public override int GetHashCode() => Boundaries.Length;
}

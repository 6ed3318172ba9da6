using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>
/// A named value of the model while it is imported: a tensor of the graph, a constant that no tensor has been made for yet,
/// or both. Shapes are ONNX's own (channels second).
/// </summary>
internal sealed class OnnxValue
{
    /// <summary>The name in the model.</summary>
    public required string Name { get; init; }

    /// <summary>Element type in the model.</summary>
    public required OnnxType Type { get; init; }

    /// <summary>Dimensions, all known.</summary>
    public required int[] Shape { get; init; }

    /// <summary>The elements, where they are known while importing.</summary>
    public OnnxConstant? Constant { get; init; }

    /// <summary>The integers behind a constant of real numbers, where the model gives it by DequantizeLinear.</summary>
    public QuantisedConstant? Quantised { get; init; }

    /// <summary>The tensor in the graph, once one is needed.</summary>
    public Tensor? Tensor { get; set; }

    /// <summary>
    /// For values of dynamic quantisation, whose scale is known only at run time: the tensor holds the value times that
    /// scale, and multiplying by the scale is what makes it a value of its own again.
    /// </summary>
    public DynamicScale? Dynamic { get; init; }
}

/// <summary>The scale that DynamicQuantizeLinear computes, times a factor, per output channel or one for all.</summary>
/// <param name="Source">The value that is quantised.</param>
/// <param name="IsScale">Whether the value is the scale itself, not something measured in it.</param>
/// <param name="Factor">What the scale has been multiplied with; null is 1.</param>
internal sealed record DynamicScale(OnnxValue Source, bool IsScale, OnnxConstant? Factor = null);

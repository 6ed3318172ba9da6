using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Graphs;

/// <summary>
/// One operation. The graph speaks TensorFlow Lite's operator set whatever file it came from, because that is the set
/// for which the integer arithmetic is defined to the last bit.
/// </summary>
public sealed class Node
{
    /// <summary>The operator.</summary>
    public required BuiltinOperator Operator { get; set; }

    /// <summary>Name of a custom operator.</summary>
    public string? CustomCode { get; init; }

    /// <summary>Options, or null where the operator has none or the file left them out.</summary>
    public TfliteOptions? Options { get; set; }

    /// <summary>Inputs; null where an optional one is absent.</summary>
    public required List<Tensor?> Inputs { get; init; }

    /// <summary>Outputs.</summary>
    public required List<Tensor> Outputs { get; init; }

    /// <summary>Values that the operator keeps beside its outputs (LSTM's intermediate scales).</summary>
    public List<Tensor> Intermediates { get; init; } = [];

    /// <summary>Index in the original model's list of operators, for messages and reports.</summary>
    public required int Origin { get; init; }

    /// <summary>Padding around the image that a fused PAD left here: top, left, bottom, right.</summary>
    public int[]? FusedPadding { get; set; }

    /// <summary>Range that a fused activation left here, narrower than the operator's own.</summary>
    public (int Min, int Max)? FusedClamp { get; set; }

    /// <summary>The variable that VAR_HANDLE, READ_VARIABLE and ASSIGN_VARIABLE speak of.</summary>
    public Variable? Variable { get; set; }

    /// <summary>
    /// The output byte for each input byte from -128 to 127, where a pass has folded several operators into this one;
    /// the node's operator is then CUSTOM and its name tells which they were.
    /// </summary>
    public byte[]? Table { get; init; }

    /// <summary>Input index, which must be present.</summary>
    public Tensor Input(int index = 0) => Inputs[index]!;

    /// <summary>Input index, or null where it is absent or the list is shorter.</summary>
    public Tensor? OptionalInput(int index) => index < Inputs.Count ? Inputs[index] : null;

    /// <summary>The first output.</summary>
    public Tensor Output => Outputs[0];

    /// <summary>How messages name the node: operator 3 CONV_2D.</summary>
    public override string ToString() => $"operator {Origin} {CustomCode ?? Operator.ToString()}";
}

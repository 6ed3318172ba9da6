using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>What an operator needs of the quantisation of one of its tensors.</summary>
public enum NeedKind
{
    /// <summary>A scale and zero point of its own: by calibration where the tensor is computed, by its range where it is constant.</summary>
    Own,

    /// <summary>An output that has the scale of input <see cref="Need.Index"/>: nothing is rescaled between the two.</summary>
    AsInput,

    /// <summary>An input that must have the first output's scale; another one is brought to it by a QUANTIZE before the operator.</summary>
    AsOutput,

    /// <summary>Exactly <see cref="Need.Fixed"/>.</summary>
    Exactly,

    /// <summary>Constant weights: symmetric, a scale per slice of dimension <see cref="Need.Index"/>.</summary>
    Weights,

    /// <summary>A constant bias: int32 at the product of the scales of the input <see cref="Need.Index"/> and the weights <see cref="Need.Second"/>.</summary>
    Bias,

    /// <summary>Stays as it is: indices, axes, shapes, truth values.</summary>
    Untouched,
}

/// <summary>What an operator needs of the quantisation of one of its tensors, with the numbers that go with it.</summary>
public sealed record Need(NeedKind Kind, int Index = 0, int Second = 0, Quantisation? Fixed = null)
{
    /// <summary>A scale of its own.</summary>
    public static Need Own { get; } = new(NeedKind.Own);

    /// <summary>The first output's scale.</summary>
    public static Need AsOutput { get; } = new(NeedKind.AsOutput);

    /// <summary>As it is.</summary>
    public static Need Untouched { get; } = new(NeedKind.Untouched);

    /// <summary>The scale of an input.</summary>
    public static Need AsInput(int input = 0) => new(NeedKind.AsInput, input);

    /// <summary>One scale and zero point, whatever the values.</summary>
    public static Need Exactly(float scale, int zeroPoint) => new(NeedKind.Exactly, Fixed: new Quantisation([scale], [zeroPoint], 0));

    /// <summary>Weights with a scale per slice.</summary>
    public static Need Weights(int axis) => new(NeedKind.Weights, axis);

    /// <summary>A bias of the input and weights at these places.</summary>
    public static Need Bias(int input = 0, int weights = 1) => new(NeedKind.Bias, input, weights);
}

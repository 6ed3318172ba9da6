namespace TinyAI.GestureTrainer.Quantisation;

/// <summary>real = (q - ZeroPoint) * Scale.</summary>
internal readonly record struct Affine(float Scale, int ZeroPoint);

/// <summary>A layer of int8 values laid out [time][channel].</summary>
internal abstract record QuantisedLayer
{
    /// <summary>Multiply-accumulates of one inference.</summary>
    public virtual int Macs => 0;

    public virtual int ParameterCount => 0;
}

/// <summary>
/// Weights with one scale an output channel, or one for all, and zero point 0. The bias's scale is input scale times weight scale.
/// </summary>
internal abstract record QuantisedWeighted(sbyte[] Weights, int[] Bias, float[] WeightScales, Affine Input, Affine Output, bool Relu)
    : QuantisedLayer
{
    public int Outputs => Bias.Length;

    /// <summary>Inputs that one output sees; weights are laid out [output][input].</summary>
    public int FanIn => Weights.Length / Bias.Length;

    public override int ParameterCount => Weights.Length + Bias.Length;
}

internal sealed record QuantisedConvolution(
    int Length, int InputChannels, int Kernel, int Stride,
    sbyte[] Weights, int[] Bias, float[] WeightScales, Affine Input, Affine Output, bool Relu)
    : QuantisedWeighted(Weights, Bias, WeightScales, Input, Output, Relu)
{
    public int OutputLength => (Length - Kernel) / Stride + 1;

    public override int Macs => OutputLength * Weights.Length;
}

internal sealed record QuantisedDense(sbyte[] Weights, int[] Bias, float[] WeightScales, Affine Input, Affine Output)
    : QuantisedWeighted(Weights, Bias, WeightScales, Input, Output, Relu: false)
{
    public override int Macs => Weights.Length;
}

internal sealed record QuantisedMaxPool(int Length, int Channels, int Size) : QuantisedLayer
{
    public int OutputLength => Length / Size;
}

/// <summary>The INT8 network up to and including the softmax, whose output has scale 1/256 and zero point -128.</summary>
internal sealed record QuantisedNetwork(Affine Input, IReadOnlyList<QuantisedLayer> Layers, Affine Logits)
{
    public int Macs => Layers.Sum(l => l.Macs);

    public int ParameterCount => Layers.Sum(l => l.ParameterCount);

    public int Classes => ((QuantisedDense)Layers[^1]).Outputs;
}

using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Whether saving time is worth flash: where the share of the model's time that is saved is not much less than the share
/// that its flash grows by. Both are reckoned roughly; only their order matters.
/// </summary>
internal sealed record CodeWorth(double Adds, double FlashBytes, CodeOptions Options)
{
    /// <summary>A multiply-accumulate, an output and its requantisation, a value of a softmax, any other value: in additions.</summary>
    private const double MacAdds = 0.95, OutputAdds = 14, SoftmaxAdds = 200, OtherAdds = 12;

    /// <summary>Flash of a learned number, and of what every model has; models below the last size are all taken for small.</summary>
    private const double WeightBytes = 4.7, ModelBytes = 3000, SmallBytes = 20_000;

    /// <summary>Reckons for a model.</summary>
    public static CodeWorth Of(LoweredModel model, CodeOptions options) =>
        new(model.Layers.Sum(AddsOf), Math.Max(SmallBytes, ModelBytes + model.Layers.Sum(l => l.WeightCount) * WeightBytes), options);

    /// <summary>Additions that are given for a byte.</summary>
    private double Rate => Options.TimePerFlash * Adds / FlashBytes;

    /// <summary>Whether to spend bytes for time.</summary>
    public bool Pays(double savedAdds, double bytes) => Options.Optimise == Optimise.Speed && savedAdds > 0 && (bytes <= 0 || savedAdds >= Rate * bytes);

    /// <summary>What a form costs when its flash is paid in time, at the same rate.</summary>
    public double Price(double adds, double bytes) => Options.Optimise == Optimise.Speed ? adds + bytes * Rate : bytes + adds * 1e-9;

    /// <summary>The same of kernels: a product and an output of a product of activations, a sum, what a mean reads and writes; a product of any other.</summary>
    private const double MatrixMac = 10.2, MatrixOutput = 60, SumAdds = 62, MeanInput = 14, MeanOutput = 35, KernelMac = 18;

    /// <summary>Roughly, what a layer takes that calls its kernel.</summary>
    public static double KernelAddsOf(Layer layer) => layer.Kind switch
    {
        PackFormat.KindAdd => SumAdds * layer.Output!.Value.Bytes,
        PackFormat.KindMean => MeanInput * (layer.Input?.Bytes ?? 0) + MeanOutput * layer.Output!.Value.Bytes,
        PackFormat.KindBatchMatMul => MatrixMac * layer.Macs + MatrixOutput * layer.Output!.Value.Bytes,
        _ when layer.Macs > 0 => KernelMac * layer.Macs,
        _ => AddsOf(layer),
    };

    /// <summary>Roughly, what a layer takes as code or, without weights, as a kernel.</summary>
    public static double AddsOf(Layer layer) => layer.Kind switch
    {
        PackFormat.KindConstant => 0,
        PackFormat.KindSoftmax => SoftmaxAdds * layer.Output!.Value.Bytes,
        _ when layer.Macs > 0 => MacAdds * layer.Macs + OutputAdds * layer.Output!.Value.Bytes,
        _ => OtherAdds * Math.Max(layer.Input?.Bytes ?? 0, layer.Output?.Bytes ?? 0),
    };
}

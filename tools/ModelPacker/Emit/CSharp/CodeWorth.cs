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
    private const double MacAdds = 0.95, OutputAdds = 14, SoftmaxAdds = 100, OtherAdds = 12;

    /// <summary>Flash of a learned number, and of what every model has; models below the last size are all taken for small.</summary>
    private const double WeightBytes = 4.7, ModelBytes = 3000, SmallBytes = 20_000;

    /// <summary>Reckons for a model.</summary>
    public static CodeWorth Of(LoweredModel model, CodeOptions options) =>
        new(model.Layers.Sum(AddsOf), Math.Max(SmallBytes, ModelBytes + model.Layers.Sum(l => l.WeightCount) * WeightBytes), options);

    /// <summary>Whether to spend bytes for time.</summary>
    public bool Pays(double savedAdds, double bytes) =>
        Options.Optimise == Optimise.Speed && savedAdds > 0 && (bytes <= 0 || savedAdds / Adds >= Options.TimePerFlash * bytes / FlashBytes);

    /// <summary>What a form costs when its flash is paid in time, at the same rate.</summary>
    public double Price(double adds, double bytes) =>
        Options.Optimise == Optimise.Speed ? adds + bytes * Options.TimePerFlash * Adds / FlashBytes : bytes + adds * 1e-9;

    private static double AddsOf(Layer layer) => layer.Kind switch
    {
        PackFormat.KindConstant => 0,
        PackFormat.KindSoftmax => SoftmaxAdds * layer.Output!.Value.Bytes,
        _ when layer.Macs > 0 => MacAdds * layer.Macs + OutputAdds * layer.Output!.Value.Bytes,
        _ => OtherAdds * (layer.Output?.Bytes ?? 0),
    };
}

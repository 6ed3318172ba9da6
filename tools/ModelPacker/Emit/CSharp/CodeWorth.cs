using TinyAI.ModelPacker.Emit.CSharp.Sums;
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

    /// <summary>The same for loops as one writes them first: a product, a place of the window with its address and bounds, an output, a value of a softmax, any other.</summary>
    private const double LoopMac = 16, LoopPlace = 32, LoopOutput = 120, LoopSoftmax = 860, LoopOther = 45;

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

    /// <summary>Roughly, what a layer takes as code or, without weights, as a kernel.</summary>
    public static double AddsOf(Layer layer) => layer.Kind switch
    {
        PackFormat.KindConstant => 0,
        PackFormat.KindSoftmax => SoftmaxAdds * layer.Output!.Value.Bytes,
        _ when layer.Macs > 0 => MacAdds * layer.Macs + OutputAdds * layer.Output!.Value.Bytes,
        _ => OtherAdds * Math.Max(layer.Input?.Bytes ?? 0, layer.Output?.Bytes ?? 0),
    };

    /// <summary>Roughly, what straightforward loops over a layer take: the measure of what is fast.</summary>
    public static double LoopAddsOf(Layer layer)
    {
        int outputs = layer.Output?.Bytes ?? 0;
        if (layer.Kind == PackFormat.KindSoftmax) return LoopSoftmax * outputs;
        if (layer.Macs == 0) return LoopOther * (layer.Input?.Bytes ?? 0);
        if (WindowGeometry.Of(layer) is not { } g) return LoopMac * layer.Macs + LoopOutput * outputs;
        // Loops leave out what lies in the padding.
        double inside = g.Vertical.InsideShare * g.Horizontal.InsideShare, places = (double)outputs * g.Vertical.Kernel * g.Horizontal.Kernel;
        return inside * (LoopMac * layer.Macs + LoopPlace * places) + LoopOutput * outputs;
    }
}

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>The layers of a model, written; Refused are those that must be kernels.</summary>
internal sealed record CodeDraft(CodeModel Model, List<LayerCode> Layers, HashSet<int> Refused)
{
    /// <summary>The forms that were written of each layer.</summary>
    public IReadOnlyList<LayerCode[]> Forms { get; init; } = [];

    /// <summary>Roughly, the cost of a run.</summary>
    public double Adds => Layers.Select((l, i) => AddsOf(i, l)).Sum();

    /// <summary>Roughly, the cost of a layer in a form.</summary>
    public double AddsOf(int layer, LayerCode form) => form.Adds ?? CodeWorth.KernelAddsOf(Model.Layers[layer].Layer);
}

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>The layers of a model, written; Refused are those that must be kernels.</summary>
internal sealed record CodeDraft(CodeModel Model, List<LayerCode> Layers, HashSet<int> Refused)
{
    /// <summary>Roughly, the cost of a run.</summary>
    public double Adds => Layers.Zip(Model.Layers).Sum(l => l.First.Adds ?? CodeWorth.AddsOf(l.Second.Layer));
}

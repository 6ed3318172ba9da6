using TinyAI.Bench.Nano;
using TinyAI.CostModel;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.Bench.Forms;

/// <summary>The pack as the runtime's kernels run it, weights read in place: plain, or in lanes as far as a policy allows.</summary>
internal sealed class RuntimeForm(string name = "runtime", LanePolicy? lanes = null) : INanoForm
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public FormReport? Measure(BenchModel model, CostTable table)
    {
        if (PackedOf(model) is not { } packed) return null;
        using var profiler = new PackProfiler(packed.Pack);
        PackPrediction? first = null;
        var outputs = new List<byte[][]>();
        foreach (byte[][] inputs in model.Inputs)
        {
            if (!model.IsStateful) profiler.Reset();
            PackPrediction run = profiler.Run([.. inputs.Select((raw, i) => BenchModel.ToSession(packed.Model.Inputs[i], raw))], table);
            first ??= run;
            outputs.Add([.. run.Outputs.Select((raw, i) => BenchModel.FromSession(packed.Model.Outputs[i], raw))]);
        }

        Layer Of(LayerCost cost) => packed.Model.Layers[cost.Index];
        return new FormReport(first!.Total, [.. first.Layers.Select(l => (Of(l).Name, l.Cost))], packed.Pack.Length, packed.Heap.Total, outputs);
    }

    /// <inheritdoc/>
    public NanoApplication? Application(BenchModel model) => PackedOf(model) is { } packed ? RuntimeApplication.Write(packed.Pack) : null;

    private PackResult? PackedOf(BenchModel model) =>
        model.Packed is null || lanes is null ? model.Packed : Packer.Pack(model.File, model.Name, lanes: lanes);
}

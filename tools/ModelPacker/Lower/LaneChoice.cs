using TinyAI.Kernels;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Operators;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Decides which layers run in lanes, which softmax reads its exponentials from a table, and whether the session keeps the
/// layer records as arrays: where the bounds are proved, the estimate is faster and the budget
/// allows. Lanes can be resident (made once per session) or made at every run into memory that such layers share.
/// </summary>
public static class LaneChoice
{
    /// <summary>Channels at a time: more read activations less often, fewer take less memory.</summary>
    private static readonly int[] s_pages = [6, 12, 24, 48, 96];

    /// <summary>Replaces layers of a lowered model by their lane form; no array becomes larger than maxArrayBytes.</summary>
    public static void Run(LoweredModel model, LanePolicy policy, LaneProofs proofs, int maxArrayBytes)
    {
        var options = new List<Layer>[model.Layers.Count];
        int[] runs = [.. model.Layers.Select((_, i) => model.GroupOf(i)?.RunsOf(i) ?? 1)];
        for (int i = 0; i < options.Length; i++)
        {
            options[i] = [];
            if (policy.Bytes > 0 && model.Layers[i].Kind == PackFormat.KindSoftmax) options[i].AddRange(Tables(model.Layers[i]));
            if (!ComesInLanes(model.Layers[i])) continue;
            model.Layers[i] = model.Layers[i] with { Form = "plain" };
            if (policy.Bytes == 0) continue;
            (Layer? lanes, string reason) = Lanes(model, i, proofs);
            if (lanes is not null && LargestArray(lanes) > maxArrayBytes) (lanes, reason) = (null, "an array would be too large");
            if (lanes?.Rows < model.Layers[i].Rows && runs[i] > 1) (lanes, reason) = (null, "it runs row by row");
            if (lanes is null) model.Layers[i] = model.Layers[i] with { Form = $"plain: {reason}" };
            else options[i].AddRange(Forms(lanes));
        }

        Choose(model, options, runs, policy.Bytes);
        int slot = 0;
        for (int i = 0; i < options.Length; i++)
        {
            if (model.Layers[i].Slot > 0) model.Layers[i] = model.Layers[i] with { Slot = ++slot };
            else if (options[i].Count > 0 && model.Layers[i].Form == "plain")
                model.Layers[i] = model.Layers[i] with { Form = options[i].All(o => LaneCost.Of(o, runs[i]) >= LaneCost.Of(model.Layers[i], runs[i])) ? "plain: no slower" : "plain: over the budget" };
        }
    }

    /// <summary>
    /// The steps that gain most per byte of heap, one after the other, as long as the budget lasts: a layer in another form,
    /// or the records kept as arrays.
    /// </summary>
    private static void Choose(LoweredModel model, List<Layer>[] options, int[] runs, int budget)
    {
        if (budget == 0 || model.Layers.Count == 0) return;
        List<Layer> layers = model.Layers;
        int window = Math.Max(layers.Max(l => l.WindowBytes), ResourceSource.LeastSlice), withoutAny = Heap(model, window);
        while (true)
        {
            (int at, Layer? best, bool records, double bestRate) = (-1, null, false, 0);
            int now = Heap(model, window) - withoutAny;
            void Consider(int i, Layer? option, double gain)
            {
                int heap = Heap(model, window) - withoutAny;
                double rate = gain / Math.Max(heap - now, 1);
                if (gain > 0 && heap <= budget && rate > bestRate) (at, best, records, bestRate) = (i, option, option is null, rate);
            }

            for (int i = 0; i < options.Length; i++)
            {
                Layer old = layers[i];
                foreach (Layer option in options[i])
                {
                    double gain = LaneCost.Of(old, runs[i]) - LaneCost.Of(option, runs[i]);
                    if (!model.KeepsRecords) gain += LaneCost.Record(old, runs[i]) - LaneCost.Record(option, runs[i]);
                    if (gain <= 0) continue;
                    layers[i] = option;
                    Consider(i, option, gain);
                }

                layers[i] = old;
            }

            if (!model.KeepsRecords && LaneHeap.Of(layers) > 0)
            {
                model.KeepsRecords = true;
                Consider(-1, null, LaneCost.Records(model));
                model.KeepsRecords = false;
            }

            if (records) model.KeepsRecords = true;
            else if (best is not null) layers[at] = best;
            else return;
        }
    }

    /// <summary>What the choice has a say in: lanes, records, and the window where a table makes it larger than it was.</summary>
    private static int Heap(LoweredModel model, int window) =>
        LaneHeap.Of(model.Layers) + SessionHeap.Records(model.KeepsRecords, model) + Math.Max(model.Layers.Max(l => l.WindowBytes), window);

    /// <summary>Softmax with its exponentials as a table, which takes up to 1 KB of flash and of the window.</summary>
    private static IEnumerable<Layer> Tables(Layer softmax)
    {
        if (softmax.Weights.Length > 0) return [];
        int[] p = [.. softmax.Parameters];
        byte[] table = SoftmaxOperator.Exponentials(p);
        p[Softmax.TableLength] = table.Length / 4;
        return [softmax with { Parameters = p, Weights = table, WindowBytes = table.Length }];
    }

    private static (Layer? Lanes, string Reason) Lanes(LoweredModel model, int i, LaneProofs proofs)
    {
        Layer layer = model.Layers[i];
        (int Low, int High) first = RangeOf(model, layer.Input!.Value.Buffer);
        if (layer.Kind != PackFormat.KindBatchMatMul) return proofs.Of(layer, first, default, () => LaneForm.Of(layer, first.Low, first.High));
        if (model.GroupOf(i) is not null) return (null, "it runs row by row");
        (int Low, int High) second = RangeOf(model, layer.Input2!.Value.Buffer);
        return proofs.Of(layer, first, second, () => LaneProduct.Of(layer, first, second));
    }

    private static IEnumerable<Layer> Forms(Layer lanes)
    {
        if (lanes.Kind == PackFormat.KindDepthwiseConv2DLanes) return [lanes with { Form = "lanes" }];
        if (lanes.Kind == PackFormat.KindBatchMatMulLanes) return [lanes];
        Layer resident = lanes with { Form = "lanes, resident", Slot = 1 };
        if (lanes.Kind == PackFormat.KindDepthwiseTapsLanes) return [resident];
        if (lanes.Kind == PackFormat.KindFullyConnectedLanes) return [resident, lanes with { Form = "lanes, made per run" }];
        int channels = lanes.Parameters[Conv2D.OutChannels];
        return [resident, .. s_pages.Where(c => c < channels).Append(channels).Select(c => LaneForm.Paged(lanes, c))];
    }

    private static bool ComesInLanes(Layer layer) =>
        layer.Kind is PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D or PackFormat.KindFullyConnected or PackFormat.KindBatchMatMul;

    /// <summary>
    /// The values that a buffer's tensor can have: those that its only writer's clamp leaves, where that is a weighted
    /// layer which fills the whole buffer, else all.
    /// </summary>
    private static (int Low, int High) RangeOf(LoweredModel model, Buffer buffer)
    {
        Layer[] writers = [.. model.Layers.Where(l => l.Output?.Buffer == buffer || l.Scratch?.Buffer == buffer)];
        bool isBorder = buffer.IsState || model.Inputs.Any(i => i.Place.Buffer == buffer);
        if (isBorder || writers.Length != 1 || writers[0].Output is not { Offset: 0 } output || output.Bytes != buffer.Bytes || writers[0].Scratch?.Buffer == buffer)
            return (-128, 127);
        int[] p = writers[0].Parameters;
        return writers[0].Kind switch
        {
            PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D or PackFormat.KindConv2DLanes or PackFormat.KindDepthwiseConv2DLanes =>
                (p[Conv2D.OutMin], p[Conv2D.OutMax]),
            PackFormat.KindFullyConnected or PackFormat.KindFullyConnectedLanes => (p[FullyConnected.OutMin], p[FullyConnected.OutMax]),
            _ => (-128, 127),
        };
    }

    private static int LargestArray(Layer lanes)
    {
        if (lanes.Kind == PackFormat.KindDepthwiseConv2DLanes) return HeapModel.Array(DepthwiseConv2DLanes.PackedLength(lanes.Parameters), 8);
        var size = new LaneSize();
        size.Add(lanes.Kind, lanes.Parameters);
        return HeapModel.Array(Math.Max(Math.Max(size.Length(0), size.Channels), (size.Taps + 1) / 2), 8);
    }
}

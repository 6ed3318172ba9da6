using TinyAI.Kernels;
using TinyAI.ModelPacker.Accounts;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Decides which weighted layers run in lanes: where the bounds are proved, the estimate is faster and the budget
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
            if (!IsWeighted(model.Layers[i])) continue;
            model.Layers[i] = model.Layers[i] with { Form = "plain" };
            if (policy.Bytes == 0) continue;
            (int low, int high) = RangeOf(model, i);
            (Layer? lanes, string reason) = LaneForm.Of(model.Layers[i], low, high, proofs);
            if (lanes is not null && LargestArray(lanes) > maxArrayBytes) (lanes, reason) = (null, "an array would be too large");
            if (lanes?.Rows < model.Layers[i].Rows && runs[i] > 1) (lanes, reason) = (null, "it runs row by row");
            if (lanes is null) model.Layers[i] = model.Layers[i] with { Form = $"plain: {reason}" };
            else options[i].AddRange(Forms(lanes));
        }

        Choose(model.Layers, options, runs, policy.Bytes);
        int slot = 0;
        for (int i = 0; i < options.Length; i++)
        {
            if (model.Layers[i].Slot > 0) model.Layers[i] = model.Layers[i] with { Slot = ++slot };
            else if (options[i].Count > 0 && model.Layers[i].Form == "plain")
                model.Layers[i] = model.Layers[i] with { Form = options[i].All(o => LaneCost.Of(o, runs[i]) >= LaneCost.Of(model.Layers[i], runs[i])) ? "plain: no slower" : "plain: over the budget" };
        }
    }

    /// <summary>The steps that gain most per byte of heap, one after the other, as long as the budget lasts.</summary>
    private static void Choose(List<Layer> layers, List<Layer>[] options, int[] runs, int budget)
    {
        while (true)
        {
            (int at, Layer? best, double bestRate) = (0, null, 0);
            int now = LaneHeap.Of(layers);
            for (int i = 0; i < options.Length; i++)
            {
                Layer old = layers[i];
                foreach (Layer option in options[i])
                {
                    double gain = LaneCost.Of(old, runs[i]) - LaneCost.Of(option, runs[i]);
                    if (gain <= 0) continue;
                    layers[i] = option;
                    int heap = LaneHeap.Of(layers);
                    double rate = gain / Math.Max(heap - now, 1);
                    if (heap <= budget && rate > bestRate) (at, best, bestRate) = (i, option, rate);
                }

                layers[i] = old;
            }

            if (best is null) return;
            layers[at] = best;
        }
    }

    private static IEnumerable<Layer> Forms(Layer lanes)
    {
        if (lanes.Kind == PackFormat.KindDepthwiseConv2DLanes) return [lanes with { Form = "lanes" }];
        Layer resident = lanes with { Form = "lanes, resident", Slot = 1 };
        if (lanes.Kind == PackFormat.KindFullyConnectedLanes) return [resident, lanes with { Form = "lanes, made per run" }];
        int channels = lanes.Parameters[Conv2D.OutChannels];
        return [resident, .. s_pages.Where(c => c < channels).Append(channels).Select(c => LaneForm.Paged(lanes, c))];
    }

    private static bool IsWeighted(Layer layer) =>
        layer.Kind is PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D or PackFormat.KindFullyConnected;

    /// <summary>
    /// The values that a layer's input can have: those that its only writer's clamp leaves, where that is a weighted
    /// layer which fills the whole buffer, else all.
    /// </summary>
    private static (int Low, int High) RangeOf(LoweredModel model, int index)
    {
        Buffer buffer = model.Layers[index].Input!.Value.Buffer;
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

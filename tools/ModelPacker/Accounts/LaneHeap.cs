using TinyAI.Kernels;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Accounts;

/// <summary>What layers in lane form take on the managed heap: resident weights, the shared ones, working memory.</summary>
public static class LaneHeap
{
    /// <summary>All of it; 0 where no layer has lane form.</summary>
    public static int Of(IEnumerable<Layer> layers)
    {
        (int groups, int sums, int band, int packed, int slots, bool any, bool isBlocked) = (0, 0, 0, 0, 0, false, false);
        var shared = new LaneSize();
        int bytes = 0;
        foreach (Layer layer in layers)
        {
            int[] p = layer.Parameters;
            if (layer.Kind == PackFormat.KindDepthwiseConv2DLanes) packed = Math.Max(packed, DepthwiseConv2DLanes.PackedLength(p));
            else if (!LaneWeights.IsLanes(layer.Kind)) continue;
            any = true;
            if (layer.Kind == PackFormat.KindDepthwiseConv2DLanes) continue;
            var size = new LaneSize();
            size.Add(layer.Kind, p);
            (groups, sums) = (Math.Max(groups, size.Groups), Math.Max(sums, size.Sums));
            if (LaneSize.IsConvolution(layer.Kind))
                (isBlocked, band) = (true, Math.Max(band, p[Conv2DLanes.BandRow] * p[Conv2DLanes.BandRows]));
            if (layer.Slot == 0) shared.Add(layer.Kind, p);
            else (bytes, slots) = (bytes + Resident(size), slots + 1);
        }

        if (!any) return 0;
        static int Optional(int length, int elementBytes) => length == 0 ? 0 : HeapModel.Array(length, elementBytes);
        bytes += HeapModel.Object(SessionHeap.Fields(typeof(LaneWeights))) + HeapModel.Object(SessionHeap.Fields(typeof(ScratchLanes)));
        bytes += HeapModel.References(slots) + (shared.Channels == 0 ? 0 : Resident(shared));
        bytes += HeapModel.Array(groups, 8) * (isBlocked ? 4 : 1) + Optional(sums, 4) + Optional(band, 1) + Optional(packed, 8);
        return bytes;
    }

    /// <summary>The lane form of one layer.</summary>
    public static int Resident(LaneSize size) =>
        HeapModel.Object(SessionHeap.Fields(typeof(LayerLanes))) + HeapModel.References(8)
        + Enumerable.Range(0, 8).Sum(i => HeapModel.Array(size.Length(i), 8)) + HeapModel.Array(size.Starts, 8)
        + 3 * HeapModel.Array(size.Channels, 8) + (size.Taps == 0 ? 0 : HeapModel.Array(size.Taps, 4));
}

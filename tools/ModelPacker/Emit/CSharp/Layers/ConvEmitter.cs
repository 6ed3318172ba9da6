using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes convolutions (any kernel, stride, dilation, groups) and fully connected layers as straight-line code: the
/// window is read into locals once per position, then one expression per group of channels multiplies it with packed
/// weights that stand in the code as constants (see <see cref="LanePacking"/>). Layers too large for one method are
/// divided by groups of channels.
/// </summary>
internal static class ConvEmitter
{
    /// <summary>Locals beside activations, accumulators and maxima: q, a, low, high, loop counters, pointers.</summary>
    private const int OtherLocals = 14;

    /// <summary>Activations read at once where the window has more than fit the locals; three lanes of that many always fit.</summary>
    private const int Piece = 64;

    /// <summary>Writes a layer.</summary>
    /// <exception cref="Import.UnsupportedModelException">Its accumulators can leave 32 bits.</exception>
    public static LayerCode Write(CodeLayer code, int index, CodeOptions options, CodeWorth worth)
    {
        Layer layer = code.Layer;
        WindowGeometry g = WindowGeometry.Of(layer)!;
        ValueRange range = g.IsPadded ? code.Input.With(g.ZeroPoint) : code.Input;
        ChannelData[] channels = ChannelData.Of(layer, g.Taps);
        WindowWalk walk = WindowWalk.Of(g, code.Pool, layer.Scratch is not null);
        if (!options.SlideWindows) walk = walk with { Slides = false };
        (int min, int max) = PooledClamp(g, code.Pool);

        var methods = new List<CodeMethod>();
        var calls = new List<CodeCall>();
        var notes = new List<string>();
        double adds = layer.Scratch is null ? 0 : PaddingEmitter.Adds(g);
        if (layer.Scratch is { } padded) PaddingEmitter.Write(g, layer.Input!.Value, padded, methods, calls);
        Place input = layer.Scratch ?? layer.Input!.Value;
        if (TiledEmitter.Takes(g, code.Pool, options)) return TiledEmitter.Write(g, walk, range, channels, input, layer.Output!.Value, index, options, worth, methods, calls);
        foreach (ChannelData[] part in channels.Chunk(g.GroupOut))
        {
            int group = part[0].Index / g.GroupOut;
            var shape = new ConvShape(g, walk, range, Chunks(part, range, options, code.Pool is not null), group * g.GroupIn, min, max, code.Pool is not null)
            {
                XBase = Names.StartOf(input), YBase = Names.StartOf(layer.Output!.Value), IsFast = options.Optimise == Optimise.Speed, Options = options,
            };
            List<LaneGroup> groups = shape.Pools ? LanePacking.PackForMaximum(part, range, options.MostLanes) : LanePacking.Pack(part, range, shape.ChunkEnds, options.MostLanes);
            int before = methods.Count;
            double stores = 0;
            foreach (List<LaneGroup> some in Divide(groups, shape, options))
            {
                var written = new ConvMethod(shape, some, $"Layer{index}_{methods.Count}", worth);
                CodeMethod method = written.Write();
                methods.Add(method);
                stores += written.StoreAdds;
                adds += SharedStore.ChannelAdds * written.SharedChannels * layer.Output!.Value.Bytes / channels.Length;
                string places = shape.IsOnePosition ? $"({Names.BlockOf(input)}, {Names.BlockOf(layer.Output!.Value)})" : $"({Names.Of(input)}, {Names.Of(layer.Output)})";
                calls.Add(new CodeCall(method, places, Names.CallIl));
            }

            adds += CodeCost.Convolution(shape, groups, methods.Count - before, (long)layer.Output!.Value.Bytes * part.Length / channels.Length, stores / part.Length);
            if (group == 0) notes.Add(Describe(groups, shape));
        }

        return new LayerCode(index, [.. notes], methods, [], calls) { Adds = adds };
    }

    /// <summary>The bounds of stored values, those of a fused pooling applied.</summary>
    public static (int Min, int Max) PooledClamp(WindowGeometry g, int[]? pool)
    {
        if (pool is null) return (g.OutMin, g.OutMax);
        int min = pool[Kernels.MaxPool2D.OutMin], max = pool[Kernels.MaxPool2D.OutMax];
        return (Math.Clamp(g.OutMin, min, max), Math.Clamp(g.OutMax, min, max));
    }

    /// <summary>Where the window is cut into pieces that fit the locals, and in which three lanes fit 64 bits.</summary>
    private static int[] Chunks(ChannelData[] channels, ValueRange range, CodeOptions options, bool pools)
    {
        int taps = channels[0].Taps.Length, size = options.WindowLocals;
        int[] Ends(int piece) => [.. Enumerable.Range(1, (taps + piece - 1) / piece).Select(i => Math.Min(i * piece, taps))];
        if (taps > size) size = Math.Min(size, Piece);
        while (!pools && size > 64 && !LanePacking.Fits(channels, range, Ends(size))) size -= 32;
        return Ends(Math.Max(1, size));
    }

    /// <summary>Divides groups evenly over as many methods as the limits ask for.</summary>
    private static IEnumerable<List<LaneGroup>> Divide(List<LaneGroup> groups, ConvShape shape, CodeOptions options)
    {
        int locals = options.MethodLocals - OtherLocals - shape.WindowLocals;
        int perGroup = shape.Pools ? groups.Max(g => g.HasGuards ? 2 : 1 + g.Channels.Length) : shape.ChunkEnds.Length == 1 ? 0 : groups.Max(g => 1 + (g.Segments.Length > 1 ? g.Channels.Length : 0));
        int fixedIl = 14 * shape.G.Taps + 200;
        int available = Math.Max(options.MethodIlBytes - fixedIl, options.MethodIlBytes / 4);
        int most = Math.Max(1, available / groups.Max(g => (13 * shape.G.Taps) + (60 * g.Channels.Length) + 60));
        if (perGroup > 0) most = Math.Clamp(locals / perGroup, 1, most);
        int methods = (groups.Count + most - 1) / most;
        for (int i = 0; i < methods; i++)
        {
            int from = groups.Count * i / methods, to = groups.Count * (i + 1) / methods;
            yield return groups.GetRange(from, to - from);
        }
    }

    private static string Describe(List<LaneGroup> groups, ConvShape shape)
    {
        LaneGroup first = groups[0];
        string lanes = string.Join("+", first.Segments[0].Lanes.Select(l => l.Bits));
        string text = $"{groups.Count} sums of up to {groups.Max(g => g.Channels.Length)} channels in one long (first: lanes of {lanes} bits), {shape.G.Taps} taps each";
        if (first.Segments.Length > 1) text += $" in {first.Segments.Length} segments";
        if (shape.Walk.Slides && shape.ChunkEnds.Length == 1) text += "; the window slides";
        if (shape.Pools) text += "; the maximum is taken of the sums";
        return text + ".";
    }
}

using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Writes convolutions with the weights as arguments: one method computes three channels at all positions and is called for
/// each three. The multiplications stand in flash once and the weights beside them, three to an int (or to a long, where
/// time is dearer than flash), which the method moves to their lanes first. Every call reads the activations again, which
/// is why lanes in constants are faster (<see cref="ConvEmitter"/>).
/// </summary>
internal static class ConvCallEmitter
{
    private const int Lanes = 3;

    /// <summary>Weights of a call, one argument for three; locals for them and the window.</summary>
    private const int MostTaps = 110;

    /// <summary>Moving three weights to their lanes, in additions; bytes that an int has less than a long.</summary>
    private const double SpreadAdds = 15.5;

    /// <inheritdoc cref="SpreadAdds"/>
    private const int SpreadBytes = 4;

    /// <summary>
    /// Writes a layer, or returns null where it has another shape or the time that constants save is worth their flash;
    /// constants is the form that it would have otherwise.
    /// </summary>
    public static LayerCode? Write(CodeLayer code, int index, CodeOptions options, CodeWorth worth, LayerCode constants)
    {
        Layer layer = code.Layer;
        WindowGeometry g = WindowGeometry.Of(layer)!;
        if (g.GroupIn != g.Channels || g.OutChannels < 2 * Lanes || g.Taps > Math.Min(MostTaps, options.MethodLocals / 2 - 10) || options.MostLanes < Lanes || constants.Adds is null) return null;
        ValueRange range = g.IsPadded ? code.Input.With(g.ZeroPoint) : code.Input;
        WindowWalk walk = WindowWalk.Of(g, code.Pool, layer.Scratch is not null);
        if (!options.SlideWindows) walk = walk with { Slides = false };
        (int min, int max) = ConvEmitter.PooledClamp(g, code.Pool);
        Place input = layer.Scratch ?? layer.Input!.Value;
        var shape = new ConvShape(g, walk, range, [g.Taps], 0, min, max, code.Pool is not null) { Options = options };
        ChannelData[] channels = ChannelData.Of(layer, g.Taps);
        if (shape.IsOnePosition || Groups(channels, range, shape.Pools) is not { } groups) return null;

        string name = constants.Methods[^1].Name;
        Dictionary<int, RequantiseForm> forms = RequantiseForm.Of(shape, groups, name);
        if (StoreConstants.Of(channels, forms, min, max, shape.Pools) is not { } store) return null;
        int weights = groups.Count * g.Taps;
        bool spread = !worth.Pays(weights * SpreadAdds, weights * SpreadBytes);
        CodeMethod method = Method(shape, groups, forms, store, spread, name);
        if (options.Optimise == Optimise.Size)
        {
            // Reading all of every window is shorter than moving what windows share.
            ConvShape still = shape with { Walk = walk with { Slides = false } };
            CodeMethod shorter = Method(still, groups, forms, store, spread, name);
            if (shorter.IlBytes < method.IlBytes) (shape, method) = (still, shorter);
        }

        long outputs = (long)layer.Output!.Value.Bytes * groups.Count * Lanes / channels.Length;
        double adds = CodeCost.Convolution(shape, groups, groups.Count, outputs) + (spread ? weights * SpreadAdds : 0) + (layer.Scratch is null ? 0 : PaddingEmitter.Adds(g));
        List<CodeMethod> padding = [.. constants.Methods.Where(m => m.Name.StartsWith("Pad", StringComparison.Ordinal))];
        int saved = constants.Methods.Except(padding).Sum(m => m.IlBytes) - method.IlBytes;
        if (method.IlBytes > options.MethodIlBytes || saved <= 0 || worth.Pays(adds - constants.Adds.Value, saved)) return null;

        var calls = constants.Calls.Where(c => c.Method is not null && padding.Contains(c.Method)).ToList();
        calls.Add(new CodeCall(method, $"({Names.Of(input)}, {Names.Of(layer.Output)})", Names.CallIl));
        string note = $"Weights as arguments, {(spread ? "three to an int" : "three to a long")}, {Lanes} channels a call; {g.Taps} taps each{(shape.Slides ? "; the window slides" : "")}.";
        return new LayerCode(index, [note], [.. padding, method], constants.Fields, calls) { Adds = adds };
    }

    /// <summary>Threes of neighbouring channels, all in the same lanes; the last may overlap the one before. Null where some do not fit.</summary>
    private static List<LaneGroup>? Groups(ChannelData[] channels, ValueRange range, bool pools)
    {
        var groups = new List<LaneGroup>();
        Lane[] even = LanePacking.EvenLanes(Lanes);
        int widest = channels.Max(c => LanePacking.Width(c, range, 0, c.Taps.Length));
        if (widest > even[0].Bits) return null;
        for (int from = 0; from < channels.Length; from += Lanes)
        {
            ChannelData[] members = channels[Math.Min(from, channels.Length - Lanes)..][..Lanes];
            groups.Add(LanePacking.Even(members, range, guards: pools && widest < even[0].Bits));
        }

        return groups;
    }

    private static CodeMethod Method(ConvShape shape, List<LaneGroup> groups, Dictionary<int, RequantiseForm> forms, StoreConstants store, bool spread, string name)
    {
        var code = new CodeText(2);
        var channels = new ConvCallMethod(shape, groups[0], store, spread, $"{name}Channels");
        code.Open($"public static void {name}(sbyte[] x, int xAt, sbyte[] y, int yAt)", 1);
        foreach (LaneGroup group in groups)
        {
            LaneSegment segment = group.Segments[0];
            int first = group.Channels[0].Index;
            long[] least = [.. group.Channels.Select(c => Math.Max(0, forms[c.Index].LowThreshold))];
            if (group.HasGuards) least = [segment.Lanes.Zip(least, (lane, value) => value << lane.Shift).Sum()];
            long[] constants = [segment.Start, .. shape.Pools ? least : [], .. group.Channels.SelectMany(c => store[c.Index])];
            IEnumerable<string> weights = Enumerable.Range(0, shape.G.Taps).Select(t => spread ? $"{Spread(group, t)}" : CodeText.Long(group.Weight(segment, t)));
            int il = 12 + constants.Sum(CodeText.LongBytes) + Enumerable.Range(0, shape.G.Taps).Sum(t => spread ? CodeText.IntBytes(Spread(group, t)) : CodeText.LongBytes(group.Weight(segment, t)));
            code.List($"{name}Channels(x, xAt, y, yAt + {first}", [.. constants.Select(CodeText.Long), .. weights], ");", il);
        }

        code.Close();
        code.Line();
        CodeMethod worker = channels.Write();
        code.Raw(worker.Text, "", worker.IlBytes);
        if (spread)
        {
            code.Line();
            code.Line("// Moves three weights of 8 bits to their lanes.");
            code.Open($"private static long {channels.SpreadName}(int v)", 1);
            code.Line("return (sbyte)v + ((long)(sbyte)(v >> 8) << 21) + ((long)(v >> 16) << 42);", 26);
            code.Close();
        }

        return new CodeMethod(name, code.ToString(), code.IlBytes, Methods: spread ? 3 : 2);
    }

    /// <summary>Three weights of a tap in 24 bits.</summary>
    private static int Spread(LaneGroup group, int tap) =>
        (group.Channels[0].Taps[tap] & 255) | ((group.Channels[1].Taps[tap] & 255) << 8) | (group.Channels[2].Taps[tap] << 16);
}

/// <summary>The method that computes three channels whose constants are arguments.</summary>
internal sealed class ConvCallMethod(ConvShape shape, LaneGroup group, StoreConstants store, bool spread, string name) : ConvMethod(shape, [group], name, null)
{
    /// <summary>Name of the method that moves weights to their lanes.</summary>
    public string SpreadName => $"{Own.Name}Spread";

    private const int Lanes = 3;

    private int Taps => Own.Shape.G.Taps;

    /// <inheritdoc/>
    protected override void Open(CodeText code)
    {
        string[] parameters =
        [
            "long start", .. Own.Shape.Pools ? Enumerable.Range(0, Maxima(0).Count()).Select(l => $"long least{l}") : [], .. Enumerable.Range(0, Lanes).Select(store.Parameters),
            .. Enumerable.Range(0, Taps).Select(t => spread ? $"int v{t}" : $"long w{t}"),
        ];
        code.Line($"// Three channels{store.Comment}.");
        code.List($"private static void {Own.Name}(sbyte[] x, int xAt, sbyte[] y, int yAt", parameters, ")", 1);
        code.Brace();
        code.Line("long q, a;");
        if (!spread) return;
        foreach (int[] some in Enumerable.Range(0, Taps).Chunk(6)) code.Line($"long {string.Join(", ", some.Select(t => $"w{t} = {SpreadName}(v{t})"))};", 9 * some.Length);
    }

    /// <inheritdoc/>
    protected override (string Text, int Il) Start(LaneSegment segment) => ("start", 2);

    /// <inheritdoc/>
    protected override (string Text, int Il)? Factor(LaneSegment segment, int tap) => ($"w{tap}", 2);

    /// <inheritdoc/>
    protected override (string Text, int Il)[] Leasts(int g) => [.. Maxima(0).Select((_, l) => ($"least{l}", 2))];

    /// <inheritdoc/>
    protected override void StoreGroup(CodeText code, string packed, Func<int, string?> own, LaneGroup group)
    {
        Lane[] lanes = LanePacking.EvenLanes(Lanes);
        for (int l = 0; l < Lanes; l++) store.Write(code, own(l) ?? LaneGroup.Unpack(packed, lanes, l), l, $"y[{Own.Shape.Y(l)}]", 2 + Own.Shape.IndexBytes(l, 0));
    }
}

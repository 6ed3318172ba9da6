using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes fully connected layers that are too large for one method. The matrix of weights is cut into tiles of inputs by
/// groups of outputs, a method each; packed sums wait between tiles in a scratch array of 64-bit integers, and a last
/// method requantises them. Tiles are as wide in outputs as pays: each input of a tile is read once for all of them, each
/// sum once per tile.
/// </summary>
internal static class TiledEmitter
{
    /// <summary>Inputs held in locals at once. Three lanes of that many always fit (see <see cref="LanePacking"/>).</summary>
    private const int Chunk = 64;

    /// <summary>Where reading inputs again and reading sums again cost the same.</summary>
    private const int MostGroups = 44;

    private sealed record Sum(LaneGroup Group, int FirstSlot);

    /// <summary>Whether a layer has one position and more code than a method may have.</summary>
    public static bool Takes(WindowGeometry g, int[]? pool, CodeOptions options) =>
        pool is null && g.Batch * g.Vertical.Out * g.Horizontal.Out == 1 && g.GroupIn == g.Channels
        && (g.OutChannels + 2) / 3 * g.Taps * 13L + g.Taps * 9L > options.MethodIlBytes;

    /// <summary>Writes a layer; methods and calls may hold the copy of a padded input already.</summary>
    public static LayerCode Write(
        WindowGeometry g, WindowWalk walk, ValueRange range, ChannelData[] channels, Place input, Place output, int index, CodeOptions options,
        CodeWorth worth, List<CodeMethod> methods, List<CodeCall> calls)
    {
        int[] ends = [.. Enumerable.Range(1, (g.Taps + Chunk - 1) / Chunk).Select(i => Math.Min(i * Chunk, g.Taps))];
        var shape = new ConvShape(g, walk, range, ends, 0, g.OutMin, g.OutMax, false)
        {
            XBase = Names.StartOf(input), YBase = Names.StartOf(output), IsFast = options.Optimise == Optimise.Speed, Options = options,
        };
        var sums = new List<Sum>();
        int slots = 0;
        foreach (LaneGroup group in LanePacking.Pack(channels, range, ends, options.MostLanes))
        {
            sums.Add(new Sum(group, slots));
            slots += group.Segments.Length;
        }

        int most = Math.Clamp((options.MethodIlBytes - 900) / (13 * Chunk), 1, MostGroups);
        int wide = (sums.Count + most - 1) / most, perTile = (sums.Count + wide - 1) / wide;
        int chunksPerTile = Math.Max(1, (options.MethodIlBytes - 300) / (Chunk * (13 * perTile + 9)));
        string places = $"({Names.BlockOf(input)}, _sums)";
        foreach (Sum[] some in sums.Chunk(perTile))
        {
            for (int chunk = 0; chunk < ends.Length; chunk += chunksPerTile)
            {
                CodeMethod tile = Tile(shape, some, chunk, Math.Min(chunk + chunksPerTile, ends.Length), $"Layer{index}_{methods.Count}");
                methods.Add(tile);
                calls.Add(new CodeCall(tile, places, Names.CallIl));
            }
        }

        int tiles = calls.Count(c => c.Method is { IsPadding: false });
        Dictionary<int, RequantiseForm> forms = RequantiseForm.Of(shape, sums.Select(s => s.Group), $"layer {index}");
        foreach (Sum[] some in sums.Chunk(Math.Max(1, options.MethodIlBytes / 300)))
        {
            CodeMethod store = Store(shape, some, forms, $"Layer{index}_{methods.Count}", worth);
            methods.Add(store);
            calls.Add(new CodeCall(store, $"(_sums, {Names.BlockOf(output)})", Names.CallIl));
        }

        var scratch = new CodeField("long[]", "_sums", $"new long[{slots}]", HeapModel.Array(slots, 8), 0);
        string note = $"{sums.Count} sums of up to {sums.Max(s => s.Group.Channels.Length)} outputs in one long, in {tiles} tiles; {slots} sums wait in scratch.";
        double adds = CodeCost.Tiled([.. sums.Select(s => s.Group)], g.Taps, wide, tiles, g.OutChannels) + (methods[0].IsPadding ? PaddingEmitter.Adds(g) : 0);
        return new LayerCode(index, [note], methods, [scratch], calls) { Adds = adds };
    }

    private static CodeMethod Tile(ConvShape shape, Sum[] sums, int fromChunk, int toChunk, string name)
    {
        var code = new CodeText(2);
        int from = fromChunk == 0 ? 0 : shape.ChunkEnds[fromChunk - 1];
        code.Line($"// Inputs {from}-{shape.ChunkEnds[toChunk - 1] - 1}, outputs {sums[0].Group.Channels[0].Index} and on.");
        code.Open($"public static void {name}(sbyte[] x, long[] s)", 1);
        bool inline = sums.Length == 1;
        if (!inline)
        {
            foreach (int[] some in Enumerable.Range(0, Chunk).Chunk(16)) code.Line($"long {string.Join(", ", some.Select(t => $"x{t}"))};");
        }

        if (toChunk - fromChunk > 1)
        {
            foreach (int[] some in Enumerable.Range(0, sums.Length).Chunk(16)) code.Line($"long {string.Join(", ", some.Select(k => $"a{k}"))};");
        }

        (int Offset, int, int)[] places = shape.TapPlaces();
        for (int chunk = fromChunk; chunk < toChunk; chunk++)
        {
            int to = shape.ChunkEnds[chunk];
            string X(int tap) => $"x[{shape.X("xAt", places[tap].Offset)}]";
            if (!inline)
            {
                foreach (int[] some in Enumerable.Range(from, to - from).Chunk(8))
                    code.Line(string.Join(' ', some.Select(t => $"x{t - from} = {X(t)};")), 9 * some.Length);
            }

            for (int k = 0; k < sums.Length; k++)
            {
                LaneGroup group = sums[k].Group;
                int segmentAt = Array.FindIndex(group.Segments, s => s.FromTap <= from && to <= s.ToTap);
                LaneSegment segment = group.Segments[segmentAt];
                string slot = $"s[{sums[k].FirstSlot + segmentAt}]";
                bool begins = segment.FromTap == from, waits = segment.ToTap == to || chunk + 1 == toChunk;
                string start = begins ? CodeText.Long(segment.Start) : chunk == fromChunk ? slot : $"a{k}";
                int il = (begins ? CodeText.LongBytes(segment.Start) : 4) + (waits ? 5 : 2);
                var terms = new List<string> { start };
                for (int t = from; t < to; t++)
                {
                    long weight = group.Weight(segment, t);
                    if (weight == 0) continue;
                    terms.Add((inline ? X(t) : $"x{t - from}") + (weight == 1 ? "" : $" * {CodeText.Long(weight)}"));
                    il += (inline ? 7 : 2) + 2 + (weight == 1 ? 0 : CodeText.LongBytes(weight));
                }

                code.Sum($"{(waits ? slot : $"a{k}")} = ", terms, il);
            }

            from = to;
        }

        code.Close();
        return new CodeMethod(name, code.ToString(), code.IlBytes);
    }

    private static CodeMethod Store(ConvShape shape, Sum[] sums, Dictionary<int, RequantiseForm> forms, string name, CodeWorth worth)
    {
        SharedStore? shared = SharedStore.Of([.. sums.Select(s => s.Group)], forms, shape.OutMin, shape.OutMax, pooled: false, outputs: 1, worth);
        var code = new CodeText(2);
        code.Line("// All inputs are summed up: requantise and store.");
        code.Open($"public static void {name}(long[] s, sbyte[] y)", 1);
        RequantiseForm[] used = [.. sums.SelectMany(s => s.Group.Channels).Select(c => forms[c.Index])];
        RequantiseForm.Declare(code, used, shape.OutMin, shape.OutMax, raised: false);
        code.Line("long r0, r1, r2, r3;");
        foreach (Sum sum in sums)
        {
            LaneSegment[] segments = sum.Group.Segments;
            for (int k = 0; k < segments.Length; k++)
            {
                code.Line($"a = s[{sum.FirstSlot + k}];", 5);
                for (int l = 0; l < sum.Group.Channels.Length && segments.Length > 1; l++)
                    code.Line($"r{l} {(k == 0 ? "=" : "+=")} {LaneGroup.Unpack("a", segments[k].Lanes, l)};", k == 0 ? 8 : 11);
            }

            if (shared?.Takes(sum.Group, pooled: false) == true)
            {
                int first = sum.Group.Channels[0].Index;
                shared.Call(code, sum.Group, segments.Length == 1 ? ["a"] : [.. sum.Group.Channels.Select((_, l) => $"r{l}")], shape.Y(first), shape.IndexBytes(first, shape.YBase));
                continue;
            }

            for (int l = 0; l < sum.Group.Channels.Length; l++)
            {
                int channel = sum.Group.Channels[l].Index;
                string value = segments.Length > 1 ? $"r{l}" : LaneGroup.Unpack("a", segments[0].Lanes, l);
                RequantiseForm form = shape.IsFast ? forms[channel].Widened() : forms[channel];
                form.Write(code, value, segments.Length > 1 ? 2 : 7, $"y[{shape.Y(channel)}]", 1 + shape.IndexBytes(channel, shape.YBase), raised: false);
            }
        }

        code.Close();
        return new CodeMethod(name, code.ToString(), code.IlBytes) { Helpers = shared?.Methods ?? [] };
    }
}
